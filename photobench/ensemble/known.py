"""What several members say of photos whose class is known: all that a combination may be fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from photobench.bootstrap import Sample
from photobench.records import Predictions, aligned


@dataclass(frozen=True)
class Known:
    """Probabilities (M, N, K) of M members for N photos that none of them learned from, the class of each photo (N,), and its cluster
    (N,): photos of one cluster, such as those of a person, are never on two sides."""

    probs_MNK: np.ndarray
    truth_N: np.ndarray
    clusters_N: np.ndarray

    @property
    def num_members(self) -> int:
        return len(self.probs_MNK)

    @property
    def num_classes(self) -> int:
        return int(self.probs_MNK.shape[2])

    def rows(self, chosen_N: np.ndarray) -> Known:
        """Of these photos only."""
        return Known(self.probs_MNK[:, chosen_N], self.truth_N[chosen_N], self.clusters_N[chosen_N])

    def members(self, chosen: Sequence[int]) -> Known:
        """Of these members only."""
        return replace(self, probs_MNK=self.probs_MNK[list(chosen)])

    def sample(self, probs_NK: np.ndarray) -> Sample:
        """What somebody says of these photos, to be scored; clusters are resampled."""
        clusters, groups_N = np.unique(self.clusters_N, return_inverse=True)
        return Sample(self.truth_N, probs_NK.argmax(axis=1), probs_NK, groups_N, len(clusters))


def known_answers(parts: Sequence[Predictions], classes_N: np.ndarray, clusters_N: np.ndarray) -> Known:
    """The photos that every member could read and whose class is known.

    Args:
        parts: of the same photos, one per member.
        classes_N, clusters_N: of the photos in the order of the first part; −1 for a class that is not known.

    Raises:
        PhotobenchError: they are not of the same photos, or the classes differ.
    """
    parts = aligned(parts)
    good_N = parts[0].ok() & (classes_N >= 0)
    probs_MNK = np.stack([part.joint_NK[good_N] for part in parts]).astype(np.float64)
    return Known(probs_MNK, classes_N[good_N], clusters_N[good_N])
