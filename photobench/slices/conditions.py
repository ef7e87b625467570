"""Conditions that photos meet or not: the kinds of photos that are looked at. Labels and answers have no say in which there are.

Shape legend: N photos, S conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from photobench.crop.words import HOW
from photobench.records import Said, Sentence
from photobench.slices.facts import CLASS, LABEL

FEWEST_PHOTOS = 20
LARGEST_SHARE = 2 / 3
"""Of the photos: beyond that, what is left to compare with is the exception."""
MAX_VALUES = 60
"""Values of a text that are looked at, the most frequent ones."""
LOW, HIGH = (0.05, 0.1, 0.2, 0.35), (0.65, 0.8, 0.9, 0.95)
"""Shares of the photos below the places where a number is cut."""
PAIRED_LOW, PAIRED_HIGH = 0.2, 0.8
"""The cuts that are combined with other conditions."""


@dataclass(frozen=True)
class Number:
    """How a number is spoken of: the phrases of its two ends, and how a value of it is written."""

    low: str
    high: str
    name: str
    scale: float = 1.0
    unit: str = ""

    def beyond(self, is_low: bool) -> str:
        """A form of the limit: `"(brightness under {limit:g} of 255)"`."""
        return f"({self.name} {'under' if is_low else 'over'} {{limit:g}}{self.unit})"

    def sentence(self, column: str, is_low: bool) -> Sentence:
        """The photos beyond a limit by a name: `"dark (brightness under 60 of 255)"`."""
        end = (self.low if is_low else self.high).removeprefix("are ")
        end = f"with {end.removeprefix('have ')}" if end.startswith("have ") else end
        return Sentence(f"{'low' if is_low else 'high'} {column.replace('_', ' ')}", f"{end} {self.beyond(is_low)}")


NUMBERS = {
    "brightness": Number("are dark", "are bright", "brightness", 255, " of 255"),
    "contrast": Number("have little contrast", "have strong contrast", "contrast", 255, " of 255"),
    "sharpness": Number("are soft", "are crisp", "sharpness"),
    "colour": Number("are pale", "are colourful", "colourfulness"),
    "side_px": Number("are small", "are large", "shorter side", 1, " px"),
    "proportions": Number("are narrow", "are wide", "width : height"),
    "bits_per_pixel": Number("are strongly compressed", "are hardly compressed", "bits per pixel"),
    "box_score": Number("have a doubtful box", "have a sure box", "confidence"),
    "box_found": Number("have one candidate for the box", "have several candidates for the box", "candidates"),
    "box_side": Number("have a small box", "have a large box", "its side", 100, " % of the photo's"),
    "group_size": Number("are of groups with few photos", "are of groups with many photos", "photos of the group"),
}
"""Facts that are numbers; every other one is a text."""
ENDS = {
    (column, is_low): about.sentence(column, is_low) for column, about in NUMBERS.items() for is_low in (True, False)
}
FILES = Sentence("files of a kind", "{kind} files")


@dataclass(frozen=True)
class Condition:
    """`words` follow "Photos that": "are dark (brightness under 60 of 255)". `columns`: the facts it is about. `said` is a name of
    its photos in any language; nothing for what is called by the user's own words."""

    words: str
    columns: tuple[str, ...]
    meets_N: np.ndarray
    parts: tuple[int, ...] = ()
    """Of two conditions at once: their places in the list."""
    said: Said = field(default_factory=Said)


def conditions(facts: pd.DataFrame) -> list[Condition]:
    """Every condition that enough photos meet, then pairs of them; of those that the same photos meet only the first."""
    kept = _Kept(len(facts))
    paired = []
    for one, is_paired in _singles(facts):
        if kept.add(one) and is_paired:
            paired.append(len(kept.found) - 1)
    for first, second in combinations(paired, 2):
        kept.add_pair(first, second)
    return kept.found


def looks(facts: pd.DataFrame) -> list[Condition]:
    """What photos look like and what kind of file they are, one condition at a time, each at a single cut on either side: few enough to
    be told beside the labels without making all intervals much wider."""
    kept = _Kept(len(facts))
    for one, is_paired in _singles(facts[[column for column in facts if column in NUMBERS or column == "format"]]):
        if is_paired:
            kept.add(one)
    return kept.found


class _Kept:
    """The conditions so far, none of which is met by the same photos as another."""

    def __init__(self, num_photos: int):
        self.found: list[Condition] = []
        self._seen: set[bytes] = set()
        self._most = LARGEST_SHARE * num_photos

    def add(self, condition: Condition) -> bool:
        key = np.packbits(condition.meets_N).tobytes()
        if not FEWEST_PHOTOS <= condition.meets_N.sum() <= self._most or key in self._seen:
            return False
        self._seen.add(key)
        self.found.append(condition)
        return True

    def add_pair(self, first: int, second: int) -> None:
        one, other = self.found[first], self.found[second]
        columns = (*one.columns, *other.columns)
        if one.columns == other.columns or (CLASS in columns and all(c.startswith(LABEL) for c in columns)):
            return  # a label and the class that it composes: the class alone says as much
        self.add(Condition(f"{one.words} and {other.words}", columns, one.meets_N & other.meets_N, (first, second)))


def _singles(facts: pd.DataFrame) -> Iterator[tuple[Condition, bool]]:
    """Each with whether it is combined with others."""
    for column in facts.columns:
        yield from _of_number(facts, column) if column in NUMBERS else _of_text(facts, column)


def _of_text(facts: pd.DataFrame, column: str) -> Iterator[tuple[Condition, bool]]:
    known = facts[column].dropna()
    for value in known[known != ""].value_counts(sort=True).index[:MAX_VALUES]:
        said = FILES(kind=str(value).upper()) if column == "format" else Said()
        meets_N = (facts[column] == value).to_numpy()
        yield Condition(_words(column, str(value)), (column,), meets_N, said=said), column != "folder"


def _words(column: str, value: str) -> str:
    if column == "box_how":
        return f"were cut so: {HOW.get(value, value)}"
    if column in ("folder", "format"):
        return f"lie in the folder “{value}”" if column == "folder" else f"are {value.upper()} files"
    name = column.removeprefix(LABEL)
    return f"are “{value}”" if name in ("label", "class") else f"have {name} = {value}"


def _of_number(facts: pd.DataFrame, column: str) -> Iterator[tuple[Condition, bool]]:
    about, values_N = NUMBERS[column], facts[column].to_numpy(dtype=np.float64) * NUMBERS[column].scale
    known = values_N[np.isfinite(values_N)]
    if not len(known) or known.min() == known.max():
        return
    for share in (*LOW, *HIGH):
        limit = _rounded(float(np.quantile(known, share)), float(known.max() - known.min()))
        is_low = share < 0.5
        words = f"{about.low if is_low else about.high} {about.beyond(is_low).format(limit=limit)}"
        with np.errstate(invalid="ignore"):
            meets_N = values_N < limit if is_low else values_N > limit
        said = ENDS[column, is_low](limit=limit)
        yield Condition(words, (column,), meets_N, said=said), share in (PAIRED_LOW, PAIRED_HIGH)


def _rounded(value: float, spread: float) -> float:
    """To a hundredth of the spread or so: a limit that a person can say."""
    digits = int(np.floor(np.log10(max(spread, 1e-9)))) - 1
    return round(value, -digits)
