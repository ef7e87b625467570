"""Stacking: a logistic regression on the log-probabilities that members give to known photos.

The score of a class is the weighted sum of what the members' logarithms say of that class, and an offset of the class: M + K numbers,
where a regression on all logits of all members would have M·K² and learn noise from some hundred photos (Ting and Witten, JAIR 1999,
found that a class is best told from what members say of it alone, and with weights that are not negative). Both are held near those
of the plain geometric mean.

Shape legend: M members, N photos, K joint classes.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from photobench.ensemble.known import Known

LOWEST = 1e-6
"""Probabilities below count as this: a member that rules the truth out must not decide alone."""
SPREAD = 1.0
"""Standard deviation of the Gaussian prior of every weight around 1/M, and of every offset around 0."""


def stacked(known: Known) -> tuple[np.ndarray, None, np.ndarray]:
    """Weights (M,) of the members and offsets (K,) of the classes: the most probable ones given the photos and the prior."""
    logs_MNK, truth_N = _logs(known.probs_MNK), known.truth_N
    num, rows = known.num_members, np.arange(len(truth_N))
    start = np.concatenate([np.full(num, 1 / num), np.zeros(known.num_classes)])

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        log_NK = log_softmax(np.tensordot(at[:num], logs_MNK, axes=1) + at[num:], axis=1)
        apart = (at - start) / SPREAD
        error_NK = np.exp(log_NK)
        error_NK[rows, truth_N] -= 1
        slope_M = np.tensordot(logs_MNK, error_NK, axes=2)
        slope = np.concatenate([slope_M, error_NK.sum(axis=0)]) + apart / SPREAD
        return float(-log_NK[rows, truth_N].sum() + 0.5 * apart @ apart), slope

    bounds = [(0, None)] * num + [(None, None)] * known.num_classes
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    weights_M = found[:num] if found[:num].any() else start[:num]
    return weights_M, None, found[num:]


def pooled(probs_MNK: np.ndarray, weights_M: np.ndarray, offsets_K: np.ndarray) -> np.ndarray:
    """(N, K): the weighted product of what the members say, with the offsets."""
    return np.exp(log_softmax(np.tensordot(weights_M, _logs(probs_MNK), axes=1) + offsets_K, axis=1))


def _logs(probs_MNK: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probs_MNK, LOWEST))
