"""The photos of a training, and what is true of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from photobench.data.pack import Pack
from photobench.records import JOINT, Dynamics, Manifest
from photobench.vision.model import Classifier


@dataclass(frozen=True)
class TrainingData:
    """Where the pixels are, which rows learn and which judge, and their labels."""

    pack: Pack
    manifest: Manifest
    taught_NK: np.ndarray | None = None
    """What a teacher says of the training photos: probabilities of the joint classes, in their order."""

    @cached_property
    def train_rows(self) -> np.ndarray:
        return self.manifest.rows("train")

    @cached_property
    def valid_rows(self) -> np.ndarray:
        return self.manifest.rows("valid")

    def targets(self, model: Classifier) -> np.ndarray:
        """What the heads shall say of the training photos, (N, heads)."""
        rows = self.train_rows
        return np.ascontiguousarray(model.targets(self.manifest.codes()[rows], self.manifest.classes()[rows]))

    def groups(self) -> np.ndarray:
        """Who or what is in each training photo, (N,)."""
        return self.manifest.frame["group"].to_numpy(dtype=str)[self.train_rows]

    def dynamics(self, model: Classifier, margins_NH: np.ndarray, num_seen_N: np.ndarray) -> Dynamics:
        """What was seen of the training photos, with their names and those of the heads."""
        spec = model.spec
        heads = tuple(a.name for a in spec.space.attributes) if spec.head == "attributes" else (JOINT,)
        return Dynamics(self.manifest.frame["path"].iloc[self.train_rows].tolist(), heads, margins_NH, num_seen_N)


def count_values(targets_NH: np.ndarray, sizes: Sequence[int]) -> list[torch.Tensor]:
    """Training photos per value of each head."""
    return [torch.from_numpy(np.bincount(targets_NH[:, h], minlength=size)) for h, size in enumerate(sizes)]
