"""What a lens and a sensor do: blur, sharpness, noise."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

MASK = 0xFFFFFFFF


def blur(images: Tensor, numbers: Tensor) -> Tensor:
    """By a kernel along both axes; beyond the edge is the mirror image."""
    return _weighed(_weighed(images, numbers, dim=2), numbers, dim=3)


def filter(images: Tensor, numbers: Tensor) -> Tensor:
    """By a square kernel, line by line."""
    side = math.isqrt(numbers.shape[1])
    reach, (height, width) = side // 2, images.shape[2:]
    padded = functional.pad(images, (reach,) * 4, mode="reflect")
    out = torch.zeros_like(images)
    for place, weight in enumerate(numbers[:, :, None, None, None].unbind(1)):
        down, right = divmod(place, side)
        out += weight * padded[:, :, down : down + height, right : right + width]
    return out


def noise(images: Tensor, numbers: Tensor) -> Tensor:
    """Normal noise: its mean and its width in levels, and a seed. It is a function of the seed and the place alone, on any device."""
    mean, width, seed = numbers[:, :, None].unbind(1)
    place = torch.arange(images[0].numel(), device=images.device)
    key = (seed.long() << 32) + 2 * place
    even, odd = ((_scrambled(one) + 0.5) / (MASK + 1.0) for one in (key, key + 1))
    normal = torch.sqrt(-2 * torch.log(even)) * torch.cos(2 * math.pi * odd)  # Box & Muller, 1958
    return images + (mean + width * normal).view(images.shape)


def _weighed(images: Tensor, kernels: Tensor, dim: int) -> Tensor:
    reach, length = kernels.shape[1] // 2, images.shape[dim]
    padded = functional.pad(images, (0, 0, reach, reach) if dim == 2 else (reach, reach, 0, 0), mode="reflect")
    out = torch.zeros_like(images)
    for place, weight in enumerate(kernels[:, :, None, None, None].unbind(1)):
        out += weight * padded.narrow(dim, place, length)
    return out


def _scrambled(key: Tensor) -> Tensor:
    """32 bits that look like chance, as float32: the low half of the key and its high half, mixed by multiplying."""
    bits = (key & MASK) ^ ((key >> 32) * 0x9E3779B1 & MASK)
    bits = ((bits ^ (bits >> 16)) * 0x45D9F3B) & MASK
    bits = ((bits ^ (bits >> 16)) * 0x45D9F3B) & MASK
    return (bits ^ (bits >> 16)).float()
