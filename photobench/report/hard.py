"""The photos whose labels trainings came to know last or never, from the margins that they kept."""

from __future__ import annotations

from dataclasses import dataclass

from photobench.report.inputs import HardPhoto, HardToLearn, ReportInputs
from photobench.report.pictures import Picture, picture
from photobench.words import count


@dataclass(frozen=True)
class HardView:
    words: str
    shown: list[tuple[HardPhoto, Picture | None]]
    several: bool
    """Of several attributes, each photo says which one is meant."""


def view(inputs: ReportInputs) -> HardView | None:
    """None where no training kept its margins."""
    found = inputs.hard
    if found is None or not found.photos:
        return None
    shown = [(one, picture(inputs.thumbnail, one.path)) for one in found.photos]
    return HardView(_words(found), shown, len(inputs.manifest.space.attributes) > 1)


def _words(found: HardToLearn) -> str:
    learned = f"Of {count(found.num_photos, 'photo')} that were learned"
    if not found.num_below:
        return f"{learned}, none kept a margin below zero: no other value scored higher than the label."
    return f"{learned}, {found.num_below:,} kept a margin below zero: averaged over the epochs, another value scored higher than the label."
