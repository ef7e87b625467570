"""A recipe followed: views sampled, operations called, photos mixed."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from photobench.vision.mix import Mixing
from photobench.vision.on_device.operations import OPERATIONS
from photobench.vision.on_device.sampling import sampled
from photobench.vision.recipe import Recipe


@torch.no_grad()
def augmented(stored_BSSC: Tensor, recipes: Sequence[Recipe]) -> Tensor:
    """Stored squares (B, S, S, 3) uint8 → photos (B, size, size, 3) uint8, where the squares are."""
    parts = stored_BSSC.split([recipe.num_photos for recipe in recipes])
    images = [_followed(recipe, part) for recipe, part in zip(recipes, parts, strict=True)]
    return images[0] if len(images) == 1 else torch.cat(images)


def _followed(recipe: Recipe, stored_BSSC: Tensor) -> Tensor:
    device = stored_BSSC.device
    views = recipe.views.to(device, non_blocking=True)
    images = whole(sampled(stored_BSSC.permute(0, 3, 1, 2).float(), views, recipe.size_px, recipe.looks))
    numbers = recipe.numbers.to(device, non_blocking=True)
    parts = numbers.split([num * (1 + width) for _, num, width in recipe.calls])
    for (name, num, width), part in zip(recipe.calls, parts, strict=True):
        table = part.view(num, 1 + width)
        images = _called(name, images, table[:, 0].long(), table[:, 1:])
    return images.to(torch.uint8).permute(0, 2, 3, 1).contiguous()


@torch.no_grad()
def mixed(images_BHWC: Tensor, mixing: Mixing, partner_B: Tensor) -> Tensor:
    """Photos (B, H, W, 3) uint8 mixed as was drawn. `partner_B`: that of the mixing, in memory from which a device can fetch it."""
    if mixing.share == 1:
        return images_BHWC
    others = images_BHWC[partner_B.to(images_BHWC.device, non_blocking=True)]
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
