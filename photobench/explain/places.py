"""Where in a network its last map of the photo is: found by a forward and a backward pass of one photo, for any model of timm.

Shape legend: B photos, C channels, h, w places of the map, N tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import Any, Literal

import torch
from torch import nn

from photobench.errors import ModelError
from photobench.vision.model import Classifier

FEWEST_CELLS = 6
"""Cells of a side of the map at least. A photo of 112 px is 4 × 4 at the end of a network: too coarse, and the stage before it says more."""
DEEPEST = 2
"""A layer's name has so many parts at most: blocks and stages, not what is inside of them, where a part of the information goes past."""

Layout = Literal["map", "map, channels last", "tokens"]


@dataclass(frozen=True)
class Place:
    """A layer whose output is a map of the photo, of `cells` × `cells` places; `prefix` tokens before them are none."""

    name: str
    layer: nn.Module
    layout: Layout
    cells: int
    prefix: int = 0

    def grid(self, values: torch.Tensor) -> torch.Tensor:
        """What the layer gives → (B, h, w, C)."""
        if self.layout == "map":
            return values.permute(0, 2, 3, 1)
        if self.layout == "tokens":
            values = values[:, self.prefix :]
            return values.reshape(len(values), self.cells, self.cells, -1)
        return values


def find_place(model: Classifier) -> Place:
    """The last layer whose output is a map fine enough, and of which more than one place matters to the answer.

    Raises:
        ModelError: there is none.
    """
    found: list[tuple[Place, torch.Tensor]] = []

    def keep(name: str, layer: nn.Module) -> Any:
        def hook(_: nn.Module, __: Any, output: Any) -> None:
            place = _as_place(name, layer, output, getattr(model.backbone, "num_prefix_tokens", 0))
            if place is not None and output.requires_grad:
                found.append((place, output))

        return hook

    hooks = [layer.register_forward_hook(keep(name, layer)) for name, layer in model.backbone.named_modules() if name]
    try:
        with torch.enable_grad():
            logits = model(_noise(model))
            strength = torch.stack([head.float().square().sum() for head in logits]).sum()
            grads = torch.autograd.grad(strength, [output for _, output in found], allow_unused=True) if found else ()
    finally:
        for hook in hooks:
            hook.remove()
    matter = [
        place for (place, _), grad in zip(found, grads, strict=True) if grad is not None and _matters(place, grad)
    ]
    return _best(matter, model.spec.backbone)


def _best(matter: list[Place], backbone: str) -> Place:
    if not matter:
        raise ModelError(f"{backbone} has no layer whose output is a map of the photo: where it looks cannot be shown.")
    whole = [place for place in matter if place.name.count(".") < DEEPEST] or matter
    fine = [place for place in whole if place.cells >= FEWEST_CELLS]
    return fine[-1] if fine else max(reversed(whole), key=lambda place: place.cells)


def _noise(model: Classifier) -> torch.Tensor:
    size_px, device = model.spec.size_px, next(model.parameters()).device
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (1, size_px, size_px, 3), generator=generator, dtype=torch.uint8).to(device)


def _as_place(name: str, layer: nn.Module, output: Any, num_prefix: int) -> Place | None:
    """None where the output is no square map; photos are squares here, so their maps are."""
    if not isinstance(output, torch.Tensor) or output.ndim not in (3, 4):
        return None
    if output.ndim == 3:
        cells = isqrt(max(output.shape[1] - num_prefix, 0))
        is_square = cells > 1 and cells * cells + num_prefix == output.shape[1]
        return Place(name, layer, "tokens", cells, num_prefix) if is_square else None
    _, first, second, third = output.shape
    if second == third > 1:
        return Place(name, layer, "map", second)
    return Place(name, layer, "map, channels last", first) if first == second > 1 else None


def _matters(place: Place, grad: torch.Tensor) -> bool:
    """Several of its places change the answer: in a ViT that is asked by its class token, no other does after the last block."""
    return int((place.grid(grad).abs().sum(dim=-1) > 0).sum()) > 1
