"""Where what matters lies in what a model sees, and how much of a map lies there. Pure arithmetic on arrays.

Shape legend: h, w cells of a map.
"""

from __future__ import annotations

import cv2
import numpy as np

from photobench.crop import geometry
from photobench.data.pack import PackSpec
from photobench.explain.record import Region
from photobench.records import Box

CENTRE: Region = (0.25, 0.25, 0.75, 0.75)
"""The quarter of the photo around its middle: what is asked about where no box is known."""
FINE = 128
"""Side to which maps are enlarged before they are measured: the region's edge lies within a cell."""


def region_in_view(box: Box, width: int, height: int, spec: PackSpec, crop: float) -> tuple[Region, str]:
    """Where the box, without its margin, lies in what the model sees of a photo of this size; the centre where there is none around something."""
    if not box.is_around_something or min(width, height) < 1:
        return CENTRE, "centre"
    left, top, right, bottom = geometry.region(box, width, height, spec.margin, spec.aspect)
    x, y = (left + right) / 2, (top + bottom) / 2
    wide, high = _shown(right - left, bottom - top, spec.fit if not box.angle else "pad")
    corners = np.array(box.corners) * (width, height, width, height)
    shown = (corners - (x, y, x, y)) / (wide * crop, high * crop, wide * crop, high * crop) + 0.5
    first, second, third, fourth = np.clip(shown, 0, 1).tolist()
    return ((first, second, third, fourth), "box") if third > first and fourth > second else (CENTRE, "centre")


def _shown(wide: float, high: float, fit: str) -> tuple[float, float]:
    """Width and height of the part of the photo that fills the stored square."""
    if fit == "squash":
        return wide, high
    side = max(wide, high) if fit == "pad" else min(wide, high)
    return side, side


def area(region: Region) -> float:
    left, top, right, bottom = region
    return (right - left) * (bottom - top)


def share_inside(map_hw: np.ndarray, region: Region) -> float:
    """The share of a map inside a region; NaN of an empty map."""
    total = float(map_hw.sum())
    if not total > 0:
        return float("nan")
    fine = enlarged(map_hw, FINE)
    left, top, right, bottom = (round(FINE * edge) for edge in region)
    return float(fine[top:bottom, left:right].sum() / fine.sum())


def enlarged(map_hw: np.ndarray, side: int) -> np.ndarray:
    """(side, side) float32 between the cells' centres, ≥ 0."""
    return cv2.resize(map_hw.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
