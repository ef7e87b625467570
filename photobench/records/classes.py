"""What is to be told from a photo: attributes, and the joint class that they compose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Attribute:
    """One thing to tell from a photo, with its possible values in the order of their codes."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ClassSpace:
    """Attributes in order, and the joint class they compose: `mask * 6 + gender * 3 + age` for 3 × 2 × 3 values.

    The first attribute is the most significant digit. A plain single label is the space of one attribute.
    """

    attributes: tuple[Attribute, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(a.values) for a in self.attributes)

    @property
    def num_classes(self) -> int:
        return int(np.prod(self.sizes))

    @property
    def class_names(self) -> list[str]:
        """Length K: `"worn · male · <30"`, in the order of the class ids."""
        codes_KA = self.decompose(np.arange(self.num_classes))
        return [" · ".join(a.values[c] for a, c in zip(self.attributes, row, strict=True)) for row in codes_KA]

    def compose(self, codes_NA: np.ndarray) -> np.ndarray:
        """Codes per attribute (N, A) → class ids (N,); −1 where any code is −1."""
        ids_N = np.zeros(len(codes_NA), dtype=np.int64)
        for column, size in enumerate(self.sizes):
            ids_N = ids_N * size + codes_NA[:, column]
        return np.where((codes_NA < 0).any(axis=1), -1, ids_N)

    def decompose(self, ids_N: np.ndarray) -> np.ndarray:
        """Class ids (N,) → codes per attribute (N, A); −1 stays −1."""
        ids_N = np.asarray(ids_N, dtype=np.int64)
        codes_NA = np.stack(np.unravel_index(np.maximum(ids_N, 0), self.sizes), axis=1)
        return np.where(ids_N[:, None] < 0, -1, codes_NA)

    def join(self, marginals: Sequence[np.ndarray]) -> np.ndarray:
        """Independent probabilities per attribute, each (N, V) → joint probabilities (N, K)."""
        joint = marginals[0]
        for probs_NV in marginals[1:]:
            joint = (joint[:, :, None] * probs_NV[:, None, :]).reshape(len(joint), -1)
        return joint

    def marginal(self, joint_NK: np.ndarray, attribute: int) -> np.ndarray:
        """Joint probabilities (N, K) → probabilities of one attribute (N, V)."""
        axes = tuple(1 + i for i in range(len(self.sizes)) if i != attribute)
        return joint_NK.reshape(len(joint_NK), *self.sizes).sum(axis=axes)

    def to_json(self) -> list[dict[str, Any]]:
        return [{"name": a.name, "values": list(a.values)} for a in self.attributes]

    @classmethod
    def from_json(cls, data: Sequence[Mapping[str, Any]]) -> ClassSpace:
        return cls(tuple(Attribute(str(a["name"]), tuple(map(str, a["values"]))) for a in data))
