"""Words for lists, shares, sizes and times, and tables: the same wherever photobench speaks. Plain values in, text out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any


def listed(items: Sequence[str], limit: int = 4) -> str:
    """As part of a sentence: `"a, b and c"`; a long list ends in `"and 12 more"`."""
    shown = [*items[:limit], f"{len(items) - limit:,} more"] if len(items) > limit + 1 else items
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def examples(items: Iterable[Any], limit: int = 3, between: str = ", ") -> str:
    """As evidence beside a sentence: `"a, b, c, and 12 more"`; empty where there are none."""
    named = [str(item) for item in items]
    return between.join([*named[:limit], *([f"and {len(named) - limit:,} more"] if len(named) > limit else [])])


def quotes(items: Iterable[Any]) -> list[str]:
    """Each in quotes: `['"a"', '"b"']`."""
    return [f'"{item}"' for item in items]


def percent(share: float) -> str:
    """`"84 %"`; what is neither nothing nor all is never said to be: `"under 1 %"`, `"over 99 %"`; `"–"` for NaN."""
    if math.isnan(share):
        return "–"
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def belief(probability: float) -> str:
    """A probability that was estimated, in percent: never certain, whatever it was rounded to."""
    return "under 1 %" if probability < 0.01 else "over 99 %" if probability > 0.99 else percent(probability)


def size_text(num_bytes: float, digits: int = 0) -> str:
    """`"3.9 GB"`, `"72 MB"`; `digits` after the point of megabytes."""
    return f"{num_bytes / 1e9:,.1f} GB" if num_bytes >= 1e9 else f"{num_bytes / 1e6:,.{digits}f} MB"


def duration(seconds: float) -> str:
    """`"8 s"`, `"3 min 20 s"`, `"2 h 5 min"`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def count(number: int, noun: str, plural: str = "") -> str:
    """`"1 photo"`, `"20,000 photos"`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def columns(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> str:
    """Rows as aligned plain text; the last column runs free."""
    cells = [list(heads), *[[str(c) for c in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )
