"""What several members say of photos whose class is known: all that a combination may be fitted to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from photobench.bootstrap import Sample
from photobench.ensemble.averaging import Models
from photobench.records import Predictions, aligned

DRAWS = 5
"""So often noise is drawn: the mean of what is lost by it is surer than the gain that it is taken from."""


@dataclass(frozen=True)
class Known:
    """Probabilities (M, N, K) of M members for N photos that none of them learned from, the class of each photo (N,), and its cluster
    (N,): photos of one cluster, such as those of a person, are never on two sides."""

    probs_MNK: np.ndarray
    truth_N: np.ndarray
    clusters_N: np.ndarray
    noisier_DMNK: np.ndarray | None = None
    """The same D times, each with as much noise more as the answers of these members to new photos have less; None where that is not known,
    or members answer new photos as they do these."""

    @property
    def num_members(self) -> int:
        return len(self.probs_MNK)

    @property
    def num_classes(self) -> int:
        return int(self.probs_MNK.shape[2])

    def rows(self, chosen_N: np.ndarray) -> Known:
        """Of these photos only."""
        noisier = None if self.noisier_DMNK is None else self.noisier_DMNK[:, :, chosen_N]
        return Known(self.probs_MNK[:, chosen_N], self.truth_N[chosen_N], self.clusters_N[chosen_N], noisier)

    def members(self, chosen: Sequence[int]) -> Known:
        """Of these members only."""
        noisier = None if self.noisier_DMNK is None else self.noisier_DMNK[:, list(chosen)]
        return replace(self, probs_MNK=self.probs_MNK[list(chosen)], noisier_DMNK=noisier)

    def with_noise(self, models: Sequence[Models], seed: int) -> Known:
        """The same, knowing how far the models of each member are apart."""
        rng = np.random.default_rng(seed)
        both = list(zip(models, self.probs_MNK, strict=True))
        noisier = np.stack([[one.noisier(probs_NK, rng) for one, probs_NK in both] for _ in range(DRAWS)])
        return replace(self, noisier_DMNK=noisier)

    def expected(self, mark: Callable[[np.ndarray], float]) -> float:
        """What a mark of answers (M, N, K) is expected to be on new photos: what noise takes off it, less noise adds."""
        now = mark(self.probs_MNK)
        return now if self.noisier_DMNK is None else 2 * now - float(np.mean([mark(one) for one in self.noisier_DMNK]))

    def sample(self, probs_DNK: np.ndarray) -> Sample:
        """What somebody says of these photos, (N, K), or says several times, (D, N, K), to be scored; clusters are resampled."""
        clusters, groups_N = np.unique(self.clusters_N, return_inverse=True)
        probs_QK = probs_DNK.reshape(-1, self.num_classes)
        truth_Q, groups_Q = (np.tile(one, len(probs_QK) // len(groups_N)) for one in (self.truth_N, groups_N))
        return Sample(truth_Q, probs_QK.argmax(axis=1), probs_QK, groups_Q, len(clusters))


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
