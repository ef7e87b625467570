"""A teacher: what somebody else says of the training photos is learned beside their labels. Hinton, Vinyals, Dean 2015.

Shape legend: N training photos, B photos of a batch, V values of a head, K joint classes.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from photobench.train.options import TrainOptions
from photobench.vision.model import ModelSpec


class Teacher(nn.Module):
    """How far the heads are from what was said of the photos, in place of `share` of the loss of the labels."""

    def __init__(self, joint_NK: np.ndarray, spec: ModelSpec, share: float, temperature: float):
        super().__init__()
        self.share, self.temperature = share, temperature
        heads = [spec.space.marginal(joint_NK, number) for number in range(len(spec.space.attributes))]
        for number, probs_NV in enumerate(heads if spec.head == "attributes" else [joint_NK]):
            softer_NV = torch.from_numpy(probs_NV.astype(np.float32)).clamp(min=1e-7) ** (1 / temperature)
            self.register_buffer(f"said_{number}", softer_NV / softer_NV.sum(dim=1, keepdim=True), persistent=False)

    def forward(self, logits: list[Tensor], rows_B: Tensor, label_loss: Tensor) -> Tensor:
        """The loss of photos, by their numbers among the training photos: (1 − share) that of the labels, and share × the divergence
        from what was said, summed over the heads; times the temperature squared, which keeps the size of the gradient."""
        apart = [
            functional.kl_div(
                (logits_BV.float() / self.temperature).log_softmax(dim=1),
                self.get_buffer(f"said_{number}")[rows_B],
                reduction="batchmean",
            )
            for number, logits_BV in enumerate(logits)
        ]
        return (1 - self.share) * label_loss + self.share * self.temperature**2 * torch.stack(apart).sum()


def make_teacher(taught_NK: np.ndarray | None, spec: ModelSpec, options: TrainOptions) -> Teacher | None:
    """Of what is said of the training photos, joint classes (N, K); None where nothing is."""
    if taught_NK is None:
        return None
    return Teacher(taught_NK, spec, options.teacher_share, options.teacher_temperature)
