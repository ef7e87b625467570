"""Heads on a frozen backbone: each photo is seen once, and heads are fitted to what the backbone made of it, in seconds.

Shape legend: N photos, D numbers that the backbone makes of a photo, V values of a head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from photobench.registry import Entry, Registry
from photobench.train.options import ProbeOptions
from photobench.vision.loss import HeadsLoss
from photobench.vision.model import make_heads


@dataclass(frozen=True)
class Learned:
    """What heads learn from: embeddings (N, D), codes of each head (N, H), and what an error costs."""

    seen_ND: Tensor
    codes_NH: Tensor
    sizes: tuple[int, ...]
    loss: HeadsLoss
    dropout: float
    seed: int


Fit = Callable[[Learned, ProbeOptions], Iterator[nn.ModuleList]]
"""Heads, better and better: what is judged after each is the same object."""
BATCH = 256


def _descended(learned: Learned, options: ProbeOptions, hidden: int) -> Iterator[nn.ModuleList]:
    """Gradient descent, with the loss and the class weights of the configuration."""
    rng = torch.Generator().manual_seed(learned.seed)
    torch.manual_seed(learned.seed)
    heads = make_heads(learned.seen_ND.shape[1], learned.sizes, hidden)
    optimizer = torch.optim.AdamW(heads.parameters(), lr=options.lr, weight_decay=options.weight_decay)
    steps = options.epochs * -(-len(learned.seen_ND) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    dropout = nn.Dropout(learned.dropout)
    for _ in range(options.epochs):
        heads.train()
        for chosen in torch.randperm(len(learned.seen_ND), generator=rng).split(BATCH):
            seen = dropout(learned.seen_ND[chosen])
            loss = learned.loss([head(seen) for head in heads], learned.codes_NH[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        yield heads.eval()


def _linear(learned: Learned, options: ProbeOptions) -> Iterator[nn.ModuleList]:
    return _descended(learned, options, hidden=0)


def _mlp(learned: Learned, options: ProbeOptions) -> Iterator[nn.ModuleList]:
    return _descended(learned, options, hidden=options.hidden)


def _logistic(learned: Learned, options: ProbeOptions) -> Iterator[nn.ModuleList]:
    """To its optimum, by L-BFGS; values without a photo get a bias that rules them out."""
    from sklearn.linear_model import LogisticRegression  # it takes a second, and is seldom asked for

    heads = make_heads(learned.seen_ND.shape[1], learned.sizes, 0)
    for number, head in enumerate(heads):
        codes_N = learned.codes_NH[:, number].numpy()
        weights = learned.loss.class_weights(number)
        fitted = LogisticRegression(
            C=options.inverse_reg, max_iter=1000,
            class_weight=None if weights is None else {v: float(weights[v]) for v in np.unique(codes_N)},
        ).fit(learned.seen_ND.numpy(), codes_N)  # fmt: skip
        weight, bias = torch.from_numpy(fitted.coef_).float(), torch.from_numpy(fitted.intercept_).float()
        if len(weight) == 1:  # of two values scikit-learn tells the second from the first
            weight, bias = torch.cat([-weight, weight]) / 2, torch.cat([-bias, bias]) / 2
        _fill(head, torch.from_numpy(fitted.classes_), weight, bias)
    yield heads.eval()


def _centroid(learned: Learned, options: ProbeOptions) -> Iterator[nn.ModuleList]:
    """Nearest mean, as the linear head that it is: −‖x − c‖² / 2s² without what all values share."""
    heads = make_heads(learned.seen_ND.shape[1], learned.sizes, 0)
    for number, head in enumerate(heads):
        codes_N = learned.codes_NH[:, number].contiguous()
        there = codes_N.unique()
        centres_VD = torch.stack([learned.seen_ND[codes_N == value].mean(dim=0) for value in there])
        spread = (learned.seen_ND - centres_VD[torch.searchsorted(there, codes_N)]).square().sum(dim=1).mean().sqrt()
        scale = learned.seen_ND.shape[1] ** 0.5 / spread.clamp(min=1e-6).square()
        _fill(head, there, scale * centres_VD, -scale * centres_VD.square().sum(dim=1) / 2)
    yield heads.eval()


RULED_OUT = -1e4
"""Bias of a value that no photo has."""


@torch.no_grad()
def _fill(head: nn.Module, values: Tensor, weight_VD: Tensor, bias_V: Tensor) -> None:
    assert isinstance(head, nn.Linear)
    head.weight.zero_()
    head.bias.fill_(RULED_OUT)
    head.weight[values], head.bias[values] = weight_VD, bias_V


PROBES: Registry[Iterator[nn.ModuleList]] = Registry(
    "probe",
    Entry("linear", _linear, "a linear layer, with the loss of the configuration: a strong baseline in seconds"),
    Entry("mlp", _mlp, "two layers (probe.hidden): where classes are not apart by a plane; wants more photos"),
    Entry("logistic", _logistic, "scikit-learn's logistic regression (probe.inverse_reg), to its optimum: few photos"),
    Entry("centroid", _centroid, "the nearest class mean, nothing to tune: very few photos, a look at how far apart classes are"),
)  # fmt: skip


@dataclass(frozen=True)
class Standard:
    """Mean and spread of each of the D numbers over the training photos: heads see them at one scale."""

    mean_D: Tensor
    std_D: Tensor

    @classmethod
    def of(cls, seen_ND: Tensor) -> Standard:
        std_D = seen_ND.std(dim=0)
        return cls(seen_ND.mean(dim=0), torch.where(std_D > 1e-6, std_D, 1.0))  # what never differs stays as it is

    def __call__(self, seen_ND: Tensor) -> Tensor:
        return (seen_ND - self.mean_D) / self.std_D

    @torch.no_grad()
    def folded_into(self, heads: nn.ModuleList) -> nn.ModuleList:
        """The same heads for embeddings as the backbone makes them."""
        for head in heads:
            first = cast(nn.Linear, head[0] if isinstance(head, nn.Sequential) else head)
            first.weight.div_(self.std_D)
            first.bias.sub_(first.weight @ self.mean_D)
        return heads
