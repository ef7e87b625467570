from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from photobench.bootstrap import Sample
from photobench.refine.thresholds import best_weights


def answers(num: int, bias: float, seed: int = 0, rare: float = 0.05) -> Sample:
    """Three classes, told with noise, by a model that has learned that the last one is rare. Three photos of a person."""
    rng = np.random.default_rng(seed)
    groups_N = np.repeat(np.arange(num // 3), 3)
    truth_N = rng.choice(3, num // 3, p=[0.6 - rare, 0.4, rare])[groups_N]
    logits_NK = np.eye(3)[truth_N] * 2.0 + rng.normal(0, 1, (num, 3)) + [0, 0, -bias]
    probs_NK = np.exp(logits_NK) / np.exp(logits_NK).sum(axis=1, keepdims=True)
    return Sample(truth_N, probs_NK.argmax(axis=1), probs_NK, groups_N, num // 3)


def macro_f1(sample: Sample, weights_K: np.ndarray) -> float:
    return f1_score(sample.truth_N, (sample.probs_NK * weights_K).argmax(axis=1), average="macro", zero_division=0)


def test_the_weights_are_the_best_of_a_grid() -> None:
    sample = answers(150, bias=2)
    weights_K = best_weights(sample.probs_NK, sample.truth_N)
    grid = [np.array([a, b, 1.0]) for a in np.geomspace(0.02, 20, 25) for b in np.geomspace(0.02, 20, 25)]
    assert macro_f1(sample, weights_K) >= max(macro_f1(sample, w) for w in grid) - 0.02
    assert macro_f1(sample, weights_K) > macro_f1(sample, np.ones(3)) + 0.05
    assert np.prod(weights_K) == pytest.approx(1)


def test_a_rare_class_that_is_said_too_late_is_said_sooner() -> None:
    sample = answers(1500, bias=2.5)
    assert best_weights(sample.probs_NK, sample.truth_N).argmax() == 2


def test_what_nothing_improves_stays() -> None:
    probs_NK = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]])
    assert best_weights(probs_NK, np.array([0, 0, 1])).tolist() == [1.0, 1.0]
