"""How different members are: an ensemble gains from members that are wrong about different photos.

Shape legend: M members, N photos.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from photobench.ensemble.known import Known


@dataclass(frozen=True)
class Diversity:
    """Of each pair of members: the share of photos of which they say different classes, and the correlation of their mistakes
    (1: they are wrong about the same photos; 0: as if by chance; NaN where one makes none). Both (M, M)."""

    disagreement_MM: np.ndarray
    errors_MM: np.ndarray

    def to_json(self) -> dict[str, Any]:
        errors = [[None if np.isnan(value) else float(value) for value in row] for row in self.errors_MM]
        return {"disagreement": self.disagreement_MM.tolist(), "errors": errors}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Diversity:
        return cls(np.array(data["disagreement"]), np.array(data["errors"], dtype=np.float64))


def diversity(known: Known) -> Diversity:
    """Of what members say of known photos."""
    classes_MN = known.probs_MNK.argmax(axis=2)
    disagreement_MM = (classes_MN[:, None] != classes_MN[None]).mean(axis=2)
    wrong_MN = (classes_MN != known.truth_N).astype(np.float64)
    apart_MN = wrong_MN - wrong_MN.mean(axis=1, keepdims=True)
    spread_M = np.sqrt((apart_MN**2).mean(axis=1))
    both_MM = spread_M[:, None] * spread_M[None]
    together_MM = apart_MN @ apart_MN.T / wrong_MN.shape[1]
    errors_MM = np.divide(together_MM, both_MM, out=np.full(both_MM.shape, np.nan), where=both_MM > 0)
    return Diversity(disagreement_MM, errors_MM)
