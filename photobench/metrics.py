"""What a good prediction is, in numbers. Numpy only; every metric agrees with scikit-learn's to the last
digits.

Shape legend: N photos, K classes, `...` any leading axes, such as B resamplings. NaN says that a figure is
undefined."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from photobench.registry import Entry, Registry


def confusion(truth_N: np.ndarray, predicted_N: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts (K, K) of photos by true class (rows) and predicted class (columns).

    Raises:
        ValueError: the two differ in length, or hold a class outside 0 … K − 1.
    """
    truth_N, predicted_N = np.asarray(truth_N), np.asarray(predicted_N)
    if truth_N.shape != predicted_N.shape or truth_N.ndim != 1:
        raise ValueError(f"truth and predicted have shapes {truth_N.shape} and {predicted_N.shape}, expected one (N,)")
    for name, ids_N in (("truth", truth_N), ("predicted", predicted_N)):
        if len(ids_N) and not (ids_N.min() >= 0 and ids_N.max() < num_classes):
            raise ValueError(f"{name} holds {ids_N.min()} … {ids_N.max()}, expected classes 0 … {num_classes - 1}")
    cells = truth_N.astype(np.int64) * num_classes + predicted_N
    return np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


@dataclass(frozen=True)
class Counts:
    """All that accuracy, precision, recall and F1 need of a confusion: three counts per class, (..., K)."""

    hits: np.ndarray  # photos of the class that are predicted as it
    truth: np.ndarray  # photos of the class
    predicted: np.ndarray  # photos predicted as the class

    @classmethod
    def of(cls, confusion: np.ndarray) -> Counts:
        """From one confusion (K, K) or a batch (..., K, K)."""
        return cls(np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(axis=-1), confusion.sum(axis=-2))


def accuracy(counts: Counts) -> np.ndarray:
    """Fraction of photos that are right (...)."""
    return _divide(counts.hits.sum(axis=-1), counts.truth.sum(axis=-1))


def precision(counts: Counts) -> np.ndarray:
    """Per class (..., K): of the photos predicted as it, the fraction that are it. 0 if there is none."""
    return _per_class(counts, counts.hits, counts.predicted)


def recall(counts: Counts) -> np.ndarray:
    """Per class (..., K): of its photos, the fraction that are found. 0 if it has none but is predicted."""
    return _per_class(counts, counts.hits, counts.truth)


def f1(counts: Counts) -> np.ndarray:
    """Per class (..., K): harmonic mean of precision and recall."""
    return _per_class(counts, 2 * counts.hits, counts.truth + counts.predicted)


def macro(values_K: np.ndarray) -> np.ndarray:
    """Mean over the classes where the figure is defined (...): each class counts the same, however rare.

    For precision, recall and F1 those are the classes that occur in the truth or among the predictions, which
    is what scikit-learn's `average="macro"` takes, with `zero_division=0`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a mean of nothing is NaN, as it should be
        return np.nanmean(values_K, axis=-1)


def auc_steps(positive_N: np.ndarray, scores_N: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where each photo stands on the stairs of U distinct scores that the positives have.

    A negative gives half its weight to the step `left`, half to the step `right`; U is above all positives.
    Then the credit of a positive on step u, the weight of the negatives below it with ties as half, is the
    sum over steps 0 … u.

    Returns:
        The step of each positive, and `left` and `right` of each negative, in the order of the photos.
    """
    stairs_U, step = np.unique(scores_N[positive_N], return_inverse=True)
    others = scores_N[~positive_N]
    return step, np.searchsorted(stairs_U, others, "left"), np.searchsorted(stairs_U, others, "right")


def roc_auc(truth_N: np.ndarray, scores_NK: np.ndarray, weights_N: np.ndarray | None = None) -> np.ndarray:
    """Per class (K,): the chance that a photo of the class scores above one of the others; a tie counts half.

    NaN where the weights leave no photo of the class, or no other.
    """
    weights_N = np.ones(len(truth_N)) if weights_N is None else np.asarray(weights_N, dtype=np.float64)
    return np.array([_auc(truth_N == k, scores_NK[:, k], weights_N) for k in range(scores_NK.shape[1])])


def log_loss(truth_N: np.ndarray, probs_NK: np.ndarray) -> float:
    """Mean of −log of the probability given to the truth, in nats.

    Probabilities are normalised and kept above 1e−15.
    """
    probs_NK = np.asarray(probs_NK, dtype=np.float64)
    given_N = np.take_along_axis(probs_NK, truth_N[:, None], axis=1)[:, 0] / probs_NK.sum(axis=1)
    return float(-np.log(np.maximum(given_N, 1e-15)).mean())


def score(name: str, truth_N: np.ndarray, probs_NK: np.ndarray) -> float:
    """A metric of METRICS by its name; higher is better. NaN where it is undefined or a probability is not a
    number.

    Raises:
        ConfigError: there is no such metric.
        ValueError: the shapes do not fit, or the truth holds a class outside 0 … K − 1.
    """
    entry = METRICS.get(name)
    truth_N, probs_NK = np.asarray(truth_N), np.asarray(probs_NK)
    if truth_N.ndim != 1 or probs_NK.ndim != 2 or len(truth_N) != len(probs_NK):
        raise ValueError(
            f"truth and probabilities have shapes {truth_N.shape} and {probs_NK.shape}, expected (N,), (N, K)"
        )
    if len(truth_N) and not (truth_N.min() >= 0 and truth_N.max() < probs_NK.shape[1]):
        raise ValueError(f"truth holds {truth_N.min()} … {truth_N.max()}, expected 0 … {probs_NK.shape[1] - 1}")
    if len(truth_N) == 0 or not np.isfinite(probs_NK).all():
        return float("nan")
    return float(entry.build(truth_N.astype(np.int64), probs_NK))


def _counts(truth_N: np.ndarray, probs_NK: np.ndarray) -> Counts:
    return Counts.of(confusion(truth_N, probs_NK.argmax(axis=1), probs_NK.shape[1]))


METRICS: Registry[float] = Registry(
    "metric",
    Entry(
        "macro_f1",
        lambda t, p: float(macro(f1(_counts(t, p)))),
        "mean F1 of the classes, each counting the same however rare",
    ),
    Entry(
        "accuracy",
        lambda t, p: float(accuracy(_counts(t, p))),
        "fraction of photos that are right; blind to rare classes",
    ),
    Entry(
        "macro_recall",
        lambda t, p: float(macro(recall(_counts(t, p)))),
        "mean recall of the classes: balanced accuracy",
    ),
    Entry(
        "auc",
        lambda t, p: float(macro(roc_auc(t, p))),
        "mean area under the ROC curve, each class against the rest",
    ),
    Entry("neg_log_loss", lambda t, p: -log_loss(t, p), "minus the log-loss: rewards honest probabilities"),
)
"""What can select the best epoch; every one is higher for a better model."""


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    below = np.asarray(below, dtype=np.float64)
    return np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0)


def _per_class(counts: Counts, above: np.ndarray, below: np.ndarray) -> np.ndarray:
    occurs = counts.truth + counts.predicted > 0
    return np.where(occurs, np.nan_to_num(_divide(above, below)), np.nan)


def _auc(positive_N: np.ndarray, scores_N: np.ndarray, weights_N: np.ndarray) -> float:
    step, left, right = auc_steps(positive_N, scores_N)
    above_P, below_M = weights_N[positive_N], weights_N[~positive_N]
    pairs = above_P.sum() * below_M.sum()
    if not pairs > 0:
        return float("nan")
    size = int(step.max()) + 2
    gained_U = (np.bincount(left, below_M, size) + np.bincount(right, below_M, size)) / 2
    return float(above_P @ np.cumsum(gained_U)[step] / pairs)
