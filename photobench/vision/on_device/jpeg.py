"""What saving as JPEG loses, without the file: colours halved, blocks of eight by eight rounded in their frequencies.

ITU-T T.81 and JFIF. Packing the rounded numbers into bytes loses nothing, so it is left out.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

BLOCK = 8


def jpeg(images: Tensor, numbers: Tensor) -> Tensor:
    """As saved and read again. The numbers are the steps of 64 frequencies, line by line: of the brightness, and of both colours.

    Like the transform of albumentations, it takes red for blue.
    """
    of_bright, of_colour = numbers.view(-1, 2, 1, 1, BLOCK, BLOCK).unbind(1)
    blue, green, red = images.unbind(1)
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    to_blue, to_red = 0.564334 * (blue - bright) + 128, 0.713267 * (red - bright) + 128
    bright = _coded(bright.round(), of_bright, 2 * BLOCK)
    to_blue, to_red = (_halved(colour.round(), of_colour) - 128 for colour in (to_blue, to_red))
    red, blue = bright + 1.402 * to_red, bright + 1.772 * to_blue
    green = bright - 0.344136 * to_blue - 0.714136 * to_red
    return torch.stack([blue, green, red], dim=1)


def _halved(plane_BHW: Tensor, steps: Tensor) -> Tensor:
    """A plane of colour: coded at half its size, and smooth between."""
    height, width = plane_BHW.shape[1:]
    even = functional.pad(plane_BHW[:, None], (0, width % 2, 0, height % 2), mode="replicate")
    small = _coded(functional.avg_pool2d(even, 2)[:, 0].round(), steps, BLOCK)
    large = functional.interpolate(small[:, None], scale_factor=2.0, mode="bilinear", align_corners=False)
    return large[:, 0, :height, :width].round()


def _coded(plane_BHW: Tensor, steps: Tensor, multiple: int) -> Tensor:
    """Levels after rounding the frequencies of each block. `multiple`: of a side, up to which the last line is repeated."""
    height, width = plane_BHW.shape[1:]
    padded = functional.pad(plane_BHW[:, None], (0, -width % multiple, 0, -height % multiple), mode="replicate")[:, 0]
    cosines = _cosines(plane_BHW.device)
    blocks = padded.unflatten(1, (-1, BLOCK)).unflatten(3, (-1, BLOCK)).transpose(2, 3) - 128
    rounded = (cosines @ blocks @ cosines.T / steps).round() * steps
    levels = (cosines.T @ rounded @ cosines + 128).transpose(2, 3).flatten(3).flatten(1, 2)
    return levels[:, :height, :width].round().clamp(0, 255)


def _cosines(device: torch.device) -> Tensor:
    """The discrete cosine transform, (8, 8): frequency by place."""
    places = torch.arange(BLOCK, dtype=torch.float32, device=device)
    angles = math.pi / BLOCK * places[:, None] * (places + 0.5)
    rows = torch.cos(angles) * 0.5
    return torch.cat([rows[:1] * math.sqrt(0.5), rows[1:]])
