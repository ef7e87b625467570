"""From a box to the pixels that are cut out: margin, proportions, the edges of the photo, level eyes. Pure arithmetic on arrays."""

from __future__ import annotations

import math

import cv2
import numpy as np

from photobench import images
from photobench.images import Fit
from photobench.records import Box

Window = tuple[float, float, float, float]
"""left, top, right, bottom in pixels."""


def region(box: Box, width: int, height: int, margin: float, aspect: float) -> Window:
    """What is cut out of an upright photo, in its pixels: the box with its margin, in the proportions asked for.

    It is moved into the photo where it would lie across an edge, and cut where it is larger than the photo. A box that is not
    around anything (the centre, the whole photo) is taken as it is.
    """
    left, top, right, bottom = box.x1 * width, box.y1 * height, box.x2 * width, box.y2 * height
    if not box.is_around_something:
        return left, top, right, bottom
    wide, high = (right - left) * (1 + 2 * margin), (bottom - top) * (1 + 2 * margin)
    if aspect:
        wide, high = max(wide, high * aspect), max(high, wide / aspect)
    left, right = _inside((left + right) / 2, wide, width)
    top, bottom = _inside((top + bottom) / 2, high, height)
    return left, top, right, bottom


def _inside(centre: float, length: float, limit: int) -> tuple[float, float]:
    """Start and end, in whole pixels: detectors differ in the last digit from batch to batch, whole pixels do not."""
    length = min(max(round(length), 1), limit)
    start = min(max(round(centre - length / 2), 0), limit - length)
    return start, start + length


def min_side_px(box: Box, size_px: int) -> int:
    """How small a photo may be decoded (see `images.decode`) so that what is cut out of it still fills size_px."""
    share = min(box.x2 - box.x1, box.y2 - box.y1)
    return math.ceil(size_px / max(share, 1e-3))


def cut(pixels: np.ndarray, box: Box, window: Window, size_px: int, fit: Fit) -> np.ndarray:
    """The window of a decoded photo (H, W, 3) as a square (size_px, size_px, 3). The window is in pixels of this array."""
    if box.angle:
        return _level(pixels, window, box.angle, size_px)
    return images.resize(pixels, size_px, fit, window)


def _level(pixels: np.ndarray, window: Window, angle: float, size_px: int) -> np.ndarray:
    """The square around the window's middle, turned by `angle` degrees. Beyond the edge the photo is continued by its border."""
    left, top, right, bottom = window
    side = max(right - left, bottom - top)
    middle = ((left + right) / 2, (top + bottom) / 2)
    if side > size_px:  # a turn samples single pixels: first reduce, averaging, to the scale of the result
        factor = size_px / side
        height, width = pixels.shape[:2]
        reduced = (max(1, round(width * factor)), max(1, round(height * factor)))
        pixels = cv2.resize(pixels, reduced, interpolation=cv2.INTER_AREA)
        middle = (middle[0] * reduced[0] / width, middle[1] * reduced[1] / height)
        side = size_px
    turn = cv2.getRotationMatrix2D(middle, angle, size_px / side)
    turn[0, 2] += size_px / 2 - middle[0]
    turn[1, 2] += size_px / 2 - middle[1]
    return cv2.warpAffine(pixels, turn, (size_px, size_px), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def eye_angle(landmarks_P2: np.ndarray) -> float:
    """Degrees by which the line of the eyes (the first two landmarks) is turned; 0 without landmarks."""
    if len(landmarks_P2) < 2:
        return 0.0
    first, second = sorted(landmarks_P2[:2].tolist())  # the left one in the picture first
    return round(math.degrees(math.atan2(second[1] - first[1], second[0] - first[0])), 1)
