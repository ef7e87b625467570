"""How labels go wrong: the noise matrix, and what it makes of a model's probabilities.

noise_VV[k, j] is the probability that a photo whose true value is k is given j. It is learnt together with the temperature and the
bias of the model's scores, by expectation-maximisation of the likelihood of the given labels (forward correction, Patrini et al. 2017,
on scores that were made out of fold): photos of which a model should be sure show how often labels are wrong.

Shape legend: N photos, V values of an attribute.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

EVEN = 0.5
"""How far the noise matrix is drawn towards even mistakes. Free, it takes two values that look alike for one that is often mistyped."""
STEPS = 8
START = 0.1
"""Share of wrong labels from which the search begins."""


def scaled(scores_NV: np.ndarray, targets_NV: np.ndarray, start: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Scores → log-probabilities (N, V) with the temperature and the biases that fit the targets best, and these numbers."""
    scores_NV = scores_NV - scores_NV.mean(axis=1, keepdims=True)
    spread = max(float(scores_NV.std()), 1e-9)
    scores_NV = scores_NV / spread

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        log_probs_NV = log_softmax(scores_NV * np.exp(numbers[0]) + numbers[1:], axis=1)
        error_NV = np.exp(log_probs_NV) - targets_NV
        slope = np.r_[(error_NV * scores_NV).sum() * np.exp(numbers[0]), error_NV.sum(axis=0)] / len(scores_NV)
        penalty = 1e-3 * float((numbers[1:] ** 2).sum())
        return -float((targets_NV * log_probs_NV).sum()) / len(scores_NV) + penalty, slope + 2e-3 * np.r_[0, numbers[1:]]

    start = np.zeros(scores_NV.shape[1] + 1) if start is None else start
    bounds = [(-4, 4)] + [(-6, 6)] * scores_NV.shape[1]
    numbers = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 30}).x
    return log_softmax(scores_NV * np.exp(numbers[0]) + numbers[1:], axis=1), numbers


def posterior(log_probs_NV: np.ndarray, codes_N: np.ndarray, noise_VV: np.ndarray) -> np.ndarray:
    """(N, V): how probable each value is, by the model and by the label that was given."""
    return softmax(log_probs_NV + np.log(noise_VV[:, codes_N].T + 1e-12), axis=1)


def start_noise(num_values: int) -> np.ndarray:
    return (1 - START) * np.eye(num_values) + START / num_values


def noise_of(posterior_NV: np.ndarray, codes_N: np.ndarray, even: float = EVEN) -> np.ndarray:
    """(V, V) the noise matrix under which the true values are as probable as that, drawn towards even mistakes by `even`."""
    num = posterior_NV.shape[1]
    counts_VV = np.stack([posterior_NV[codes_N == code].sum(axis=0) for code in range(num)], axis=1)
    wrong = float(np.clip(1 - np.trace(counts_VV) / max(counts_VV.sum(), 1e-12), 1e-3, 1 - 1 / num))
    even_VV = np.where(np.eye(num, dtype=bool), 1 - wrong, wrong / max(num - 1, 1))
    free_VV = counts_VV + 2 * even_VV  # two photos a row, for a value that hardly occurs
    return even * even_VV + (1 - even) * free_VV / free_VV.sum(axis=1, keepdims=True)


def fit(scores_NV: np.ndarray, codes_N: np.ndarray, noise_VV: np.ndarray, even: float = EVEN) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of the true value by the model alone (N, V), and the noise matrix, that explain the given labels together."""
    target_NV, numbers = np.eye(scores_NV.shape[1])[codes_N], None
    log_probs_NV, numbers = scaled(scores_NV, target_NV)
    for _ in range(STEPS):
        target_NV = posterior(log_probs_NV, codes_N, noise_VV)
        noise_VV = noise_of(target_NV, codes_N, even)
        log_probs_NV, numbers = scaled(scores_NV, target_NV, numbers)
    return log_probs_NV, noise_VV
