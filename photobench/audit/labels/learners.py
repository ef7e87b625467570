"""Models that are fitted again and again as the labels become cleaner, each asked only of photos that it did not learn from.

Discriminants with a ridge: what is costly depends on the embeddings alone and is done once, so that another round with other labels
is a product of matrices. One is linear in the leading principal components, one in the kernel features of Nyström (Williams & Seeger 2001).

Shape legend: N photos, D features of the embedding, F features of the model, V values of an attribute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photobench.audit.heads import standardised
from photobench.audit.neighbours import unit

SAMPLE = 4000
"""Photos from which the principal components are found."""
LINEAR, RIDGE_LINEAR = 512, 0.3
"""Components of the linear model, and its ridge as a share of their mean variance × photos."""
HALF_WHITE = 256
"""Components that the kernel sees, each divided by the square root of its spread."""
LANDMARKS, WIDTH, RIDGE_KERNEL = 1000, 1.0, 1.0


@dataclass(frozen=True)
class Fold:
    """What a discriminant needs of one fold: who is learned from, who is asked, and the inverse of the whole scatter."""

    learn: np.ndarray
    ask: np.ndarray
    centred_NF: np.ndarray  # of those who are learned from
    asked_NF: np.ndarray  # of those asked, centred likewise
    inverse_FF: np.ndarray

    def scores(self, targets_NV: np.ndarray) -> np.ndarray:
        """(len(ask), V): log-likelihoods, but for a constant of each photo."""
        targets_NV = targets_NV[self.learn].astype(np.float32)
        num_V = targets_NV.sum(axis=0) + 1e-3
        means_VF = targets_NV.T @ self.centred_NF / num_V[:, None]
        mapped_FV = self.inverse_FF @ means_VF.T
        between_VV = means_VF @ mapped_FV
        # The scatter within values is the whole one less that between them, whose inverse Woodbury's identity gives.
        within_VV = np.linalg.pinv(np.eye(len(num_V)) - num_V[:, None] * between_VV)
        constant_V = np.log(num_V) - len(targets_NV) / 2 * np.diag(between_VV @ within_VV)
        return len(targets_NV) * (self.asked_NF @ (mapped_FV @ within_VV)) + constant_V


class OutOfFold:
    """Linear discriminant analysis on fixed features, for any targets. `scores` are those of photos in the folds left out."""

    def __init__(self, features_NF: np.ndarray, folds_N: np.ndarray, ridge: float):
        gram_FF = features_NF.T @ features_NF
        self.folds = [_fold(features_NF, folds_N == fold, gram_FF, ridge) for fold in np.unique(folds_N)]

    def scores(self, targets_NV: np.ndarray) -> np.ndarray:
        """(N, V): what is said of each photo, learnt from the targets (N, V) of other folds: how probable each value is."""
        scores_NV = np.zeros(targets_NV.shape)
        for fold in self.folds:
            scores_NV[fold.ask] = fold.scores(targets_NV)
        return scores_NV


def _fold(features_NF: np.ndarray, is_asked_N: np.ndarray, gram_FF: np.ndarray, ridge: float) -> Fold:
    asked_NF, learnt_NF = features_NF[is_asked_N], features_NF[~is_asked_N]
    mean_F = learnt_NF.mean(axis=0)
    scatter_FF = gram_FF - asked_NF.T @ asked_NF - len(learnt_NF) * np.outer(mean_F, mean_F)
    inverse_FF = np.linalg.inv(scatter_FF + ridge * np.eye(len(mean_F), dtype=np.float32))
    return Fold(
        np.flatnonzero(~is_asked_N), np.flatnonzero(is_asked_N), learnt_NF - mean_F, asked_NF - mean_F, inverse_FF
    )


def learners(embeddings_ND: np.ndarray, folds_N: np.ndarray, seed: int) -> list[OutOfFold]:
    """The linear and the kernel discriminant of one view."""
    parts_NF, spread_F = components(embeddings_ND, LINEAR, seed)
    ridge = RIDGE_LINEAR * float((spread_F**2).mean()) * len(parts_NF)
    kernel_NF = kernel_features(parts_NF[:, :HALF_WHITE] / np.sqrt(spread_F[:HALF_WHITE]), seed)
    return [OutOfFold(parts_NF, folds_N, ridge), OutOfFold(kernel_NF, folds_N, RIDGE_KERNEL)]


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
