from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from photobench.bootstrap import Sample
from photobench.evaluation import Figure
from photobench.refine.thresholds import Thresholds, best_weights, tune_thresholds, weighted_classes


def answers(num: int, bias: float, seed: int = 0, rare: float = 0.05) -> Sample:
    """Three classes, told with noise, by a model that has learned that the last one is rare. Three photos of a person."""
    rng = np.random.default_rng(seed)
    groups_N = np.repeat(np.arange(num // 3), 3)
    truth_N = rng.choice(3, num // 3, p=[0.6 - rare, 0.4, rare])[groups_N]
    logits_NK = np.eye(3)[truth_N] * 2.0 + rng.normal(0, 1, (num, 3)) + [0, 0, -bias]
    probs_NK = np.exp(logits_NK) / np.exp(logits_NK).sum(axis=1, keepdims=True)
    return Sample(truth_N, probs_NK.argmax(axis=1), probs_NK, groups_N, num // 3)


def macro_f1(sample: Sample, weights_K: np.ndarray) -> float:
    return f1_score(sample.truth_N, weighted_classes(sample.probs_NK, weights_K), average="macro", zero_division=0)


def test_the_weights_are_the_best_of_a_grid() -> None:
    sample = answers(150, bias=2)
    weights_K = best_weights(sample.probs_NK, sample.truth_N)
    grid = [np.array([a, b, 1.0]) for a in np.geomspace(0.02, 20, 25) for b in np.geomspace(0.02, 20, 25)]
    assert macro_f1(sample, weights_K) >= max(macro_f1(sample, w) for w in grid) - 0.02
    assert macro_f1(sample, weights_K) > macro_f1(sample, np.ones(3)) + 0.05
    assert np.prod(weights_K) == pytest.approx(1)


def test_a_rare_class_that_is_said_too_late_is_said_sooner_and_that_is_worth_it() -> None:
    found = tune_thresholds(answers(1500, bias=2.5), num=300, confidence=0.95)
    assert found.weights_K.argmax() == 2
    assert found.is_worth_it
    assert str(found).startswith("Class thresholds are worth it: +0.")


def test_the_gain_is_measured_on_other_photos() -> None:
    """Of noise nothing can be gained, though on the photos that they are tuned on the weights look good."""
    looks, gains = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        probs_NK = rng.dirichlet(np.ones(4), 120)
        sample = Sample(rng.integers(4, size=120), probs_NK.argmax(axis=1), probs_NK, np.arange(120), 120)
        found = tune_thresholds(sample, num=200, confidence=0.95)
        looks.append(macro_f1(sample, found.weights_K) - macro_f1(sample, np.ones(4)))
        gains.append(found.gain.value)
        assert not found.is_worth_it
    assert np.mean(looks) > 0.05
    assert np.mean(gains) < 0.02


def test_a_group_is_never_both_tuned_on_and_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from photobench.refine import thresholds

    sample, tuned = answers(90, bias=1), []
    original = thresholds.best_weights
    rows_of = {row.tobytes(): n for n, row in enumerate(sample.probs_NK)}

    def spy(probs_NK: np.ndarray, truth_N: np.ndarray) -> np.ndarray:
        tuned.append({sample.groups_N[rows_of[row.tobytes()]] for row in probs_NK})
        return original(probs_NK, truth_N)

    monkeypatch.setattr(thresholds, "best_weights", spy)
    tune_thresholds(sample, num=20, confidence=0.95)
    everyone = set(range(30))
    asked = [everyone - groups for groups in tuned[:-1]]
    assert set().union(*asked) == everyone
    assert sum(map(len, asked)) == len(everyone)


def test_what_nothing_improves_stays() -> None:
    probs_NK = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]])
    assert best_weights(probs_NK, np.array([0, 0, 1])).tolist() == [1.0, 1.0]


def test_json_keeps_it() -> None:
    found = Thresholds(np.array([0.5, 2.0]), Figure(0.1, -0.1, 0.3))
    again = Thresholds.from_json(found.to_json())
    assert again.weights_K.tolist() == [0.5, 2.0]
    assert again.gain == found.gain
    assert "are not worth it: +0.100 macro-F1 (-0.100 to +0.300)" in str(again)
    assert "cannot be said" in str(Thresholds(np.ones(2), Figure(0.1)))
