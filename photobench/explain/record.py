"""The records of explanations: where a model looked in a photo, and what many such maps say together. Without torch.

Shape legend: h, w cells of a map; H, W pixels of what the model sees; V values of an attribute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photobench.evaluation import Figure

Region = tuple[float, float, float, float]
"""left, top, right, bottom as fractions of what the model sees."""


@dataclass(frozen=True)
class Look:
    """Of one photo and one attribute: which parts speak for what was said, and which for what is true.

    Attributes:
        probabilities: of each value of the attribute, by the model that is explained.
        said_hw, truth_hw: how much each part of the photo speaks for the value, ≥ 0, with a sum of 1, or of 0 where none does;
            `truth_hw` is None where what was said is true, or the truth is not known.
        inside: the share of `said_hw` that lies inside the photo's region; NaN where the map is empty.
    """

    attribute: str
    said: str
    truth: str
    probabilities: dict[str, float]
    said_hw: np.ndarray
    truth_hw: np.ndarray | None
    inside: float

    @property
    def is_wrong(self) -> bool:
        return bool(self.truth) and self.truth != self.said


@dataclass(frozen=True)
class PhotoLooks:
    """A photo with where the model looked for each attribute. `run`: the training that is explained."""

    path: str
    run: str
    image_HWC: np.ndarray
    region: Region
    region_name: str
    """What the region is: "box", the found thing without its margin, or "centre"."""
    looks: tuple[Look, ...]
    way: str = ""
    """How its maps were made."""
    was_learned: bool = False
    """Every model behind the answer has learned from this photo, so its answer says little."""

    @property
    def is_wrong(self) -> bool:
        return any(look.is_wrong for look in self.looks)


@dataclass(frozen=True)
class Habit:
    """Of an attribute over many photos: the share of the maps inside the region where the answer is right, and where it is wrong.

    `difference`: by how much less is inside where it is wrong. `by_value`: value, photos, share inside.
    """

    attribute: str
    num_right: int
    num_wrong: int
    right: Figure
    wrong: Figure
    difference: Figure
    by_value: tuple[tuple[str, int, float], ...]


@dataclass(frozen=True)
class Hiding:
    """Whether the maps tell what the answers hang on: the probability that is lost when what they mark is covered.

    `marked`: the strongest `share` of the map; `elsewhere`: as large a part in the same shape, at another place of the photo.
    """

    num_photos: int
    share: float
    marked: Figure
    elsewhere: Figure
    difference: Figure

    @property
    def is_believable(self) -> bool:
        return self.difference.low > 0


@dataclass(frozen=True)
class Habits:
    """What the maps of many photos say together, and whether they may be believed. `area`: the region's share of the photo, on average."""

    num_photos: int
    region_name: str
    area: float
    attributes: tuple[Habit, ...]
    hiding: Hiding | None
