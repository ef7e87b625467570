"""Ways to make one answer of several. Each is fitted to answers of known photos, then combines the answers to any others.

Shape legend: M members, N photos, K joint classes, Q quantiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from photobench.ensemble.greedy import greedy_weights
from photobench.ensemble.known import Known
from photobench.ensemble.stacking import pooled, stacked
from photobench.records import Predictions, aligned
from photobench.registry import Entry, Registry

QUANTILES = 257


@dataclass(frozen=True)
class Fitted:
    """All that a combination has learned: plain numbers. A member of weight 0 need not be asked."""

    weights_M: np.ndarray
    quantiles_MQ: np.ndarray | None = None
    """Of the probabilities that each member gives, from the lowest to the highest."""
    offsets_K: np.ndarray | None = None
    """What is added to the logarithm of each class's probability."""

    def asked(self) -> list[int]:
        """The numbers of the members that count."""
        return np.flatnonzero(self.weights_M > 0).tolist()

    def only(self, members: Sequence[int]) -> Fitted:
        """For the answers of these members alone."""
        quantiles = None if self.quantiles_MQ is None else self.quantiles_MQ[list(members)]
        return Fitted(self.weights_M[list(members)], quantiles, self.offsets_K)

    def to_json(self) -> dict[str, Any]:
        return {
            name: None if value is None else value.tolist()
            for name, value in (
                ("weights", self.weights_M),
                ("quantiles", self.quantiles_MQ),
                ("offsets", self.offsets_K),
            )
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fitted:
        read = [None if data[key] is None else np.array(data[key]) for key in ("weights", "quantiles", "offsets")]
        assert read[0] is not None
        return cls(read[0], read[1], read[2])


@dataclass(frozen=True)
class Method:
    """How it is fitted to known photos with a seed, and what it then makes of probabilities (M, N, K): (N, K), rows that sum to 1.

    A photo's answer depends on that photo alone: on no label, and on no other photo that is asked about with it."""

    fit: Callable[[Known, int], Fitted]
    combine: Callable[[np.ndarray, Fitted], np.ndarray]


def combined(method: Method, fitted: Fitted, parts: Sequence[Predictions], run: str = "") -> Predictions:
    """What the members that count say of the same photos, made one. A photo that one of them could not read keeps its reason.

    Args:
        parts: of the members `fitted.asked()`, in that order.

    Raises:
        PhotobenchError: they are not of the same photos, or the classes differ.
    """
    parts = aligned(parts)
    first, good_N = parts[0], parts[0].ok()
    joint_NK = np.full(first.joint_NK.shape, np.nan, np.float32)
    if good_N.any():
        probs_MNK = np.stack([part.joint_NK[good_N] for part in parts]).astype(np.float64)
        joint_NK[good_N] = combine(method, fitted.only(fitted.asked()), probs_MNK)
    return Predictions(first.paths, joint_NK, first.space, first.reasons, run, first.fold_N)


def combine(method: Method, fitted: Fitted, probs_MNK: np.ndarray) -> np.ndarray:
    """(N, K). Of a single member nothing is made: it is what it says."""
    return probs_MNK[0] if len(probs_MNK) == 1 else method.combine(probs_MNK, fitted)


def equal_weights(num_members: int, chosen: Sequence[int]) -> Fitted:
    """The same weight for each of the chosen, none for the others."""
    return Fitted(np.isin(np.arange(num_members), chosen) / len(chosen))


def _equal(known: Known, seed: int) -> Fitted:
    return equal_weights(known.num_members, range(known.num_members))


def _best(known: Known, seed: int) -> Fitted:
    """All weight on one; of equals the one whose probabilities are better."""
    return Fitted(np.eye(known.num_members)[known.best()])


def _greedy(known: Known, seed: int) -> Fitted:
    return Fitted(greedy_weights(known, seed))


def _ranked(known: Known, seed: int) -> Fitted:
    levels_Q = np.linspace(0, 1, QUANTILES)
    quantiles_MQ = np.stack([np.quantile(one, levels_Q) for one in known.probs_MNK])
    quantiles_MQ[:, 0], quantiles_MQ[:, -1] = 0, 1
    return Fitted(_equal(known, seed).weights_M, quantiles_MQ)


def _stacked(known: Known, seed: int) -> Fitted:
    return Fitted(*stacked(known))


def _mean(probs_MNK: np.ndarray, fitted: Fitted) -> np.ndarray:
    return np.tensordot(fitted.weights_M / fitted.weights_M.sum(), probs_MNK, axes=1)


def _votes(probs_MNK: np.ndarray, fitted: Fitted) -> np.ndarray:
    """The share of the votes; the mean probability has less to say than one vote, and so decides where votes are equal."""
    num, _, num_classes = probs_MNK.shape
    votes_NK = np.eye(num_classes)[probs_MNK.argmax(axis=2)].mean(axis=0)
    return ((num + 1) * votes_NK + _mean(probs_MNK, fitted)) / (num + 2)


def _rank_mean(probs_MNK: np.ndarray, fitted: Fitted) -> np.ndarray:
    """Each probability becomes its rank among those that its member gives; the mean rank goes back through the mean distribution."""
    assert fitted.quantiles_MQ is not None
    levels_Q = np.linspace(0, 1, QUANTILES)
    both = zip(probs_MNK, fitted.quantiles_MQ, strict=True)
    ranks_NK = np.mean([np.interp(one, quantiles_Q, levels_Q) for one, quantiles_Q in both], axis=0)
    probs_NK = np.interp(ranks_NK, levels_Q, fitted.quantiles_MQ.mean(axis=0)) + 1e-12
    return probs_NK / probs_NK.sum(axis=1, keepdims=True)


def _pooled(probs_MNK: np.ndarray, fitted: Fitted) -> np.ndarray:
    assert fitted.offsets_K is not None
    return pooled(probs_MNK, fitted.weights_M, fitted.offsets_K)


METHODS: Registry[Method] = Registry(
    "way to combine",
    Entry("single", lambda: Method(_best, _mean), "the best member alone: what every other way has to beat"),
    Entry("soft", lambda: Method(_equal, _mean), "the mean of the probabilities: nothing is fitted, hard to beat"),
    Entry("hard", lambda: Method(_equal, _votes), "a vote for each member's class: members that are sure for no reason count no more"),
    Entry("rank", lambda: Method(_ranked, _rank_mean), "the mean of ranks: members that are sure to different degrees"),
    Entry("greedy", lambda: Method(_greedy, _mean), "weights by greedy selection, bagged: weak members are left out"),
    Entry("stacking", lambda: Method(_stacked, _pooled), "a logistic regression on log-probabilities: a weight per member, an offset per class"),
)  # fmt: skip
"""The simplest first: of two that are as good the earlier one is taken."""
