"""Words for lists, shares and sizes, the same wherever photobench speaks: plain values in, text out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any


def listed(items: Sequence[str], limit: int = 4) -> str:
    """As part of a sentence: `"a, b and c"`; a long list ends in `"and 12 more"`."""
    shown = [*items[:limit], f"{len(items) - limit:,} more"] if len(items) > limit + 1 else items
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def examples(items: Iterable[Any], limit: int = 3) -> str:
    """As evidence beside a sentence: `"a, b, c, and 12 more"`; empty where there are none."""
    named = [str(item) for item in items]
    return ", ".join(named[:limit]) + (f", and {len(named) - limit:,} more" if len(named) > limit else "")


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
