"""Greedy selection of members with replacement. Caruana, Niculescu-Mizil, Crew, Ksikes, ICML 2004.

It starts with the best member and adds, again and again, the one with which the mean is best, until it got no better for a while. On few photos it would
learn their noise, so it is done on resamplings of the clusters, and the weights of all are averaged. (Caruana's bags are of members, of
which a workspace has few.)

Shape legend: M members, N photos, K joint classes.
"""

from __future__ import annotations

import numpy as np

from photobench import bootstrap, metrics
from photobench.ensemble.known import Known
from photobench.metrics import Counts

BAGS = 20
MOST_ROUNDS = 30
PATIENCE = 3
"""Rounds without a better mean after which it stops: at times two more members are better where one is not."""


def greedy_weights(known: Known, seed: int, bags: int = BAGS) -> np.ndarray:
    """Weights (M,) of the members in their mean, 0 for most of the weak ones; they sum to 1.

    Where the mean of all bags is not expected to be as good on new photos as its best member, that one is taken alone.
    """
    clusters, where_N = np.unique(known.clusters_N, return_inverse=True)
    counts_M = np.zeros(known.num_members)
    for drawn_Gb in bootstrap.multiplicities(len(clusters), bags, seed):
        for drawn_G in drawn_Gb.T:
            chosen_M = _select(known, drawn_G[where_N])
            counts_M += chosen_M / chosen_M.sum()
    weights_M, best_M = counts_M / counts_M.sum(), np.eye(known.num_members)[known.best()]
    return max(
        (weights_M, best_M), key=lambda one_M: known.expected(lambda probs_MNK: np.tensordot(one_M, probs_MNK, axes=1))
    )


def _select(known: Known, times_N: np.ndarray) -> np.ndarray:
    """How often each member is taken, (M,), where each photo counts so many times."""
    seen_N = times_N > 0
    probs_MNK, truth_N, times_N = known.probs_MNK[:, seen_N], known.truth_N[seen_N], times_N[seen_N]
    counts_M, sum_NK = np.zeros(len(probs_MNK)), np.zeros(probs_MNK.shape[1:])
    best, best_M, since = (-np.inf, -np.inf), counts_M, 0
    for _ in range(MOST_ROUNDS):
        marks = [_mark(sum_NK + one, truth_N, times_N) for one in probs_MNK]
        member = marks.index(max(marks))
        counts_M[member] += 1
        sum_NK += probs_MNK[member]
        since += 1
        if marks[member] > best:
            best, best_M, since = marks[member], counts_M.copy(), 0
        if since == PATIENCE:
            break
    return best_M


def _mark(sum_NK: np.ndarray, truth_N: np.ndarray, times_N: np.ndarray) -> tuple[float, float]:
    """Macro-F1, and among equals minus the log-loss."""
    predicted_N, num = sum_NK.argmax(axis=1), sum_NK.shape[1]
    hits, truth, predicted = (
        np.bincount(ids_N, weights, minlength=num)
        for ids_N, weights in (
            (truth_N, times_N * (predicted_N == truth_N)),
            (truth_N, times_N),
            (predicted_N, times_N),
        )
    )
    given_N = sum_NK[np.arange(len(truth_N)), truth_N] / sum_NK.sum(axis=1)
    log_loss = -np.average(np.log(np.maximum(given_N, 1e-15)), weights=times_N)
    return round(float(metrics.macro(metrics.f1(Counts(hits, truth, predicted)))), 9), -float(log_loss)
