"""Out-of-fold probabilities from embeddings: what a linear model says of a photo that it did not learn from.

Shape legend: N photos, D features, A attributes, V values of one attribute, K joint classes.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from photobench.audit.evidence import NotPossible
from photobench.records import ClassSpace

FOLDS = 5
INVERSE_REG = 0.003
"""Of the logistic regression on features of unit variance: strong, for there are more features than a photo can tell."""
FLOOR = 1e-6
"""Probability of a value that the model has not met."""


def out_of_fold(embeddings_ND: np.ndarray, codes_NA: np.ndarray, clusters_N: np.ndarray, space: ClassSpace,
                folds: int = FOLDS, seed: int = 0) -> np.ndarray:  # fmt: skip
    """Joint probabilities (N, K) of logistic regressions, one per attribute and fold, that learnt from other clusters only.

    Rows with NaN in the embedding get NaN. An unlabelled photo (−1) is asked and not learned from. An attribute with one value in
    its labels is told with certainty, for nothing else can be.

    Raises:
        NotPossible: fewer than two clusters have a label.
    """
    marginals = [
        attribute_probs(embeddings_ND, codes_NA[:, number], clusters_N, size, folds, seed)
        for number, size in enumerate(space.sizes)
    ]
    return space.join(marginals)


def attribute_probs(embeddings_ND: np.ndarray, codes_N: np.ndarray, clusters_N: np.ndarray, num_values: int,
                    folds: int = FOLDS, seed: int = 0) -> np.ndarray:  # fmt: skip
    """The same for one attribute: (N, V)."""
    probs_NV = np.full((len(codes_N), num_values), np.nan)
    rows = np.flatnonzero(np.isfinite(embeddings_ND).all(axis=1))
    scaled_ND = standardised(embeddings_ND[rows])
    codes_n = codes_N[rows]
    fold_n = fold_numbers(codes_n, clusters_N[rows], folds, seed)
    for fold in range(fold_n.max(initial=-1) + 1):
        learn = (fold_n != fold) & (codes_n >= 0)
        ask = fold_n == fold
        probs_NV[rows[ask]] = _asked(scaled_ND[learn], codes_n[learn], scaled_ND[ask], num_values)
    return probs_NV


def _asked(learn_ND: np.ndarray, codes_N: np.ndarray, ask_MD: np.ndarray, num_values: int) -> np.ndarray:
    probs_MV = np.full((len(ask_MD), num_values), FLOOR)
    there = np.unique(codes_N)
    if len(there) == 1:
        probs_MV[:, there[0]] = 1.0
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = LogisticRegression(C=INVERSE_REG, max_iter=200).fit(learn_ND, codes_N)
        probs_MV[:, there] = np.maximum(model.predict_proba(ask_MD), FLOOR)
    return probs_MV / probs_MV.sum(axis=1, keepdims=True)


def standardised(vectors_ND: np.ndarray) -> np.ndarray:
    """Each feature with mean 0 and variance 1, float32; what never differs is 0."""
    vectors_ND = np.asarray(vectors_ND, dtype=np.float32)
    return (vectors_ND - vectors_ND.mean(axis=0)) / (vectors_ND.std(axis=0) + 1e-6)


def fold_numbers(codes_N: np.ndarray, clusters_N: np.ndarray, folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """(N,) the fold of each photo: stratified by code, a cluster never apart.

    Raises:
        NotPossible: there are not two clusters with a label, so that nothing can be learned from others.
    """
    num_clusters = len(np.unique(clusters_N[codes_N >= 0]))
    if num_clusters < 2:
        raise NotPossible(
            "All labelled photos are of one group, so none can be judged by the others; give the photos the groups that they have."
        )
    folds = min(folds, num_clusters)
    is_alone = num_clusters == len(codes_N)
    kind = StratifiedKFold if is_alone else StratifiedGroupKFold
    fold_N = np.zeros(len(codes_N), dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class with fewer photos than folds is not in each of them
        parts = kind(folds, shuffle=True, random_state=seed).split(codes_N, _split_codes(codes_N, folds), clusters_N)
        for fold, (_, asked) in enumerate(parts):
            fold_N[asked] = fold
    return fold_N


def _split_codes(codes_N: np.ndarray, folds: int) -> np.ndarray:
    """Codes to stratify by: those with fewer photos than folds go as one, for scikit-learn wants a class in every fold."""
    values, where_N, counts = np.unique(codes_N, return_inverse=True, return_counts=True)
    rare = counts[where_N] < folds
    if rare.sum() < folds:
        return np.where(rare, values[counts.argmax()], codes_N)
    return np.where(rare, values.max() + 1, codes_N)
