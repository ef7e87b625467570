"""What saving as JPEG loses, without the file: colours halved, blocks of eight by eight rounded in their frequencies.

ITU-T T.81 and JFIF. Packing the rounded numbers into bytes loses nothing, so it is left out.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

BLOCK = 8
LUMA = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100,
    103, 99,
)  # fmt: skip
CHROMA = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    *(99,) * 32,
)  # fmt: skip
"""Steps of the frequencies at quality 50: T.81, annex K."""


def jpeg(images: Tensor, numbers: Tensor) -> Tensor:
    """As saved with a quality of 1 to 100 and read again. Like the transform of albumentations, it takes red for blue."""
    blue, green, red = images.unbind(1)
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    to_blue, to_red = 0.564334 * (blue - bright) + 128, 0.713267 * (red - bright) + 128
    bright = _coded(bright.round(), LUMA, numbers, 2 * BLOCK)
    to_blue, to_red = (_halved(colour.round(), numbers) - 128 for colour in (to_blue, to_red))
    red, blue = bright + 1.402 * to_red, bright + 1.772 * to_blue
    green = bright - 0.344136 * to_blue - 0.714136 * to_red
    return torch.stack([blue, green, red], dim=1)


def _halved(plane_BHW: Tensor, qualities_B1: Tensor) -> Tensor:
    """A plane of colour: coded at half its size, and smooth between."""
    height, width = plane_BHW.shape[1:]
    even = functional.pad(plane_BHW[:, None], (0, width % 2, 0, height % 2), mode="replicate")
    small = _coded(functional.avg_pool2d(even, 2)[:, 0].round(), CHROMA, qualities_B1, BLOCK)
    large = functional.interpolate(small[:, None], scale_factor=2.0, mode="bilinear", align_corners=False)
    return large[:, 0, :height, :width].round()


def _coded(plane_BHW: Tensor, steps: tuple[int, ...], qualities_B1: Tensor, multiple: int) -> Tensor:
    """Levels after rounding the frequencies of each block. `multiple`: of a side, up to which the last line is repeated."""
    height, width = plane_BHW.shape[1:]
    padded = functional.pad(plane_BHW[:, None], (0, -width % multiple, 0, -height % multiple), mode="replicate")[:, 0]
    cosines, step = _cosines(plane_BHW.device), _steps(steps, qualities_B1)
    blocks = padded.unflatten(1, (-1, BLOCK)).unflatten(3, (-1, BLOCK)).transpose(2, 3) - 128
    rounded = (cosines @ blocks @ cosines.T / step).round() * step
    levels = (cosines.T @ rounded @ cosines + 128).transpose(2, 3).flatten(3).flatten(1, 2)
    return levels[:, :height, :width].round().clamp(0, 255)


def _steps(at_50: tuple[int, ...], qualities_B1: Tensor) -> Tensor:
    """(B, 1, 1, 8, 8), as libjpeg scales them."""
    percent = torch.where(qualities_B1 < 50, torch.floor(5000 / qualities_B1), 200 - 2 * qualities_B1)
    table = torch.tensor(at_50, dtype=torch.float32).to(qualities_B1.device, non_blocking=True)
    return torch.floor((table * percent + 50) / 100).clamp(1, 255).view(-1, 1, 1, BLOCK, BLOCK)


def _cosines(device: torch.device) -> Tensor:
    """The discrete cosine transform, (8, 8): frequency by place."""
    places = torch.arange(BLOCK, dtype=torch.float32, device=device)
    angles = math.pi / BLOCK * places[:, None] * (places + 0.5)
    rows = torch.cos(angles) * 0.5
    return torch.cat([rows[:1] * math.sqrt(0.5), rows[1:]])
