"""Methods that need not look: the whole photo, the same part of each, and boxes that the table gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from photobench.crop.found import Detector, Found
from photobench.crop.options import CropOptions
from photobench.records import Box


class Fixed(Detector):
    """The same part of every photo, known without looking at it; None where only the table knows."""

    def __init__(self, name: str, box: Box | None):
        self.box, self.fingerprint = box, name

    def detect(self, images: Sequence[np.ndarray]) -> list[Found]:
        return [self._found(*image.shape[:2]) for image in images]

    def _found(self, height: int, width: int) -> Found:
        if self.box is None:
            return Found()
        corners = np.array([[self.box.x1 * width, self.box.y1 * height, self.box.x2 * width, self.box.y2 * height]])
        return Found(corners.astype(np.float32), np.ones(1, np.float32), np.zeros((1, 0, 2), np.float32))


def centre_box(fraction: float) -> Box:
    """The middle of a photo: `fraction` of its width and of its height."""
    low, high = (1 - fraction) / 2, (1 + fraction) / 2
    return Box(low, low, high, high, how="center")


def whole(options: CropOptions, root: Path) -> Fixed:
    return Fixed("none", Box())


def centre(options: CropOptions, root: Path) -> Fixed:
    return Fixed(f"center {options.fraction}", centre_box(options.fraction))


def given(options: CropOptions, root: Path) -> Fixed:
    return Fixed("box", None)
