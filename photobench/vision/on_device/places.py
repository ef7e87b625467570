"""What moves or hides parts of photos."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from photobench.vision.on_device.sampling import sampled


def warp(images: Tensor, numbers: Tensor) -> Tensor:
    """Each place is looked up where a matrix (9 numbers) says."""
    return sampled(images, functional.pad(numbers, (0, 2)), images.shape[-1])


def flip_x(images: Tensor, _: Tensor) -> Tensor:
    """Left and right exchanged."""
    return images.flip(3)


def flip_y(images: Tensor, _: Tensor) -> Tensor:
    """Top and bottom exchanged."""
    return images.flip(2)


def transpose(images: Tensor, _: Tensor) -> Tensor:
    """Rows become columns."""
    return images.transpose(2, 3).contiguous()


def patch(images: Tensor, numbers: Tensor) -> Tensor:
    """A rectangle in one colour: left, top, right, bottom, red, green, blue."""
    left, top, right, bottom = numbers[:, :4, None, None].unbind(1)
    x = torch.arange(images.shape[3], device=images.device)
    y = torch.arange(images.shape[2], device=images.device)[:, None]
    inside = (x >= left) & (x < right) & (y >= top) & (y < bottom)
    return torch.where(inside[:, None], numbers[:, 4:, None, None], images)
