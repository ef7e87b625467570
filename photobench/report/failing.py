"""Where it fails: the slices that cost the most, each with photos that are wrong in it."""

from __future__ import annotations

from dataclasses import dataclass

from photobench.report.inputs import ReportInputs
from photobench.report.pictures import Picture, picture

EXAMPLES = 8
"""Photos of each slice that are shown."""


@dataclass(frozen=True)
class FailingSlice:
    title: str
    words: str
    cost: str
    pictures: list[Picture]


@dataclass(frozen=True)
class FailingView:
    heading: str
    verdict: str
    slices: list[FailingSlice]


def view(inputs: ReportInputs) -> FailingView | None:
    """None where no run was asked."""
    found = inputs.slices
    if found is None:
        return None
    shown = []
    for one in found.found:
        made = [picture(inputs.thumbnail, path) for path in one.paths[:EXAMPLES]]
        mostly = f", mostly {one.mostly}" if one.mostly else ""
        words = (
            f"{one.num_wrong:,} of {one.num_photos:,} are wrong ({100 * one.error:.0f}\u00a0%{mostly}), "
            f"against {100 * one.error_elsewhere:.0f}\u00a0% of the others."
        )
        shown.append(FailingSlice(f"Photos that {one.words}", words, one.cost, [p for p in made if p]))
    return FailingView(found.heading, found.verdict, shown)
