"""How much of a gain is left where each member is the mean of several models.

Out of fold, a photo is told by one model of a set of folds; a new photo by the mean of all of them, which is less noisy. To be less noisy is a part of what
an ensemble gains too, so sets gain less from each other than their single models do. How far the models of a set are apart shows on photos that
none of them learned from, and needs no label. As much noise as the mean will not have is added to the out-of-fold answers: what an answer
loses by it, the mean will gain (simulation extrapolation, Cook and Stefanski, JASA 1994, along a straight line).

Shape legend: N photos, K joint classes, R models of a member, U photos without a label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

LOWEST = 1e-6
"""Probabilities below count as this."""
NEAR = 15
"""So many places to each side, in the order of how sure a model is of a class, answers count as alike; fewer where few have it."""
FEWEST = 8
"""Where a class was said less often, any answer counts as alike."""


@dataclass(frozen=True)
class Models:
    """What each of several models says of photos that none of them learned from, (R, U, K), and how many of them tell a held-out photo together."""

    probs_RUK: np.ndarray
    together: int = 1

    def noisier(self, probs_NK: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Answers to held-out photos (N, K) with as much noise more as the mean of all models has less.

        The noise of a photo is how far a model is from the mean of all, in log-probabilities, on a photo of which another model said about the
        same. Where that one is far to one side itself, the others are not.
        """
        num = len(self.probs_RUK)
        logs_RUK = np.log(np.maximum(self.probs_RUK, LOWEST))
        apart_RUK = logs_RUK - logs_RUK.mean(axis=0)
        scale = np.sqrt((num - self.together) / (self.together * (num - 1)))
        model_N, photo_N = self._alike(probs_NK, rng)
        other_N = (model_N + rng.integers(1, num, len(probs_NK))) % num
        sign_N = rng.choice((-1.0, 1.0), len(probs_NK))
        noise_NK = scale * sign_N[:, None] * apart_RUK[other_N, photo_N]
        return softmax(np.log(np.maximum(probs_NK, LOWEST)) + noise_NK, axis=1)

    def _alike(self, probs_NK: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """For each answer the model (N,) and the photo (N,) of one that is about the same, drawn: of the same class, about as sure of it."""
        told_QK = self.probs_RUK.reshape(-1, self.probs_RUK.shape[2])
        class_Q, class_N = told_QK.argmax(axis=1), probs_NK.argmax(axis=1)
        chosen_N = np.empty(len(probs_NK), dtype=np.int64)
        for label in np.unique(class_N):
            pool_Q, mine_N = np.flatnonzero(class_Q == label), np.flatnonzero(class_N == label)
            if len(pool_Q) < FEWEST:
                pool_Q = np.arange(len(told_QK))
            chosen_N[mine_N] = pool_Q[_near(told_QK[pool_Q].max(axis=1), probs_NK[mine_N].max(axis=1), rng)]
        model_N, photo_N = np.divmod(chosen_N, self.probs_RUK.shape[1])
        return model_N, photo_N


def _near(values_P: np.ndarray, wanted_W: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each wanted value the place (W,) of one that is near, drawn among some to each side."""
    order_P, reach = np.argsort(values_P), min(NEAR, len(values_P) // 4)
    places_W = np.searchsorted(values_P[order_P], wanted_W) + rng.integers(-reach, reach + 1, len(wanted_W))
    return order_P[np.clip(places_W, 0, len(order_P) - 1)]
