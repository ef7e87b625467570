"""Sharpness-aware minimisation: the gradient is taken where the loss nearby is highest. Foret et al., ICLR 2021."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from photobench.train.norms import norms_kept


@contextmanager
def climbed(model: nn.Module, radius: float) -> Iterator[None]:
    """Inside, the weights are `radius` further along their gradient, which is forgotten; afterwards they are where they were.

    The gradient that is found inside stays. Batch norm sees the photos twice, and keeps only what it saw before.
    """
    weights: list[torch.Tensor] = [p for p in model.parameters() if p.grad is not None]
    own = [p.detach().clone() for p in weights]
    with torch.no_grad():
        gradients = [p.grad for p in weights if p.grad is not None]
        scale = radius / (nn.utils.get_total_norm(gradients) + 1e-12)
        climb = torch._foreach_mul(gradients, scale)
        # where a gradient of fp16 overflowed there is no way up; its step is left out anyway
        torch._foreach_add_(weights, [way.nan_to_num(0.0, 0.0, 0.0) for way in climb])
    model.zero_grad(set_to_none=True)
    try:
        with norms_kept(model):
            yield
    finally:
        with torch.no_grad():
            torch._foreach_copy_(weights, own)
