"""One box for each photo: which of several, and what where nothing was found. Nothing is decided in silence: `how` says which it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from photobench.crop.fixed import centre_box
from photobench.crop.found import Found
from photobench.crop.geometry import eye_angle
from photobench.crop.options import CropOptions
from photobench.records import Box


@dataclass(frozen=True)
class Look:
    """What was seen in one photo: `found` in pixels of the full upright photo of this size."""

    width: int
    height: int
    found: Found
    trouble: str = ""
    """Why nothing could be seen, where that has a reason: the photo, or the detector."""

    @property
    def failed(self) -> bool:
        """The photo could be read, and the detector raised something."""
        return bool(self.trouble) and self.width > 0


@dataclass(frozen=True)
class Chosen:
    """The box of a photo, how sure it is, and among how many it was chosen."""

    box: Box
    score: float = float("nan")
    num_found: int = 0


def choose(look: Look, options: CropOptions) -> Chosen | None:
    """The box that the options prefer; None where nothing counts as found."""
    boxes_F4 = np.clip(look.found.boxes_F4, 0, [look.width, look.height, look.width, look.height])
    sides_F2 = boxes_F4[:, 2:] - boxes_F4[:, :2]
    counts = (look.found.scores_F >= options.min_score) & (
        sides_F2.min(axis=1, initial=np.inf) >= max(options.min_side_px, 1)
    )
    candidates = np.flatnonzero(counts)
    if not len(candidates):
        return None
    best = candidates[_preference(boxes_F4[candidates], look, options, look.found.scores_F[candidates]).argmax()]
    x1, y1, x2, y2 = boxes_F4[best].tolist()
    angle = eye_angle(look.found.landmarks_FP2[best]) if options.align else 0.0
    box = Box(x1 / look.width, y1 / look.height, x2 / look.width, y2 / look.height, angle, "found")
    return Chosen(box, float(look.found.scores_F[best]), len(candidates))


def _preference(boxes_F4: np.ndarray, look: Look, options: CropOptions, scores_F: np.ndarray) -> np.ndarray:
    """(F,) larger is better; the first of equals is taken."""
    if options.several == "confident":
        return scores_F
    if options.several == "largest":
        return (boxes_F4[:, 2:] - boxes_F4[:, :2]).prod(axis=1)
    middle_F2 = (boxes_F4[:, :2] + boxes_F4[:, 2:]) / 2
    return -np.hypot(*(middle_F2 - np.array([look.width, look.height]) / 2).T)


def usual_box(boxes: Sequence[Box]) -> Box:
    """The median of each side; the whole photo where there is none."""
    if not boxes:
        return Box(how="median")
    return Box.of(np.median([box.corners for box in boxes], axis=0).round(4), "median")


def fall_back(options: CropOptions, usual: Box, of_group: Mapping[str, Box], group: str) -> Box:
    """What is cut out of a photo in which nothing was found. A group of which nothing is known gets the usual box."""
    if options.nothing == "whole":
        return Box()
    if options.nothing == "center":
        return centre_box(options.fraction)
    return of_group.get(group, usual) if options.nothing == "group" else usual
