"""Smaller versions of an image, and of parts of it, by averaging: exactly as adaptive average pooling does it, in far less time.

What MTCNN finds hangs on the last digits of how a photo was reduced (docs/log.md): with OpenCV's INTER_AREA in the place of
facenet-pytorch's pooling it loses a face in twenty of web photos. So the averages here are the same, but read from sums that are made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np


class Averages:
    """The sums of all rectangles at an image's corner, from which the average of any rectangle takes four looks."""

    def __init__(self, image_HWC: np.ndarray):
        self.height, self.width = image_HWC.shape[:2]
        with_alpha = cv2.cvtColor(image_HWC, cv2.COLOR_RGB2RGBA)  # four values are read at once, three are not
        self._sums = cv2.integral(with_alpha, sdepth=cv2.CV_32S)  # (H + 1, W + 1, 4)

    def reduced(self, height: int, width: int, out: np.ndarray) -> None:
        """The whole image at this size, float32 from 0 to 255, into `out` (height, width, 3)."""
        top, bottom = _bins(np.array([self.height]), height)
        left, right = _bins(np.array([self.width]), width)
        rows = self._sums[bottom[0]] - self._sums[top[0]]
        sums = rows.take(right[0], axis=1) - rows.take(left[0], axis=1)
        areas = (bottom - top)[0][:, None] * (right - left)[0]
        np.multiply(sums[..., :3].astype(np.float32), (1 / areas).astype(np.float32)[..., None], out=out)

    def windows(self, corners_N4: np.ndarray, side_px: int) -> np.ndarray:
        """Parts of the image (left, top, right, bottom in whole pixels) as squares, (N, side, side, 3) float32 from 0 to 255."""
        left_N1, top_N1, right_N1, bottom_N1 = corners_N4.T[..., None]
        start_x, end_x = (bins + left_N1 for bins in _bins((right_N1 - left_N1)[:, 0], side_px))
        start_y, end_y = (bins + top_N1 for bins in _bins((bottom_N1 - top_N1)[:, 0], side_px))
        flat = self._sums.reshape(-1, 4)
        high, low = end_y[:, :, None] * (self.width + 1), start_y[:, :, None] * (self.width + 1)
        start, end = start_x[:, None, :], end_x[:, None, :]
        sums = flat.take(high + end, axis=0)
        sums -= flat.take(high + start, axis=0)
        sums -= flat.take(low + end, axis=0)
        sums += flat.take(low + start, axis=0)
        areas = (end_y - start_y)[:, :, None] * (end_x - start_x)[:, None, :]
        return sums[..., :3].astype(np.float32) * (1 / areas).astype(np.float32)[..., None]


def _bins(lengths_N: np.ndarray, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each of `parts` pieces of a length starts and ends, (N, parts): they may share a pixel, as in adaptive pooling."""
    numbers = np.arange(parts)
    return numbers * lengths_N[:, None] // parts, -(-(numbers + 1) * lengths_N[:, None] // parts)


@dataclass(frozen=True)
class Tile:
    """A size of an image, and where it lies on its canvas."""

    image: int
    scale: float
    height: int
    width: int
    top: int = 0
    left: int = 0


CANVAS_PIXELS = 1 << 16
"""Of a canvas, where its tiles allow it: what the network makes of it then stays in the processor's cache."""
GAP_PX = 2


def lay_out(tiles: Sequence[Tile]) -> list[list[Tile]]:
    """Tiles on canvases, in rows, at even places, a gap behind each: one call of the network looks at many small images."""
    wide = max(tile.width for tile in tiles) + GAP_PX
    canvases: list[list[Tile]] = []
    top = left = row_height = CANVAS_PIXELS  # no canvas yet: the first tile opens one
    for tile in sorted(tiles, key=lambda t: (-t.height, -t.width)):
        if left + tile.width > wide:
            top, left, row_height = top + row_height, 0, _even(tile.height + GAP_PX)
        if (top + tile.height) * wide > CANVAS_PIXELS and top > 0:
            canvases.append([])
            top, left, row_height = 0, 0, _even(tile.height + GAP_PX)
        canvases[-1].append(replace(tile, top=top, left=left))
        left += _even(tile.width + GAP_PX)
    return canvases


def _even(length: int) -> int:
    return length + length % 2


def paint(canvas: Sequence[Tile], averages: Sequence[Averages]) -> np.ndarray:
    """The tiles' pixels where they lie, (H, W, 3) float32 from 0 to 255."""
    height = max(tile.top + tile.height for tile in canvas) + GAP_PX
    width = max(tile.left + tile.width for tile in canvas) + GAP_PX
    out = np.zeros((_even(height), _even(width), 3), np.float32)
    for tile in canvas:
        bottom, right = tile.top + tile.height, tile.left + tile.width
        averages[tile.image].reduced(tile.height, tile.width, out[tile.top : bottom, tile.left : right])
    return out
