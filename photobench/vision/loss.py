"""Losses of one head: logits (B, V) and codes (B,) → a number. Several heads add up."""

from __future__ import annotations

import torch
from torch import nn

from photobench.registry import Entry, Registry


def _cross_entropy(label_smoothing: float) -> nn.Module:
    return nn.CrossEntropyLoss(label_smoothing=label_smoothing)


LOSSES: Registry[nn.Module] = Registry(
    "loss",
    Entry(
        "cross_entropy",
        _cross_entropy,
        "the standard; with label smoothing it is less sure of itself, which helps where labels are partly wrong",
    ),
)


class HeadsLoss(nn.Module):
    """The sum of one loss over the heads: logits, each (B, V), and codes (B, heads)."""

    def __init__(self, name: str, label_smoothing: float):
        super().__init__()
        self.loss = LOSSES.build(name, label_smoothing=label_smoothing)

    def forward(self, logits: list[torch.Tensor], codes: torch.Tensor) -> torch.Tensor:
        losses = [self.loss(head.float(), codes[:, number]) for number, head in enumerate(logits)]
        return torch.stack(losses).sum()
