"""From a stored square to what the model sees: one fixed view, and the normalisation inside the model.

A photo's way is: upright (images), square of the pack (PackSpec), the view here, normalised. All of it is saved with the model, and
training's validation, prediction from the pack and prediction from a file run this same code.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import nn


def view_window(side_px: int, crop: float) -> tuple[int, int]:
    """Start and side of the centred square that is `crop` of the stored side, in pixels."""
    inner = max(1, round(side_px * crop))
    return (side_px - inner) // 2, inner


def fixed_view(stored_BSSC: np.ndarray, size_px: int, crop: float, out: np.ndarray | None = None) -> np.ndarray:
    """The centre of each stored square, (B, S, S, 3) → (B, size, size, 3) uint8. No resampling where the sizes agree."""
    start, inner = view_window(stored_BSSC.shape[1], crop)
    return cut_window(stored_BSSC, (start, start), inner, size_px, out)


def cut_window(
    stored_BSSC: np.ndarray, start: tuple[int, int], inner: int, size_px: int, out: np.ndarray | None = None
) -> np.ndarray:
    """The square of side `inner` at `start` (top, left) of each, brought to the size that the model sees."""
    top, left = start
    if out is None:
        out = np.empty((len(stored_BSSC), size_px, size_px, 3), np.uint8)
    for square, target in zip(stored_BSSC, out, strict=True):
        window = square[top : top + inner, left : left + inner]
        target[:] = window if inner == size_px else _scale(window, size_px)
    return out


def _scale(square: np.ndarray, size_px: int) -> np.ndarray:
    method = cv2.INTER_AREA if size_px < len(square) else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(square), (size_px, size_px), interpolation=method)


class Normalise(nn.Module):
    """uint8 (B, H, W, 3) → float (B, 3, H, W) in channels_last memory: (x / 255 − mean) / std."""

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]):
        super().__init__()
        scale = torch.tensor([1 / (255 * s) for s in std])
        shift = torch.tensor([-m / s for m, s in zip(mean, std, strict=True)])
        self.scale: torch.Tensor
        self.shift: torch.Tensor
        self.register_buffer("scale", scale, persistent=False)
        self.register_buffer("shift", shift, persistent=False)

    def forward(self, images_BHWC: torch.Tensor) -> torch.Tensor:
        batch, height, width, channels = images_BHWC.shape
        lines = images_BHWC.to(self.scale.dtype).view(batch, height, width * channels)
        # a whole line at once: over three channels at a time, the same sum takes ten times as long
        torch.addcmul(self.shift.repeat(width), lines, self.scale.repeat(width), out=lines)
        return lines.view(images_BHWC.shape).permute(0, 3, 1, 2)
