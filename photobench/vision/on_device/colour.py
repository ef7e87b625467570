"""What changes colours and light. Levels are cut off behind the point where the loader's libraries do so."""

from __future__ import annotations

import torch
from torch import Tensor

from photobench.vision.recipe import GREY, MEAN_GREY

GREY_OF_RGB = (0.299, 0.587, 0.114)


def light(images: Tensor, numbers: Tensor) -> Tensor:
    """Levels times the first number, plus the second."""
    factor, more = _each(numbers)
    return torch.floor(images * factor + more)


def blend(images: Tensor, numbers: Tensor) -> Tensor:
    """Towards what the first number says, or away from it: the second number is the share of the photo itself."""
    towards, factor = _each(numbers)
    grey = grey_of(images)
    mean = grey.mean((1, 2, 3), keepdim=True)
    base = torch.where(towards == GREY, grey, torch.where(towards == MEAN_GREY, mean, torch.zeros_like(mean)))
    blended = base + factor * (images - base)
    return torch.where(towards == GREY, blended, blended.floor())


def hue(images: Tensor, numbers: Tensor) -> Tensor:
    """Hues turned by a share of the circle; value and saturation stay."""
    most, least = images.amax(1), images.amin(1)
    chroma = most - least
    turned = _sixth(images, most, chroma) + 6 * numbers[:, :, None]
    channels = []
    for start in (5, 3, 1):  # Smith, SIGGRAPH 1978, as one formula for each of red, green and blue
        at = (start + turned).remainder(6)
        channels.append(most - chroma * torch.minimum(at, 4 - at).clamp(0, 1))
    return torch.stack(channels, dim=1)


def grey_of(images: Tensor) -> Tensor:
    """(B, 1, H, W), in whole levels."""
    red, green, blue = images.split(1, dim=1)
    return (GREY_OF_RGB[0] * red + GREY_OF_RGB[1] * green + GREY_OF_RGB[2] * blue).round()


def _sixth(images: Tensor, most: Tensor, chroma: Tensor) -> Tensor:
    """The hue in sixths of the circle."""
    red, green, blue = images.unbind(1)
    width = chroma.clamp(min=1)
    of_red, of_green, of_blue = (green - blue) / width, (blue - red) / width + 2, (red - green) / width + 4
    return torch.where(most == red, of_red, torch.where(most == green, of_green, of_blue))


def _each(numbers: Tensor) -> tuple[Tensor, ...]:
    return numbers[:, :, None, None, None].unbind(1)
