"""Class thresholds: a weight per class, on the probabilities of a model, under which macro-F1 is highest.

The most probable class is the best answer for accuracy. Macro-F1 counts a rare class as much as a frequent one, so it gains from
saying the rare class sooner.

Shape legend: N photos, K classes, P places in the order of the photos.
"""

from __future__ import annotations

import numpy as np

MOST_ROUNDS = 10
LARGEST = 20.0
"""No class is said so many times as soon, or as late: such a weight would stand on one or two photos."""


def best_weights(probs_NK: np.ndarray, truth_N: np.ndarray) -> np.ndarray:
    """Weights (K,) that maximise macro-F1 on these photos: class by class, the best of all, until none is better.

    They have a geometric mean of 1 over the classes that occur. A class without a photo stays where it was among the others.
    """
    log_NK = np.log(np.maximum(probs_NK, 1e-12)).astype(np.float64)
    classes, log_K = np.unique(truth_N), np.zeros(probs_NK.shape[1])
    for _ in range(MOST_ROUNDS):
        before = log_K.copy()
        for k in classes:
            log_K[k] = _best_weight(log_NK, log_K, truth_N, k)
        if np.array_equal(before, log_K):
            break
    return np.exp(log_K - log_K[classes].mean())


def _best_weight(log_NK: np.ndarray, log_K: np.ndarray, truth_N: np.ndarray, k: int) -> float:
    """The logarithm of the best weight of class k, where the others keep theirs; as it was, unless another is better.

    A photo turns to k where the weight passes what k lacks to the best of the others. Between two such places nothing changes, so
    macro-F1 is known for every weight from running counts.
    """
    score_NK = log_NK + log_K
    score_NK[:, k] = -np.inf
    rival_N = score_NK.argmax(axis=1)
    lacking_N = score_NK.max(axis=1) - log_NK[:, k]
    order = np.argsort(lacking_N, kind="stable")
    lacking_N = lacking_N[order]
    f1_P = _macro_f1_of_turns(truth_N[order], rival_N[order], k, log_NK.shape[1])
    edges_P = np.concatenate([[lacking_N[0] - 1], (lacking_N[1:] + lacking_N[:-1]) / 2, [lacking_N[-1] + 1]])
    possible_P = np.concatenate([[True], lacking_N[1:] > lacking_N[:-1], [True]]) & (np.abs(edges_P) <= np.log(LARGEST))
    now = f1_P[np.searchsorted(lacking_N, log_K[k])]
    if not possible_P.any() or f1_P[possible_P].max() <= now + 1e-12:
        return float(log_K[k])
    best = np.flatnonzero(possible_P & (f1_P >= f1_P[possible_P].max() - 1e-12))
    return float(edges_P[best[np.abs(edges_P[best]).argmin()]])  # of equal ones that which changes least


def _macro_f1_of_turns(truth_N: np.ndarray, rival_N: np.ndarray, k: int, num_classes: int) -> np.ndarray:
    """(N + 1,) macro-F1 where the first n photos are said to be k, and the others what the rivals say."""
    total_P, defined_P = np.zeros((2, len(truth_N) + 1))
    for c in np.unique(np.concatenate([truth_N, rival_N, [k]])):
        is_c_N, from_N = truth_N == c, rival_N == c
        turn_N = np.ones(len(truth_N)) if c == k else -from_N.astype(float)
        predicted_P = (0 if c == k else from_N.sum()) + _running(turn_N)
        hits_P = (0 if c == k else (from_N & is_c_N).sum()) + _running(turn_N * is_c_N)
        both_P = is_c_N.sum() + predicted_P
        total_P += 2 * hits_P / np.maximum(both_P, 1)
        defined_P += both_P > 0
    return total_P / defined_P


def _running(values_N: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(values_N)])
