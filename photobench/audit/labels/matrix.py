"""How labels go wrong, and how many of them: the noise matrix with nothing assumed of it, or even mistakes where labels are too few to tell.

Beside noise.py, whose even mistakes give the better order: they count too few where people take one value for another. A label that all photos
of a group share is one label, however many photos it has; of some hundred, a matrix of free form takes a model's weakness for mistakes.

Shape legend: N photos, V values, R rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit, logsumexp, softmax

from photobench.audit.labels.noise import START, even_noise, least, log_probs, normal, slope

PRIOR = 2.0
"""Photos of each value that the matrix is taken to have seen before."""
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.3, 0.4)
"""Shares of wrong labels that even mistakes are averaged over, each as likely as another before the labels are seen."""


@dataclass(frozen=True)
class Account:
    """Of the given labels: how well it explains them (log-likelihood, of independent labels), its matrix (V, V), and how many are wrong."""

    log_likelihood: float
    noise_VV: np.ndarray
    num_wrong: float


def noise_matrix(
    scores_NV: np.ndarray, codes_N: np.ndarray, groups_N: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """The noise matrix (V, V), and how many labels are wrong.

    Args:
        groups_N: whose label it is, where all photos of one share it. Then the matrix of free form has to explain the labels better than even
            mistakes do, by what its freedom costs (BIC, Schwarz 1978).
    """
    scores_NV = normal(scores_NV)
    if groups_N is None:
        free = _free(scores_NV, codes_N, np.ones(len(codes_N)))
        return free.noise_VV, free.num_wrong
    group_N, sizes_G = np.unique(groups_N, return_inverse=True, return_counts=True)[1:]
    weight_N = 1 / sizes_G[group_N]
    free, even = _free(scores_NV, codes_N, weight_N), _even(scores_NV, codes_N, weight_N)
    num = scores_NV.shape[1]
    cost = 0.5 * num * (num - 1) * np.log(len(sizes_G))
    belief = float(expit(free.log_likelihood - cost - even.log_likelihood))
    return (
        belief * free.noise_VV + (1 - belief) * even.noise_VV,
        belief * free.num_wrong + (1 - belief) * even.num_wrong,
    )


def _free(scores_NV: np.ndarray, codes_N: np.ndarray, weight_N: np.ndarray) -> Account:
    """The matrix of the greatest likelihood together with temperature and biases."""
    num = scores_NV.shape[1]
    given_NV = weight_N[:, None] * np.eye(num)[codes_N]
    prior_VV = PRIOR * even_noise(START, num)

    def noise_of(numbers: np.ndarray) -> np.ndarray:
        return softmax(numbers[1 + num :].reshape(num, num), axis=1)

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        noise_VV = noise_of(numbers)
        log_likelihood, of_scores, belief_NV = _explained(scores_NV, codes_N, weight_N, numbers[: 1 + num], noise_VV)
        counts_VV = belief_NV.T @ given_NV + prior_VV
        of_noise_VV = counts_VV.sum(axis=1, keepdims=True) * noise_VV - counts_VV
        penalty = _penalty(numbers[: 1 + num]) - (prior_VV * np.log(noise_VV + 1e-300)).sum()
        return (penalty - log_likelihood) / len(codes_N), np.r_[of_scores, of_noise_VV.ravel() / len(codes_N)]

    found = least(loss, np.r_[np.zeros(1 + num), np.log(even_noise(START, num)).ravel()])
    return _account(scores_NV, codes_N, weight_N, found[: 1 + num], noise_of(found))


def _even(scores_NV: np.ndarray, codes_N: np.ndarray, weight_N: np.ndarray) -> Account:
    """Even mistakes, the mean over their rates: where the labels do not tell it, one rate alone would be too sure."""
    num = scores_NV.shape[1]
    numbers, accounts = np.zeros(1 + num), []
    for rate in RATES:
        noise_VV = even_noise(rate, num)

        def loss(numbers: np.ndarray, noise_VV: np.ndarray = noise_VV) -> tuple[float, np.ndarray]:
            log_likelihood, of_scores, _ = _explained(scores_NV, codes_N, weight_N, numbers, noise_VV)
            return (_penalty(numbers) - log_likelihood) / len(codes_N), of_scores

        numbers = least(loss, numbers)
        accounts.append(_account(scores_NV, codes_N, weight_N, numbers, noise_VV))
    explained_R = np.array([one.log_likelihood for one in accounts])
    belief_R = softmax(explained_R)
    return Account(
        float(logsumexp(explained_R) - np.log(len(RATES))),
        np.tensordot(belief_R, [one.noise_VV for one in accounts], axes=1),
        float(belief_R @ [one.num_wrong for one in accounts]),
    )


def _explained(
    scores_NV: np.ndarray, codes_N: np.ndarray, weight_N: np.ndarray, numbers: np.ndarray, noise_VV: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Σ weight · log Σ_k p(k) noise[k, label], the slope of its negative mean for `numbers`, and the posterior (N, V)."""
    log_probs_NV = log_probs(scores_NV, numbers)
    joint_NV = np.exp(log_probs_NV) * noise_VV[:, codes_N].T
    label_N = joint_NV.sum(axis=1) + 1e-300
    belief_NV = joint_NV / label_N[:, None]
    down = slope(scores_NV, weight_N[:, None] * (np.exp(log_probs_NV) - belief_NV), numbers)
    return float(weight_N @ np.log(label_N)), down, belief_NV


def _account(
    scores_NV: np.ndarray, codes_N: np.ndarray, weight_N: np.ndarray, numbers: np.ndarray, noise_VV: np.ndarray
) -> Account:
    log_likelihood, _, belief_NV = _explained(scores_NV, codes_N, weight_N, numbers, noise_VV)
    num_right = belief_NV[np.arange(len(codes_N)), codes_N].sum()
    return Account(log_likelihood, noise_VV, float(len(codes_N) - num_right))


def _penalty(numbers: np.ndarray) -> float:
    """Of the biases, as `slope` has it."""
    return float(0.005 * (numbers[1:] ** 2).sum())


def adding_up(score_N: np.ndarray, total: float) -> np.ndarray:
    """The scores in the same order, their odds all multiplied by one number, so that they add up to `total`."""
    odds_N = logit(np.clip(score_N, 1e-9, 1 - 1e-9))
    total = float(np.clip(total, 1e-3, len(score_N) - 1e-3))
    return expit(odds_N + brentq(lambda by: float(expit(odds_N + by).sum()) - total, -40.0, 40.0, xtol=1e-4))
