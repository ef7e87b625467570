"""Losses of one head: logits (B, V) and codes (B,) → a number. Several heads add up.

Shape legend: B photos, V values of an attribute (or joint classes).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from photobench.registry import Entry, Registry
from photobench.vision.options import LossOptions


def class_weights(kind: str, counts_V: Tensor) -> Tensor | None:
    """What an error on a photo of each class counts, one on average over the photos; None counts all alike.

    "effective": the effective number of samples, (1 − βⁿ) / (1 − β) with β = 1 − 1/N (Cui et al., CVPR 2019).
    """
    if kind == "none":
        return None
    counts_V = counts_V.clamp(min=1).double()
    if kind == "effective":
        beta = 1 - 1 / counts_V.sum()
        counts_V = (1 - beta**counts_V) / (1 - beta)
    weights_V = 1 / counts_V
    return (weights_V * counts_V.sum() / (weights_V * counts_V).sum()).float()


class Weighted(nn.Module, ABC):
    """A loss per photo, averaged with the weights of their classes."""

    weights_V: Tensor | None
    smoothing_V: Tensor

    def __init__(self, counts_V: Tensor, options: LossOptions, smoothing_V: Tensor):
        super().__init__()
        self.register_buffer("smoothing_V", smoothing_V, persistent=False)
        self.register_buffer("weights_V", class_weights(options.class_weights, counts_V), persistent=False)
        self.options = options

    def forward(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        losses_B = self.per_photo(logits_BV, codes_B)
        if self.weights_V is None:
            return losses_B.mean()
        weights_B = self.weights_V[codes_B]
        return (losses_B * weights_B).sum() / weights_B.sum()

    @abstractmethod
    def per_photo(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        """The loss of each photo, (B,)."""

    def smoothed(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        """Cross-entropy with a share of each label spread over all values."""
        log_probs_BV = logits_BV.log_softmax(dim=1)
        smoothing_B = self.smoothing_V[codes_B]
        truth_B = log_probs_BV.gather(1, codes_B[:, None])[:, 0]
        return -(1 - smoothing_B) * truth_B - smoothing_B * log_probs_BV.mean(dim=1)


class CrossEntropy(Weighted):
    def per_photo(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        return self.smoothed(logits_BV, codes_B)


class Focal(Weighted):
    """(1 − p)^γ × cross-entropy: what is known already counts little. Lin et al., ICCV 2017."""

    def per_photo(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        probs_B = logits_BV.softmax(dim=1).gather(1, codes_B[:, None])[:, 0]
        return (1 - probs_B) ** self.options.gamma * self.smoothed(logits_BV, codes_B)


class LogitAdjusted(Weighted):
    """Cross-entropy of logits + τ log(share of the class): rare classes get a margin. Menon et al., ICLR 2021."""

    shares_V: Tensor

    def __init__(self, counts_V: Tensor, options: LossOptions, smoothing_V: Tensor):
        super().__init__(counts_V, options, smoothing_V)
        counts_V = counts_V.clamp(min=1).float()
        self.register_buffer("shares_V", counts_V / counts_V.sum(), persistent=False)

    def per_photo(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        return self.smoothed(logits_BV + self.options.tau * self.shares_V.log(), codes_B)


class Bootstrapped(Weighted):
    """Cross-entropy with the label mixed with what the model itself says, at weight 1 − β. Reed et al., ICLR 2015 (soft)."""

    def per_photo(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        own_BV = logits_BV.detach().softmax(dim=1)
        said_B = -(own_BV * logits_BV.log_softmax(dim=1)).sum(dim=1)
        return self.options.beta * self.smoothed(logits_BV, codes_B) + (1 - self.options.beta) * said_B


class GeneralisedCrossEntropy(Weighted):
    """(1 − p^q) / q: between cross-entropy (q → 0) and the error rate (q = 1), which wrong labels move less. Zhang, Sabuncu 2018."""

    def per_photo(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        probs_B = logits_BV.softmax(dim=1).gather(1, codes_B[:, None])[:, 0].clamp(min=1e-7)
        return (1 - probs_B**self.options.q) / self.options.q


class Ordinal(Weighted):
    """Cross-entropy + squared earth mover's distance: two bands off is worse than one. Hou, Yu, Samaras 2016."""

    def per_photo(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        truth_BV = functional.one_hot(codes_B, logits_BV.shape[1]).to(logits_BV.dtype)
        apart_BV = logits_BV.softmax(dim=1).cumsum(dim=1) - truth_BV.cumsum(dim=1)
        return self.smoothed(logits_BV, codes_B) + apart_BV.square().sum(dim=1)


class SoftMacroF1(nn.Module):
    """Cross-entropy + (1 − macro-F1 of the probabilities, over the classes of the batch): nearer to what is scored."""

    def __init__(self, counts_V: Tensor, options: LossOptions, smoothing_V: Tensor):
        super().__init__()
        self.cross_entropy = CrossEntropy(counts_V, options, smoothing_V)

    def forward(self, logits_BV: Tensor, codes_B: Tensor) -> Tensor:
        probs_BV = logits_BV.softmax(dim=1)
        truth_BV = functional.one_hot(codes_B, logits_BV.shape[1]).to(logits_BV.dtype)
        hits_V = (probs_BV * truth_BV).sum(dim=0)
        f1_V = 2 * hits_V / (probs_BV.sum(dim=0) + truth_BV.sum(dim=0))
        return self.cross_entropy(logits_BV, codes_B) + 1 - f1_V[truth_BV.sum(dim=0) > 0].mean()


LOSSES: Registry[nn.Module] = Registry(
    "loss",
    Entry(
        "cross_entropy",
        CrossEntropy,
        "the standard; with label smoothing it is less sure of itself, which helps where labels are partly wrong",
    ),
    Entry("focal", Focal, "photos that are known already count little (loss.gamma): many easy photos, few hard ones"),
    Entry("logit_adjusted", LogitAdjusted, "rare classes get a margin (loss.tau): unbalanced classes, balanced metric"),
    Entry("ordinal", Ordinal, "an answer counts as wrong by how far off it is: ages, grades, sizes"),
    Entry("soft_macro_f1", SoftMacroF1, "with macro-F1 itself, in its soft form; wants batches that hold every class"),
    Entry("bootstrapped", Bootstrapped, "trusts its own answer a little (loss.beta): labels not cleaned yet"),
    Entry("generalised_ce", GeneralisedCrossEntropy, "gives up on labels it cannot believe (loss.q): many wrong labels; learns slower"),
)  # fmt: skip


def _smoothing(options: LossOptions, num: int, values: Sequence[Collection[str]] | None) -> Tensor:
    """How much of a label of each value is spread, (V,)."""
    if not options.smoothed or values is None:
        return torch.full((num,), options.label_smoothing)
    chosen = [not set(options.smoothed).isdisjoint(one) for one in values]
    return torch.tensor(chosen) * options.label_smoothing


class HeadsLoss(nn.Module):
    """The sum of one loss over the heads: logits, each (B, V), and codes (B, heads)."""

    def __init__(
        self, options: LossOptions, counts: Sequence[Tensor], values: Sequence[Sequence[Collection[str]]] | None = None
    ):
        """
        Args:
            counts: training photos per value, (V,), of each head.
            values: what each value of each head means: one attribute's value, or several of a joint class. For loss.smoothed.
        """
        super().__init__()
        build = LOSSES.get(options.name).build
        self._class_weights = [class_weights(options.class_weights, counts_V) for counts_V in counts]
        smoothing = [_smoothing(options, len(counts[n]), values[n] if values else None) for n in range(len(counts))]
        self.losses = nn.ModuleList(
            build(counts_V, options, smoothing_V) for counts_V, smoothing_V in zip(counts, smoothing, strict=True)
        )

    def forward(self, logits: list[Tensor], codes: Tensor) -> Tensor:
        losses = [
            loss(head.float(), codes[:, n]) for n, (loss, head) in enumerate(zip(self.losses, logits, strict=True))
        ]
        return torch.stack(losses).sum()

    def class_weights(self, head: int) -> Tensor | None:
        """What an error on a photo of each value of a head counts, (V,); None counts all alike."""
        return self._class_weights[head]
