"""Places in photos: where in one each pixel of another lies, and what is there."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def sampled(images_BCSS: Tensor, views: Tensor, size_px: int, looks: int = 1) -> Tensor:
    """(B, C, S, S) → (B, C, size, size), bilinear; what lies beyond the edge is the mirror image.

    `views` (B, 11): see `Recipe`. With several looks a pixel is the mean of points in it, which is near to what its area holds.
    """
    apart = 1 / math.sqrt(max(1, looks**2 - 1))  # whose variance is that of a pixel, 1 / 12
    steps = [(number + 0.5 - looks / 2) * apart for number in range(looks)]
    found = [_at(images_BCSS, _places(views, size_px, right, down)) for down in steps for right in steps]
    return found[0] if looks == 1 else torch.stack(found).mean(0)


def _places(views: Tensor, size_px: int, right: float, down: float) -> Tensor:
    """Where the pixels of the view lie in the stored square, (B, size, size, 2), in its pixels."""
    a, b, c, d, e, f, g, h, i, wide, high = views[:, :, None, None].unbind(1)
    steps = torch.arange(size_px, dtype=torch.float32, device=views.device)
    x, y = steps + wide * right, (steps + high * down).transpose(1, 2)
    depth = g * x + h * y + i  # 1, but for a perspective
    return torch.stack([(a * x + b * y + c) / depth, (d * x + e * y + f) / depth], dim=3)


def _at(images_BCSS: Tensor, places_BHW2: Tensor) -> Tensor:
    last = max(1, images_BCSS.shape[-1] - 1)
    mirrored = last - (places_BHW2.remainder(2 * last) - last).abs()
    grid = mirrored * (2 / last) - 1
    return functional.grid_sample(images_BCSS, grid, mode="bilinear", padding_mode="border", align_corners=True)
