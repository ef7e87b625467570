"""How probable it is that each label of one attribute is wrong: the core, on arrays.

    1. scores of discriminants and of neighbours on every view, out of fold, and of the probabilities that are given
    2. what photos of one group share, where the attribute is the group's
    3. noise matrix and temperature that explain the given labels
    4. the same again with the labels as they now seem: those who learn are misled less
    5. training dynamics, where they were recorded
    6. scores that add up to how many labels are wrong by a noise matrix of free form, or by even mistakes where the labels are too few

Shape legend: N photos, D features, V values, k neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photobench.audit.heads import FLOOR, fold_numbers, standardised
from photobench.audit.labels import noise, votes
from photobench.audit.labels.learners import learners
from photobench.audit.labels.matrix import adding_up, noise_matrix
from photobench.audit.labels.total import Total, margin_words, total_wrong

ROUNDS = 2


@dataclass(frozen=True)
class Suspicion:
    """What is thought of the labels of one attribute.

    Attributes:
        score_N: probability that the label is wrong.
        suggested_N: the most probable other value.
        posterior_NV: how probable each value is, by everything that is known.
        model_NV: what the models say that did not learn from the photo's cluster, without its label.
        votes_NV: how many of the nearest photos of other clusters carry each value.
        fellows_NV: how many of the other photos of the group do; None where the attribute is not the group's.
        neighbours_Nk: rows of these nearest photos, −1 where there are not as many.
        noise_VV: probability that a photo of a value (row) is given another (column).
        total: how many labels are wrong in all.
    """

    score_N: np.ndarray
    suggested_N: np.ndarray
    posterior_NV: np.ndarray
    model_NV: np.ndarray
    votes_NV: np.ndarray
    fellows_NV: np.ndarray | None
    neighbours_Nk: np.ndarray
    noise_VV: np.ndarray
    total: Total


def suspect(codes_N: np.ndarray, probs_NV: np.ndarray, views: Sequence[np.ndarray], clusters_N: np.ndarray,
            groups_N: np.ndarray | None = None, margins_N: np.ndarray | None = None, seed: int = 0,
            neighbours_Nk: np.ndarray | None = None) -> Suspicion:  # fmt: skip
    """Judge labelled photos. Everything must be known of each of them: no −1 among the codes, no NaN but in the margins.

    Args:
        probs_NV: probabilities by a model that did not learn from the photo's cluster.
        views: embeddings (N, D), each of one backbone that has learnt no label; without any, the probabilities judge alone.
        clusters_N: photos that are never apart in a fold.
        groups_N: who is in a photo, where that is known.
        margins_N: area under the margin of the given label in training, NaN where there is none.
        neighbours_Nk: rows of the nearest photos of other clusters, to be shown, −1 where there are not as many; found in the first view
            where it is None.

    Raises:
        NotPossible: all photos are of one cluster.
    """
    num_values = probs_NV.shape[1]
    folds_N = fold_numbers(codes_N, clusters_N, seed=seed)
    models = [model for view_ND in views for model in learners(view_ND, folds_N, clusters_N, seed)]
    if groups_N is not None and not votes.is_of_the_group(groups_N, codes_N, num_values):
        groups_N = None
    fellows_NV = None if groups_N is None else votes.fellows_of(groups_N, codes_N, num_values)
    given_NV = np.log(np.maximum(probs_NV, FLOOR))
    belief_NV = np.eye(num_values)[codes_N]
    for _ in range(ROUNDS):
        scores = [noise.scaled(model.scores(belief_NV), belief_NV) for model in models]
        mean_NV = np.mean([*scores, given_NV], axis=0)
        model_NV, even_VV = noise.fit(mean_NV if groups_N is None else votes.pooled(mean_NV, groups_N), codes_N)
        known_NV = model_NV + (0.0 if groups_N is None else votes.words_of_fellows(groups_N, codes_N, even_VV))
        belief_NV, _ = noise.judged(known_NV, codes_N, even_VV)
    belief_NV = _doubted(belief_NV, codes_N, margin_words(margins_N, codes_N))
    noise_VV, num_wrong = noise_matrix(mean_NV, codes_N, groups_N)
    score_N = adding_up(1 - belief_NV[np.arange(len(codes_N)), codes_N], num_wrong)
    if neighbours_Nk is None:
        neighbours_Nk = (
            votes.neighbours_of(standardised(views[0]), clusters_N) if views else np.full((len(codes_N), 0), -1)
        )
    return Suspicion(
        np.clip(score_N, 0, 1), _others(belief_NV, codes_N).argmax(axis=1), belief_NV, np.exp(model_NV),
        votes.votes_of(neighbours_Nk, codes_N, num_values), fellows_NV, neighbours_Nk, noise_VV,
        total_wrong(score_N, clusters_N),
    )  # fmt: skip


def _doubted(belief_NV: np.ndarray, codes_N: np.ndarray, words_N: np.ndarray) -> np.ndarray:
    """Beliefs after the odds of the given label fell by these words (N,)."""
    doubted_NV = belief_NV.copy()
    doubted_NV[np.arange(len(codes_N)), codes_N] *= np.exp(-words_N)
    return doubted_NV / doubted_NV.sum(axis=1, keepdims=True)


def _others(probs_NV: np.ndarray, codes_N: np.ndarray) -> np.ndarray:
    """The probabilities of the values that were not given."""
    others_NV = probs_NV.copy()
    others_NV[np.arange(len(codes_N)), codes_N] = -1
    return others_NV
