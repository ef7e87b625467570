"""The answers that maximise the macro-F1 to be expected from the probabilities themselves. No label is needed.

With probabilities that mean what they say, a class of which `said` photos are answered is expected to hit the sum of their probabilities,
and to occur as often as the probabilities of all photos sum to. F1 is twice the hits over both counts. Given the counts, answering k for a
photo adds 2 / (said + true) · (p − F1 / 2) to the mean, so the best answers take the largest of these: a weight and an offset per class,
found by turns (a plug-in rule: Narasimhan et al., "Consistent multiclass algorithms for complex performance measures", ICML 2015).

Shape legend: N photos, V classes.
"""

from __future__ import annotations

import numpy as np

MOST_ROUNDS = 60
FEWEST_TRUE = 1.0
"""Photos that a class is taken to have at least: one that hardly occurs would else be answered for its F1 alone."""


def expected_rule(probs_NV: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and offsets (V,) under which the largest `weight · probability − offset` is the answer."""
    num_V = probs_NV.shape[1]
    true_V = np.maximum(probs_NV.sum(axis=0), FEWEST_TRUE)
    best, best_f1 = (np.ones(num_V), np.zeros(num_V)), -1.0
    weights_V, offsets_V = best
    hits_V, said_V = np.zeros(num_V), np.zeros(num_V)
    for turn in range(MOST_ROUNDS):
        answers_N = (probs_NV * weights_V - offsets_V).argmax(axis=1)
        now_hits_V, now_said_V = _counts(probs_NV, answers_N)
        f1 = float((2 * now_hits_V / (now_said_V + true_V)).mean())
        if f1 > best_f1 + 1e-12:
            best, best_f1 = (weights_V, offsets_V), f1
        step = 2 / (turn + 2)  # smaller and smaller, so that two answers do not take turns for ever
        hits_V, said_V = hits_V + step * (now_hits_V - hits_V), said_V + step * (now_said_V - said_V)
        both_V = said_V + true_V
        weights_V, offsets_V = 2 / both_V, 2 * hits_V / both_V**2
    return _scaled(*best)


def _counts(probs_NV: np.ndarray, answers_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    num_V = probs_NV.shape[1]
    given_N = np.take_along_axis(probs_NV, answers_N[:, None], axis=1)[:, 0]
    return np.bincount(answers_N, given_N, num_V), np.bincount(answers_N, minlength=num_V).astype(float)


def _scaled(weights_V: np.ndarray, offsets_V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same rule, with weights whose geometric mean is 1."""
    size = np.exp(np.log(weights_V).mean())
    return weights_V / size, offsets_V / size
