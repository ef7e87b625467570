from __future__ import annotations

import numpy as np
import pytest

from photobench.ensemble import METHODS, Fitted, Known
from photobench.ensemble.greedy import greedy_weights
from photobench.ensemble.stacking import stacked
from photobench.metrics import score
from tests.ensemble.answers import answers


def test_votes_are_counted_and_a_tie_goes_to_the_surer() -> None:
    say = np.array([[[0.9, 0.1, 0.0]], [[0.4, 0.6, 0.0]], [[0.4, 0.6, 0.0]]])
    method, equal = METHODS.build("hard"), Fitted(np.full(3, 1 / 3))
    assert method.combine(say, equal).argmax(axis=1).tolist() == [1]  # the mean would say 0
    assert METHODS.build("soft").combine(say, equal).argmax(axis=1).tolist() == [0]
    assert method.combine(say[:2], Fitted(np.full(2, 0.5))).argmax(axis=1).tolist() == [0]


def test_ranks_do_not_care_how_sure_a_member_is() -> None:
    """A member whose probabilities are all near a third drowns in the mean; its order is as good."""
    known = answers((1.5, 1.5), people=200)
    shy = 1 / 3 + (known.probs_MNK[0] - 1 / 3) * 0.01
    other = Known(np.stack([shy, known.probs_MNK[1]]), known.truth_N, known.clusters_N)
    marks = {}
    for name in ("soft", "rank"):
        method = METHODS.build(name)
        marks[name] = score("accuracy", known.truth_N, method.combine(other.probs_MNK, method.fit(other, 0)))
    best = score("accuracy", known.truth_N, METHODS.build("soft").combine(known.probs_MNK, Fitted(np.full(2, 0.5))))
    assert marks["rank"] > marks["soft"] + 0.03
    assert marks["rank"] == pytest.approx(best, abs=0.02)


def test_greedy_leaves_out_who_knows_nothing() -> None:
    weights_M = greedy_weights(answers((2.0, 2.0, 0.0), people=100), seed=0)
    assert weights_M.sum() == pytest.approx(1)
    assert weights_M[2] < 0.1
    assert weights_M[:2].min() > 0.25


def test_greedy_counts_photos_as_often_as_they_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    from photobench.ensemble import greedy

    known = answers((1.0, 1.2, 0.8), people=30)
    times_N = np.random.default_rng(0).integers(1, 4, len(known.truth_N)).astype(float)
    repeated = known.rows(np.repeat(np.arange(len(times_N)), times_N.astype(int)))
    ones = np.ones(len(repeated.truth_N))
    assert greedy._select(known, times_N).tolist() == greedy._select(repeated, ones).tolist()


def test_stacking_is_the_best_of_its_kind() -> None:
    """No small change of a weight or an offset makes the penalised likelihood higher; and the better member counts more."""
    known = answers((2.0, 0.5), people=150)
    weights_M, _, offsets_K = stacked(known)
    assert weights_M[0] > weights_M[1] > 0

    def loss(at: np.ndarray) -> float:
        logs = np.log(np.maximum(known.probs_MNK, 1e-6))
        logits = np.tensordot(at[:2], logs, axes=1) + at[2:]
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        prior = at - np.concatenate([[0.5, 0.5], np.zeros(3)])
        return float(-logits[np.arange(len(known.truth_N)), known.truth_N].sum() + 0.5 * prior @ prior)

    found = np.concatenate([weights_M, offsets_K])
    for number in range(len(found)):
        for step in (-0.01, 0.01):
            assert loss(found + step * np.eye(len(found))[number]) > loss(found) - 1e-6


def test_stacking_learns_that_a_class_is_said_too_seldom() -> None:
    known = answers((2.0, 2.0), people=150)
    shy = known.probs_MNK * np.array([1, 1, 0.05])
    biased = Known(shy / shy.sum(axis=2, keepdims=True), known.truth_N, known.clusters_N)
    assert stacked(biased)[2].argmax() == 2
