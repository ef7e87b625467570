"""The best of many is better by luck, and by how much is told."""

from __future__ import annotations

import numpy as np

from photobench.bootstrap import Sample
from photobench.tune.luck import luck_of_choosing

GROUPS, EACH = 60, 4


def trial(rng: np.random.Generator, truth_N: np.ndarray, right: float) -> Sample:
    """Of photos of 60 persons, who are easy or hard for it as a whole."""
    groups_N = np.repeat(np.arange(GROUPS), EACH)
    hard_G = rng.random(GROUPS) > right
    predicted_N = np.where(hard_G[groups_N], 1 - truth_N, truth_N)
    return Sample(truth_N, predicted_N, np.eye(2)[predicted_N], groups_N, GROUPS)


def test_where_no_trial_is_better_choosing_gains_nothing_on_other_photos() -> None:
    rng = np.random.default_rng(0)
    seen, unseen, held = [], [], 0
    for seed in range(20):
        truth_N = rng.integers(2, size=GROUPS * EACH)
        found = luck_of_choosing([trial(rng, truth_N, 0.7) for _ in range(15)], "macro_f1", seed, 0.95)
        assert found is not None
        seen.append(found.seen)
        unseen.append(found.unseen.value)
        held += found.unseen.low <= 0 <= found.unseen.high
    assert np.mean(seen) > 0.07
    assert abs(np.mean(unseen)) < 0.03
    assert held >= 18


def test_where_one_is_better_it_is_found_on_other_photos_too() -> None:
    rng = np.random.default_rng(1)
    truth_N = rng.integers(2, size=GROUPS * EACH)
    samples = [trial(rng, truth_N, 0.6), *(trial(rng, truth_N, 0.6) for _ in range(5)), trial(rng, truth_N, 0.97)]
    found = luck_of_choosing(samples, "macro_f1", 0, 0.95)
    assert found is not None
    assert found.unseen.low > 0.05
    assert 0 <= found.luck < 0.1


def test_nothing_is_said_with_too_few_groups() -> None:
    truth_N = np.array([0, 1] * 4)
    few = Sample(truth_N, truth_N, np.eye(2)[truth_N], np.arange(8), 8)
    assert luck_of_choosing([few, few, few], "macro_f1", 0, 0.95) is None
