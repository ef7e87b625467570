"""Which parts of a photo speak for an answer of a ViT: its attention, followed from the answer back to the patches.

Attention rollout (Abnar and Zuidema 2020) in which each attention counts by its gradient, and only as far as it speaks for the answer
(Chefer, Gur, Wolf 2021). Without the gradients the map is the same for every answer and nearly even over the photo; bench/explain.py
has both.

Shape legend: B photos, M heads, N tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn


def attentions(backbone: nn.Module) -> list[nn.Module]:
    """The layers of timm's that attend, and tell how when they are not fused."""
    return [layer for layer in backbone.modules() if hasattr(layer, "fused_attn") and hasattr(layer, "attn_drop")]


def rollout(
    backbone: nn.Module, score: Callable[[], torch.Tensor], num_tokens: int, num_prefix: int
) -> torch.Tensor | None:
    """(B, N − prefix) how much each patch speaks for the score (B,); None where a layer attends to windows or not to itself.

    Args:
        score: asks the model; called once.
        num_prefix: tokens before the patches; the first is asked for the answer, or where there is none the mean of all.
    """
    with _watched(backbone) as seen:
        scores_B = score()
    if not seen or any(one.shape[-2:] != (num_tokens, num_tokens) or not one.requires_grad for one in seen):
        return None
    grads = torch.autograd.grad(scores_B.sum(), seen)
    flow_BNN = torch.eye(num_tokens, device=scores_B.device).expand(len(scores_B), -1, -1)
    for attention_BMNN, grad_BMNN in zip(seen, grads, strict=True):
        speaks_BNN = (attention_BMNN * grad_BMNN).float().clamp(min=0).mean(dim=1)
        flow_BNN = flow_BNN + speaks_BNN.detach() @ flow_BNN
    asked_BN = flow_BNN[:, 0] if num_prefix else flow_BNN.mean(dim=1)
    return asked_BN[:, num_prefix:]


@contextmanager
def _watched(backbone: nn.Module) -> Iterator[list[torch.Tensor]]:
    """Attentions (B, M, N, N) of each layer in its order: fused ones are written out meanwhile."""
    seen: list[torch.Tensor] = []

    def write_out(layer: nn.Module, _: object) -> None:
        layer.fused_attn = False  # type: ignore[assignment]

    def keep(_: nn.Module, __: object, output: torch.Tensor) -> None:
        seen.append(output)

    layers = attentions(backbone)
    before = [layer.fused_attn for layer in layers]
    hooks = [layer.register_forward_pre_hook(write_out) for layer in layers]
    hooks += [layer.attn_drop.register_forward_hook(keep) for layer in layers]  # type: ignore[union-attr]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()
        for layer, fused in zip(layers, before, strict=True):
            layer.fused_attn = fused
