"""Metrics against scikit-learn, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from photobench import metrics
from photobench.errors import ConfigError
from photobench.metrics import METRICS, Counts, confusion

CASES = [(1, 2, 1), (30, 3, 2), (200, 18, 3), (500, 5, 4), (40, 30, 5)]  # photos, classes, seed


def case(num: int, K: int, seed: int, decimals: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Unbalanced truth and coarse probabilities, so that there are ties and absent classes."""
    rng = np.random.default_rng(seed)
    truth_N = rng.choice(K, num, p=rng.dirichlet(np.full(K, 0.7)))
    probs_NK = rng.dirichlet(np.ones(K), num) + np.eye(K)[truth_N] * rng.random((num, 1)) * 0.5
    return truth_N, np.round(probs_NK, decimals) + 1e-3


@pytest.mark.parametrize(("num", "K", "seed"), CASES)
def test_confusion_and_its_figures_are_those_of_scikit_learn(num: int, K: int, seed: int) -> None:
    truth, probs = case(num, K, seed)
    predicted = probs.argmax(axis=1)
    table = confusion(truth, predicted, K)
    counts = Counts.of(table)

    np.testing.assert_array_equal(table, sk.confusion_matrix(truth, predicted, labels=range(K)))
    assert metrics.accuracy(counts) == pytest.approx(sk.accuracy_score(truth, predicted), abs=1e-12)
    for ours, theirs in (
        (metrics.precision, sk.precision_score),
        (metrics.recall, sk.recall_score),
        (metrics.f1, sk.f1_score),
    ):
        wanted_K = theirs(truth, predicted, labels=range(K), average=None, zero_division=0)
        np.testing.assert_allclose(np.nan_to_num(ours(counts)), wanted_K, atol=1e-12)
        wanted = theirs(truth, predicted, average="macro", zero_division=0)
        assert metrics.macro(ours(counts)) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(("num", "K", "seed"), CASES[1:])
@pytest.mark.parametrize("decimals", [0, 1, 9])
@pytest.mark.parametrize("weighted", [False, True])
def test_auc_is_that_of_scikit_learn_with_ties_and_weights(
    num: int, K: int, seed: int, decimals: int, weighted: bool
) -> None:
    truth, probs = case(num, K, seed, decimals)
    weights = np.random.default_rng(seed).integers(0, 4, num).astype(float) if weighted else np.ones(num)
    ours = metrics.roc_auc(truth, probs, weights if weighted else None)
    for k in range(K):
        positive = truth == k
        if weights[positive].sum() == 0 or weights[~positive].sum() == 0:
            assert np.isnan(ours[k])
        else:
            wanted = sk.roc_auc_score(positive, probs[:, k], sample_weight=weights)
            assert ours[k] == pytest.approx(wanted, abs=1e-12)


def test_auc_by_hand() -> None:
    truth = np.array([1, 1, 0, 0])
    scores = np.array([0.9, 0.4, 0.4, 0.1])
    # of four pairs, three are in order and one is tied
    assert metrics.roc_auc(truth, np.stack([1 - scores, scores], axis=1)) == pytest.approx([0.875, 0.875])


def test_figures_by_hand() -> None:
    table = np.array([[3, 1, 0], [0, 0, 0], [1, 0, 0]])
    counts = Counts.of(table)
    assert metrics.accuracy(counts) == pytest.approx(0.6)
    np.testing.assert_allclose(metrics.precision(counts), [0.75, 0, 0])
    np.testing.assert_allclose(metrics.recall(counts), [0.75, 0, 0])
    assert metrics.macro(metrics.f1(counts)) == pytest.approx(0.25)


def test_a_class_that_occurs_nowhere_is_undefined_and_left_out() -> None:
    counts = Counts.of(np.array([[2, 0, 0], [0, 0, 0], [1, 0, 1]]))
    assert np.isnan(metrics.f1(counts)[1])
    assert metrics.macro(metrics.f1(counts)) == pytest.approx((0.8 + 2 / 3) / 2)


def test_a_batch_is_its_tables_one_by_one() -> None:
    tables = np.random.default_rng(0).integers(0, 3, (7, 4, 4))
    batch = Counts.of(tables)
    for ours in (metrics.accuracy, metrics.precision, metrics.recall, metrics.f1):
        one_by_one = [ours(Counts.of(table)) for table in tables]
        np.testing.assert_array_equal(ours(batch), np.array(one_by_one))


def test_nothing_has_no_figures() -> None:
    counts = Counts.of(confusion(np.array([], dtype=int), np.array([], dtype=int), 3))
    assert np.isnan(metrics.accuracy(counts))
    assert np.isnan(metrics.macro(metrics.f1(counts)))


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [([0, 3], [0, 0]), ([0, 1], [0, -1]), ([0, 1], [0]), ([[0]], [[0]])],
)
def test_confusion_checks_its_arguments(truth: list[int], predicted: list[int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        confusion(np.array(truth), np.array(predicted), 3)


@pytest.mark.parametrize(("num", "K", "seed"), CASES[1:])
def test_scores_are_those_of_scikit_learn(num: int, K: int, seed: int) -> None:
    truth, probs = case(num, K, seed)
    predicted, normal = probs.argmax(axis=1), probs / probs.sum(axis=1, keepdims=True)
    wanted = {
        "macro_f1": sk.f1_score(truth, predicted, average="macro", zero_division=0),
        "accuracy": sk.accuracy_score(truth, predicted),
        "macro_recall": sk.recall_score(truth, predicted, average="macro", zero_division=0),
        "neg_log_loss": -sk.log_loss(truth, normal, labels=range(K)),
    }
    for name, value in wanted.items():
        assert metrics.score(name, truth, probs) == pytest.approx(value, abs=1e-12)


def test_auc_score_is_the_mean_over_classes_that_can_be_told() -> None:
    truth, probs = case(200, 6, 9)
    keep = truth != 2
    truth, probs = truth[keep], probs[keep]
    each = [sk.roc_auc_score(truth == k, probs[:, k]) for k in np.unique(truth)]
    assert metrics.score("auc", truth, probs) == pytest.approx(np.mean(each), abs=1e-12)


@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_prefers_the_truth(name: str) -> None:
    """The contract of METRICS: a float, highest for certain and right, lower for wrong."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 60)
    right, wrong = np.eye(4)[truth], np.eye(4)[(truth + 1) % 4]
    guess = rng.dirichlet(np.ones(4), 60)
    scores = [metrics.score(name, truth, probs) for probs in (wrong, guess, 0.5 * guess + 0.5 * right, right)]
    assert all(isinstance(s, float) for s in scores)
    assert scores == sorted(scores)
    assert scores[0] < scores[1] < scores[3]
    assert METRICS.get(name).line


@pytest.mark.parametrize("name", METRICS.names())
def test_a_diverged_model_and_an_empty_split_score_nan(name: str) -> None:
    probs = np.full((3, 2), 0.5)
    probs[1] = np.nan
    assert np.isnan(metrics.score(name, np.array([0, 1, 0]), probs))
    assert np.isnan(metrics.score(name, np.array([], dtype=int), np.empty((0, 2))))


def test_score_names_what_is_wrong() -> None:
    probs = np.full((2, 2), 0.5)
    with pytest.raises(ConfigError, match="macro_f1"):
        metrics.score("macrof1", np.array([0, 1]), probs)
    with pytest.raises(ValueError, match="shapes"):
        metrics.score("accuracy", np.array([0]), probs)
    with pytest.raises(ValueError, match=r"-1 … 1"):
        metrics.score("accuracy", np.array([-1, 1]), probs)


def test_pinned_scores() -> None:
    truth, probs = case(200, 18, 3)
    found = {name: metrics.score(name, truth, probs) for name in METRICS.names()}
    assert found == pytest.approx(PINNED, abs=1e-6)


PINNED = {
    "macro_f1": 0.482666,
    "accuracy": 0.64,
    "macro_recall": 0.589135,
    "auc": 0.923311,
    "neg_log_loss": -1.662499,
}
