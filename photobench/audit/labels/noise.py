"""How labels go wrong: the noise matrix, and what it makes of a model's probabilities.

noise_VV[k, j] is the probability that a photo whose true value is k is given j. How many labels are wrong is learnt together with the
temperature and the biases of the model's scores, by the likelihood of the given labels (forward correction, Patrini et al. 2017, on
scores that were made out of fold): photos of which a model should be sure show how often labels are wrong. Mistakes are at first taken to be
even; which values are given for which is then counted, and believed in three quarters. Free from the start, the matrix takes two values that
look alike for one that is often mistyped.

Shape legend: N photos, V values of an attribute.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

EVEN = 0.25
"""How far the noise matrix is drawn towards even mistakes."""
STEPS = 60
START = 0.1
"""Share of wrong labels from which the search begins, and which it has seen in PRIOR photos before."""
PRIOR = 5.0


def scaled(scores_NV: np.ndarray, targets_NV: np.ndarray) -> np.ndarray:
    """Scores → log-probabilities (N, V), with the temperature and the biases that fit the targets best."""
    scores_NV = normal(scores_NV)

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        log_probs_NV = log_probs(scores_NV, numbers)
        down = slope(scores_NV, np.exp(log_probs_NV) - targets_NV, numbers)
        return (0.005 * (numbers[1:] ** 2).sum() - (targets_NV * log_probs_NV).sum()) / len(scores_NV), down

    return log_probs(scores_NV, least(loss, np.zeros(1 + scores_NV.shape[1])))


def fit(scores_NV: np.ndarray, codes_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of the true value by the model alone (N, V), and the even noise matrix, that explain the given labels together.

    The slope of the likelihood Σ_k p(k) noise[k, label] for the scores is p less what the label makes of it.
    """
    scores_NV, num = normal(scores_NV), scores_NV.shape[1]
    rows = np.arange(len(codes_N))

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        wrong = float(np.exp(-np.logaddexp(0, -numbers[-1])))
        log_probs_NV = log_probs(scores_NV, numbers[:-1])
        joint_NV = np.exp(log_probs_NV) * even_noise(wrong, num)[:, codes_N].T
        given_N = joint_NV.sum(axis=1)
        belief_NV = joint_NV / given_N[:, None]
        seen = len(codes_N) - belief_NV[rows, codes_N].sum() + PRIOR * START
        down = slope(scores_NV, np.exp(log_probs_NV) - belief_NV, numbers[:-1])
        prior = PRIOR * (START * np.log(wrong) + (1 - START) * np.log1p(-wrong))
        value = 0.005 * (numbers[1:-1] ** 2).sum() - np.log(given_N).sum() - prior
        return value / len(codes_N), np.r_[down, (wrong * (len(codes_N) + PRIOR) - seen) / len(codes_N)]

    found = least(loss, np.r_[np.zeros(1 + num), np.log(START / (1 - START))])
    return log_probs(scores_NV, found[:-1]), even_noise(1 / (1 + np.exp(-found[-1])), num)


def even_noise(wrong: float, num_values: int) -> np.ndarray:
    """(V, V): a share of the labels is wrong, each wrong value as probable as another."""
    off = wrong / max(num_values - 1, 1)
    return np.where(np.eye(num_values, dtype=bool), 1 - wrong, off)


def posterior(log_probs_NV: np.ndarray, codes_N: np.ndarray, noise_VV: np.ndarray) -> np.ndarray:
    """(N, V): how probable each value is, by the model and by the label that was given."""
    return softmax(log_probs_NV + np.log(noise_VV[:, codes_N].T + 1e-12), axis=1)


def counted(belief_NV: np.ndarray, codes_N: np.ndarray, even_VV: np.ndarray) -> np.ndarray:
    """The noise matrix by counting what is believed; the even one counts as two photos of each value."""
    num = belief_NV.shape[1]
    counts_VV = (np.eye(num)[codes_N].T @ belief_NV).T + 2 * even_VV
    return counts_VV / counts_VV.sum(axis=1, keepdims=True)


def judged(log_probs_NV: np.ndarray, codes_N: np.ndarray, even_VV: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The posterior with the noise matrix as counted, drawn towards the even one; and the matrix as counted."""
    noise_VV = even_VV
    for _ in range(3):
        belief_NV = posterior(log_probs_NV, codes_N, EVEN * even_VV + (1 - EVEN) * noise_VV)
        noise_VV = counted(belief_NV, codes_N, even_VV)
    return belief_NV, noise_VV


def normal(scores_NV: np.ndarray) -> np.ndarray:
    """Scores with mean 0 in each photo and spread 1."""
    scores_NV = scores_NV - scores_NV.mean(axis=1, keepdims=True)
    return scores_NV / max(float(scores_NV.std()), 1e-9)


def log_probs(scores_NV: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """`numbers`: the logarithm of the inverse temperature, and a bias per value."""
    return log_softmax(scores_NV * np.exp(numbers[0]) + numbers[1:], axis=1)


def slope(scores_NV: np.ndarray, errors_NV: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Of a loss, for these numbers, from its slope for the scaled scores (N, V)."""
    of_scale = (errors_NV * scores_NV).sum() * np.exp(numbers[0])
    return np.r_[of_scale, errors_NV.sum(axis=0) + 0.01 * numbers[1:]] / len(scores_NV)


def least(loss: Callable[[np.ndarray], tuple[float, np.ndarray]], start: np.ndarray) -> np.ndarray:
    """The numbers with the least loss, which gives its slope too. The first is the logarithm of a scale."""
    bounds = [(-4.0, 4.0)] + [(-12.0, 12.0)] * (len(start) - 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}).x
