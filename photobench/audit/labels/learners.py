"""Models that are fitted again and again as the labels become cleaner, each asked only of photos that it did not learn from.

Discriminants with a ridge: what is costly depends on the embeddings alone and is done once, so that another round with other labels
is a product of matrices. One is linear in the leading principal components, one in the kernel features of Nyström (Williams & Seeger 2001).
Beside them the votes of neighbours: they know copies that are not identical byte for byte, and small sets.

Shape legend: N photos, D features of the embedding, F features of the model, V values of an attribute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from photobench.audit.heads import standardised
from photobench.audit.neighbours import nearest, unit

SAMPLE = 4000
"""Photos from which the principal components are found."""
LINEAR, RIDGE_LINEAR = 512, 0.3
"""Components of the linear model, and its ridge as a share of their mean variance × photos."""
HALF_WHITE = 256
"""Components that the kernel sees, each divided by the square root of its spread."""
LANDMARKS, WIDTH, RIDGE_KERNEL = 1000, 1.0, 1.0
VOTERS, SPARE = 20, 15
"""Neighbours that vote, and how many more are looked at, for those of the photo's own cluster do not count."""
POLL_PRIOR = 2.0
CLOSE, CLOSE_PRIOR = 0.2, 0.3
"""How far a cosine may be from 1 for a photo to be very near, and how many votes of such photos it takes to be heard."""


class Learner(Protocol):
    def scores(self, targets_NV: np.ndarray) -> np.ndarray:
        """(N, V): what is said of each photo, learnt from the targets (N, V) of others: how probable each value is."""


@dataclass(frozen=True)
class Fold:
    """What a discriminant needs of one fold: who is asked, the features' mean among all others, the inverse of their scatter."""

    ask: np.ndarray
    asked_NF: np.ndarray  # centred
    mean_F: np.ndarray
    inverse_FF: np.ndarray
    num: int  # of photos that are learned from


class OutOfFold:
    """Linear discriminant analysis on fixed features, for any targets. `scores` are those of photos in the folds left out."""

    def __init__(self, features_NF: np.ndarray, folds_N: np.ndarray, ridge: float):
        self.features_NF = features_NF
        whole = features_NF.sum(axis=0), features_NF.T @ features_NF
        self.folds = [_fold(features_NF, folds_N == fold, *whole, ridge) for fold in np.unique(folds_N)]

    def scores(self, targets_NV: np.ndarray) -> np.ndarray:
        """Log-likelihoods, but for a constant of each photo."""
        targets_NV = targets_NV.astype(np.float32)
        sums_VF, scores_NV = targets_NV.T @ self.features_NF, np.zeros(targets_NV.shape)
        for fold in self.folds:
            asked_NV = targets_NV[fold.ask]
            num_V = targets_NV.sum(axis=0) - asked_NV.sum(axis=0) + 1e-3
            learnt_VF = sums_VF - asked_NV.T @ (fold.asked_NF + fold.mean_F)
            scores_NV[fold.ask] = _discriminant(fold, learnt_VF / num_V[:, None] - fold.mean_F, num_V)
        return scores_NV


def _fold(features_NF: np.ndarray, is_asked_N: np.ndarray, sum_F: np.ndarray, gram_FF: np.ndarray, ridge: float) -> Fold:  # fmt: skip
    asked_NF, num = features_NF[is_asked_N], int((~is_asked_N).sum())
    mean_F = (sum_F - asked_NF.sum(axis=0)) / num
    scatter_FF = gram_FF - asked_NF.T @ asked_NF - num * np.outer(mean_F, mean_F)
    inverse_FF = np.linalg.inv(scatter_FF + ridge * np.eye(len(mean_F), dtype=np.float32))
    return Fold(np.flatnonzero(is_asked_N), asked_NF - mean_F, mean_F, inverse_FF, num)


def _discriminant(fold: Fold, means_VF: np.ndarray, num_V: np.ndarray) -> np.ndarray:
    """Scores of those asked, from the centred means of the values among the others."""
    mapped_FV = fold.inverse_FF @ means_VF.T
    between_VV = means_VF @ mapped_FV
    # The scatter within values is the whole one less that between them, whose inverse Woodbury's identity gives.
    within_VV = np.linalg.pinv(np.eye(len(num_V)) - num_V[:, None] * between_VV)
    constant_V = np.log(num_V) - fold.num / 2 * np.diag(between_VV @ within_VV)
    return fold.num * (fold.asked_NF @ (mapped_FV @ within_VV)) + constant_V


class Near:
    """Votes of the most similar photos of other clusters, each with its weight, beside `prior` votes for what is frequent."""

    def __init__(self, rows_Nk: np.ndarray, weights_Nk: np.ndarray, prior: float):
        self.rows_Nk, self.weights_Nk, self.prior = rows_Nk, weights_Nk, prior

    def scores(self, targets_NV: np.ndarray) -> np.ndarray:
        """Logarithms of the shares of the votes."""
        votes_NV = np.repeat(self.prior * targets_NV.mean(axis=0, keepdims=True), len(targets_NV), axis=0)
        for rows_N, weights_N in zip(self.rows_Nk.T, self.weights_Nk.T, strict=True):
            votes_NV += weights_N[:, None] * targets_NV[rows_N]
        return np.log(votes_NV / votes_NV.sum(axis=1, keepdims=True) + 1e-9)


def learners(embeddings_ND: np.ndarray, folds_N: np.ndarray, clusters_N: np.ndarray, seed: int) -> list[Learner]:
    """The linear and the kernel discriminant of one view, and two votes of neighbours: of all alike, and of those very near."""
    parts_NF, spread_F = components(embeddings_ND, LINEAR, seed)
    ridge = RIDGE_LINEAR * float((spread_F**2).mean()) * len(parts_NF)
    whitened_NF = parts_NF[:, :HALF_WHITE] / np.sqrt(spread_F[:HALF_WHITE])
    kernel = OutOfFold(kernel_features(whitened_NF, seed), folds_N, RIDGE_KERNEL)
    return [OutOfFold(parts_NF, folds_N, ridge), kernel, *_voters(whitened_NF, clusters_N)]


def _voters(vectors_NF: np.ndarray, clusters_N: np.ndarray) -> list[Learner]:
    """Where the nearest are no nearer than is usual, the first hears them as a poll; the second then hears nobody."""
    rows_Nk, cosines_Nk = nearest(vectors_NF, min(VOTERS + SPARE, len(vectors_NF)))
    counts_Nk = (rows_Nk >= 0) & (clusters_N[rows_Nk] != clusters_N[:, None])
    if not counts_Nk.any():
        return []
    cosines_Nk = np.where(counts_Nk, np.minimum(cosines_Nk, 1), -np.inf)
    nearest_N1 = cosines_Nk.max(axis=1, keepdims=True)
    usual = max(float(cosines_Nk[counts_Nk].std()), 1e-6)
    poll_Nk = np.where(counts_Nk, np.exp((cosines_Nk - np.where(counts_Nk, nearest_N1, 0)) / usual), 0)
    close_Nk = np.exp((cosines_Nk - 1) / CLOSE)
    return [Near(rows_Nk, poll_Nk, POLL_PRIOR), Near(rows_Nk, close_Nk, CLOSE_PRIOR)]


def components(embeddings_ND: np.ndarray, num: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The leading principal components of standardised embeddings (N, F), and the spread of each (F,)."""
    scaled_ND = standardised(embeddings_ND)
    sample = np.random.default_rng(seed).permutation(len(scaled_ND))[:SAMPLE]
    covariance_DD = scaled_ND[sample].T @ scaled_ND[sample] / len(sample)
    variance_D, axes_DD = np.linalg.eigh(covariance_DD)
    chosen = np.flatnonzero(variance_D > 1e-5 * max(variance_D[-1], 1e-12))[::-1][:num]
    return scaled_ND @ axes_DD[:, chosen], np.sqrt(variance_D[chosen])


def kernel_features(vectors_ND: np.ndarray, seed: int) -> np.ndarray:
    """(N, F) whose products are exp(WIDTH · (cosine − 1)), exact among the landmarks, which are drawn from the photos."""
    units_ND = unit(vectors_ND)
    landmarks = units_ND[np.random.default_rng(seed).permutation(len(units_ND))[:LANDMARKS]]
    values, axes = np.linalg.eigh(np.exp(WIDTH * (landmarks @ landmarks.T - 1)))
    kept = values > 1e-4
    return np.exp(WIDTH * (units_ND @ landmarks.T - 1)) @ (axes[:, kept] / np.sqrt(values[kept]))
