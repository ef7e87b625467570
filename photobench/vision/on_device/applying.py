"""A recipe followed: views sampled, operations called, photos mixed."""

from __future__ import annotations

import torch
from torch import Tensor

from photobench.vision.mix import Mixing
from photobench.vision.on_device.operations import OPERATIONS
from photobench.vision.on_device.sampling import sampled
from photobench.vision.recipe import Recipe


@torch.no_grad()
def augmented(stored_BSSC: Tensor, recipe: Recipe) -> Tensor:
    """Stored squares (B, S, S, 3) uint8 → photos (B, size, size, 3) uint8, where the squares are."""
    device = stored_BSSC.device
    views = recipe.views.to(device, non_blocking=True)
    images = whole(sampled(stored_BSSC.permute(0, 3, 1, 2).float(), views, recipe.size_px, recipe.looks))
    tables = recipe.numbers.to(device, non_blocking=True).split([count * (1 + width) for _, count, width in recipe.calls])
    for (name, count, width), table in zip(recipe.calls, tables, strict=True):
        rows, *numbers = table.view(count, 1 + width).split([1, width], dim=1)
        images = _called(name, images, rows.flatten().long(), numbers[0])
    return images.to(torch.uint8).permute(0, 2, 3, 1).contiguous()


@torch.no_grad()
def mixed(images_BHWC: Tensor, mixing: Mixing) -> Tensor:
    """Photos (B, H, W, 3) uint8 mixed as was drawn."""
    if mixing.share == 1:
        return images_BHWC
    others = images_BHWC[torch.as_tensor(mixing.partner_B).to(images_BHWC.device, non_blocking=True)]
    if mixing.window is None:
        return whole(mixing.share * images_BHWC.float() + (1 - mixing.share) * others.float()).to(torch.uint8)
    out = images_BHWC.clone()
    rows, columns = mixing.window
    out[:, rows, columns] = others[:, rows, columns]
    return out


def whole(images: Tensor) -> Tensor:
    """Levels as bytes hold them: after each operation, as where each of them makes bytes."""
    return images.round_().clamp_(0, 255)


def _called(name: str, images_BCHW: Tensor, rows: Tensor, numbers: Tensor) -> Tensor:
    operation = OPERATIONS[name]
    if len(rows) == len(images_BCHW):  # all of them, in their order
        return whole(operation(images_BCHW, numbers))
    return images_BCHW.index_copy_(0, rows, whole(operation(images_BCHW[rows], numbers)))
