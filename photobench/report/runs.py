"""All runs of a workspace as a table of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from photobench.compare.table import RunLine, highest
from photobench.report.numbers import MISSING, Estimate, estimate
from photobench.words import duration, size_text

SHOWN = 60
"""Runs at the most: those with the highest scores."""


@dataclass(frozen=True)
class Row:
    line: RunLine
    macro_f1: Estimate
    accuracy: Estimate
    time: str
    size: str
    is_this: bool  # the one that the report is of


@dataclass(frozen=True)
class RunsView:
    words: str
    rows: list[Row]
    num_hidden: int


def view(lines: Sequence[RunLine], this: str) -> RunsView:
    """In the order of their names; where there are too many, those with the highest scores."""
    shown = sorted(lines, key=lambda line: -(line.macro_f1.value if line.macro_f1.value == line.macro_f1.value else -1))
    shown = sorted(shown[:SHOWN], key=lambda line: line.name)
    return RunsView(_words(lines), [_row(line, this) for line in shown], max(0, len(lines) - SHOWN))


def _row(line: RunLine, this: str) -> Row:
    time = duration(line.seconds) if line.seconds == line.seconds else MISSING
    return Row(
        line,
        estimate("macro_f1", line.macro_f1.to_json()),
        estimate("accuracy", line.accuracy.to_json()),
        time,
        size_text(line.size_bytes, 1).replace(" ", "\u00a0"),
        line.name == this,
    )


def _words(lines: Sequence[RunLine]) -> str:
    """The highest, and how many others have an interval that its score lies in: the table alone does not tell them apart."""
    best = highest(lines)
    if best is None:
        return ""
    near = [one for one in lines if one is not best and one.macro_f1.high >= best.macro_f1.value]
    text = f"The highest macro F1 is that of {best.name}."
    if near:
        holds = (
            "1 other holds it in its interval" if len(near) == 1 else f"{len(near)} others hold it in their intervals"
        )
        text += f" {holds}, so the order may be chance."
    return text
