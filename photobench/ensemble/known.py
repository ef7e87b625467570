"""What several members say of photos whose class is known: all that a combination may be fitted to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from photobench.bootstrap import Sample
from photobench.ensemble.averaging import Models
from photobench.metrics import score
from photobench.records import Predictions, aligned

METRIC = "macro_f1"
"""What is made high."""
DRAWS, FEWEST_DRAWS, BUDGET = 16, 4, 100_000_000
"""So often noise is drawn, and then chance moves a gain of some thousand photos by 0.002; less often where that would be more numbers than the last."""


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
        draws = int(np.clip(BUDGET // self.probs_MNK.size, FEWEST_DRAWS, DRAWS))
        noisier_DMNK = np.empty((draws, *self.probs_MNK.shape), dtype=np.float32)
        for noisier_MNK in noisier_DMNK:
            for row, (one, probs_NK) in enumerate(both):
                noisier_MNK[row] = one.noisier(probs_NK, rng)
        return replace(self, noisier_DMNK=noisier_DMNK)

    def marks(self) -> list[tuple[float, float]]:
        """Of each member macro-F1 and, by which equals are told apart, minus the log-loss."""
        return [(score(METRIC, self.truth_N, one), score("neg_log_loss", self.truth_N, one)) for one in self.probs_MNK]

    def best(self) -> int:
        """The member that is."""
        marks = self.marks()
        return marks.index(max(marks))

    def expected(self, way: Callable[[np.ndarray], np.ndarray]) -> float:
        """The macro-F1 that is expected on new photos of what is made of the members' answers (M, N, K), (N, K): what more noise takes off, less
        of it adds."""
        now = score(METRIC, self.truth_N, way(self.probs_MNK))
        return now if self.noisier_DMNK is None else 2 * now - self.with_more_noise(METRIC, way)

    def with_more_noise(self, metric: str, way: Callable[[np.ndarray], np.ndarray]) -> float:
        """The mean over the draws of noise."""
        assert self.noisier_DMNK is not None
        return float(np.mean([score(metric, self.truth_N, way(one)) for one in self.noisier_DMNK]))

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
