"""The noise matrix with nothing assumed of it, and with it how many labels are wrong in all.

Beside noise.py, whose even mistakes give the better order: they count too few where people take one value for another.

Shape legend: N photos, V values.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit, softmax

from photobench.audit.labels.noise import START, even_noise, least, log_probs, normal, slope

PRIOR = 2.0
"""Photos of each value that the matrix is taken to have seen before."""


def noise_matrix(scores_NV: np.ndarray, codes_N: np.ndarray) -> tuple[np.ndarray, float]:
    """The noise matrix (V, V) of the greatest likelihood together with temperature and biases, and how many labels it takes to be wrong."""
    scores_NV, num = normal(scores_NV), scores_NV.shape[1]
    given_NV, rows = np.eye(num)[codes_N], np.arange(len(codes_N))
    prior_VV = PRIOR * even_noise(START, num)

    def beliefs(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        log_probs_NV = log_probs(scores_NV, numbers[: 1 + num])
        noise_VV = softmax(numbers[1 + num :].reshape(num, num), axis=1)
        return log_probs_NV, noise_VV, np.exp(log_probs_NV) * noise_VV[:, codes_N].T

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        log_probs_NV, noise_VV, joint_NV = beliefs(numbers)
        label_N = joint_NV.sum(axis=1) + 1e-300
        belief_NV = joint_NV / label_N[:, None]
        counts_VV = belief_NV.T @ given_NV + prior_VV
        of_noise_VV = counts_VV.sum(axis=1, keepdims=True) * noise_VV - counts_VV
        of_scores = slope(scores_NV, np.exp(log_probs_NV) - belief_NV, numbers[: 1 + num])
        penalty = 0.005 * (numbers[1 : 1 + num] ** 2).sum() - (prior_VV * np.log(noise_VV + 1e-300)).sum()
        return (penalty - np.log(label_N).sum()) / len(codes_N), np.r_[of_scores, of_noise_VV.ravel() / len(codes_N)]

    start = np.r_[np.zeros(1 + num), np.log(even_noise(START, num)).ravel()]
    _, noise_VV, joint_NV = beliefs(least(loss, start))
    return noise_VV, float(len(codes_N) - (joint_NV[rows, codes_N] / joint_NV.sum(axis=1)).sum())


def adding_up(score_N: np.ndarray, total: float) -> np.ndarray:
    """The scores in the same order, their odds all multiplied by one number, so that they add up to `total`."""
    odds_N = logit(np.clip(score_N, 1e-9, 1 - 1e-9))
    total = float(np.clip(total, 1e-3, len(score_N) - 1e-3))
    return expit(odds_N + brentq(lambda by: float(expit(odds_N + by).sum()) - total, -40.0, 40.0, xtol=1e-4))
