"""What maps levels to levels."""

from __future__ import annotations

import torch
from torch import Tensor


def solarize(images: Tensor, numbers: Tensor) -> Tensor:
    """Levels from a share of the largest on are inverted."""
    return torch.where(images >= 255 * numbers[:, :, None, None], 255 - images, images)


def posterize(images: Tensor, numbers: Tensor) -> Tensor:
    """Only so many of the eight bits of a level are kept."""
    step = torch.exp2(8 - numbers)[:, :, None, None]
    return torch.floor(images / step) * step


def autocontrast(images: Tensor, _: Tensor) -> Tensor:
    """The levels of each channel are stretched to 0 … 255."""
    least, most = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    span = most - least
    return torch.where(span > 0, (images - least) * (255 / span.clamp(min=1)), images)


def equalize(images: Tensor, _: Tensor) -> Tensor:
    """The levels of each channel are spread so that each is about as frequent."""
    levels = images.flatten(2).long()
    ones = torch.ones((), device=images.device).expand(levels.shape)
    counts = torch.zeros(*levels.shape[:2], 256, device=images.device).scatter_add_(2, levels, ones)
    up_to = counts.cumsum(2)
    first = counts.gather(2, (counts > 0).int().argmax(2, keepdim=True))
    rest = up_to[:, :, -1:] - first
    table = torch.where(rest > 0, (up_to - first) * 255 / rest.clamp(min=1), torch.arange(256.0, device=images.device))
    return table.gather(2, levels).view(images.shape)
