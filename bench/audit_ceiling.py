"""How well wrong labels can be told from the same embeddings at best: by judges that learnt the true labels, which no method can have.

They are the judges of the audit: the logistic regression, the discriminants, the neighbour votes, and the mean of all. Each is asked
of photos that it did not learn from. Two things are said of a row:

    told        the mean of the judges, as the audit uses it, but told the truth: what learning from wrong labels costs
    ceiling     the best of all orders, chosen with the truth: of each judge, with the matrix by which labels went wrong known or not, and with the
                other photos of a group heard or not. Of few wrong labels much of it is the luck of choosing

What the planted truth has wrong by itself stays a false alarm for these judges too, but for photos that `apart` names.

Shape legend: N photos, V values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from audit_sets import LabelledSet
from scipy.special import logsumexp
from sklearn.metrics import average_precision_score

from photobench.audit.heads import attribute_probs, fold_numbers
from photobench.audit.labels import noise, votes
from photobench.audit.labels.learners import learners


@dataclass(frozen=True)
class Found:
    """How good an order is: average precision, and within how many times the wrong labels half of them are."""

    precision: float
    half: float


def found(score_N: np.ndarray, wrong_N: np.ndarray) -> Found:
    hits_N = np.cumsum(wrong_N[np.argsort(-score_N, kind="stable")])
    within = int(np.searchsorted(hits_N, wrong_N.sum() / 2)) + 1
    return Found(float(average_precision_score(wrong_N, score_N)), within / int(wrong_N.sum()))


class Ceiling:
    """The judges of each set, made at the first row of it: they do not depend on the labels that are given."""

    def __init__(self) -> None:
        self._judges: dict[str, list[np.ndarray]] = {}

    def __call__(self, one: LabelledSet, codes_N: np.ndarray, noise_VV: np.ndarray) -> tuple[Found, Found]:
        """What the mean judge finds that was told the truth, and the ceiling: each number of the order that is best in it.

        Args:
            noise_VV: how labels went wrong: the value that was given (column) for the true one (row).
        """
        if one.name not in self._judges:
            self._judges[one.name] = informed(one)
        counts_N, wrong_N = one.counts(codes_N), codes_N != one.truth_N
        every = [
            found(odds_N[counts_N], wrong_N[counts_N])
            for odds_N in orders(one, codes_N, self._judges[one.name], noise_VV)
        ]
        return every[0], Found(max(order.precision for order in every), min(order.half for order in every))


def informed(one: LabelledSet) -> list[np.ndarray]:
    """Log-probabilities (N, V): the mean of the judges, then each of them."""
    num = one.num_values
    truth_NV, folds_N = np.eye(num)[one.truth_N], fold_numbers(one.truth_N, one.clusters_N)
    models = learners(one.embeddings_ND, folds_N, one.clusters_N, seed=0)
    judges = [noise.scaled(model.scores(truth_NV), truth_NV) for model in models]
    judges.append(np.log(attribute_probs(one.embeddings_ND, one.truth_N, one.clusters_N, num)))
    return [noise.scaled(np.mean(judges, axis=0), truth_NV), *judges]


def orders(one: LabelledSet, codes_N: np.ndarray, judges: list[np.ndarray], noise_VV: np.ndarray) -> Iterator[np.ndarray]:  # fmt: skip
    """Log-odds (N,) that each label is wrong. The first are of the first judge, with even mistakes, and the group heard where the audit would."""
    grouped = [True, False] if votes.is_of_the_group(one.clusters_N, codes_N, one.num_values) else [False]
    for known_VV in (noise.even_noise(float((codes_N != one.truth_N).mean()), one.num_values), noise_VV):
        for judge_NV in judges:
            for with_group in grouped:
                log_probs_NV = _with_group(judge_NV, one, codes_N, known_VV) if with_group else judge_NV
                yield _odds(log_probs_NV, codes_N, known_VV)


def _with_group(judge_NV: np.ndarray, one: LabelledSet, codes_N: np.ndarray, noise_VV: np.ndarray) -> np.ndarray:
    return votes.pooled(judge_NV, one.clusters_N) + votes.words_of_fellows(one.clusters_N, codes_N, noise_VV)


def _odds(log_probs_NV: np.ndarray, codes_N: np.ndarray, noise_VV: np.ndarray) -> np.ndarray:
    joint_NV, own = log_probs_NV + np.log(noise_VV[:, codes_N].T + 1e-12), (np.arange(len(codes_N)), codes_N)
    given_N = joint_NV[own]
    joint_NV[own] = -np.inf
    return logsumexp(joint_NV, axis=1) - given_N
