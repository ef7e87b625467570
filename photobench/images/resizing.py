"""A photo of any size -> the square that a model or a page wants."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from PIL import Image

Fit = Literal["crop", "squash", "pad"]
PAD_GREY = 114  # the border of "pad", Ultralytics' convention


def resize(
    pixels: np.ndarray, size_px: int, fit: Fit, window: tuple[float, float, float, float] | None = None
) -> np.ndarray:
    """Bring a photo (H, W, 3) uint8 of any size to a square (size_px, size_px, 3) uint8, antialiased.

    Of the photo, only `window` (left, top, right, bottom, real-valued pixels) is taken where it is given.

    "crop"    the shorter side becomes size_px; the longer one loses the same amount at both ends
    "squash"  both sides become size_px; the proportions change
    "pad"     the longer side becomes size_px; a grey border on both sides fills the rest (an odd pixel goes
              below or right)
    """
    _check_resize(pixels, size_px, fit)
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    window = window or (0.0, 0.0, float(width), float(height))
    if fit == "pad":
        return _padded(image, size_px, window)
    return np.array(_scaled(image, (size_px, size_px), _central_square(window, size_px) if fit == "crop" else window))


def _check_resize(pixels: np.ndarray, size_px: int, fit: str) -> None:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or pixels.size == 0:
        raise ValueError(f"pixels must be (H, W, 3) uint8 with H, W >= 1, not {pixels.shape} {pixels.dtype}")
    if size_px < 1:
        raise ValueError(f"size_px must be at least 1, not {size_px}")
    if fit not in get_args(Fit):
        raise ValueError(f'fit must be one of {", ".join(get_args(Fit))}, not "{fit}"')


def _central_square(window: tuple[float, float, float, float], size_px: int) -> tuple[float, float, float, float]:
    """What torchvision's Resize(size_px) and CenterCrop(size_px) take, to the fraction of a pixel: weights were made with those."""
    left, top, right, bottom = window
    x1, x2 = _middle(right - left, min(right - left, bottom - top), size_px)
    y1, y2 = _middle(bottom - top, min(right - left, bottom - top), size_px)
    return left + x1, top + y1, left + x2, top + y2


def _middle(side: float, shorter: float, size_px: int) -> tuple[float, float]:
    """Along one side: it becomes a whole number of pixels, of which the middle ones are taken."""
    scaled = max(int(size_px * side / shorter), size_px)  # the shorter side itself, whatever its last digits
    start = round((scaled - size_px) / 2)
    return start * side / scaled, (start + size_px) * side / scaled


def _padded(image: Image.Image, size_px: int, window: tuple[float, float, float, float]) -> np.ndarray:
    sides = window[2] - window[0], window[3] - window[1]
    scale = size_px / max(sides)
    width, height = (max(1, round(side * scale)) for side in sides)
    left, top = (size_px - width) // 2, (size_px - height) // 2
    out = np.full((size_px, size_px, 3), PAD_GREY, np.uint8)
    scaled = _scaled(image, (width, height), window)
    out[top : top + height, left : left + width] = np.asarray(scaled)
    return out


def _scaled(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Image.Image:
    """Bicubic, with antialiasing. A reduction of more than 6× averages whole pixels first (reducing_gap)."""
    return image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)
