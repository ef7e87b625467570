from __future__ import annotations

import numpy as np
import pytest

from photobench.bootstrap import Sample
from photobench.evaluation import Reliability
from photobench.reliability import reliability


def answers(num: int, sharpness: float = 1.0, each: int = 1, seed: int = 0) -> Sample:
    """Probabilities that mean what they say, then made surer by `sharpness`. `each` photos of a person are right or wrong together."""
    rng = np.random.default_rng(seed)
    probs_NK = rng.dirichlet([1.0, 1.0, 1.0], num // each)
    truth_N = (probs_NK.cumsum(axis=1) < rng.random((num // each, 1))).sum(axis=1)
    probs_NK = probs_NK**sharpness
    probs_NK /= probs_NK.sum(axis=1, keepdims=True)
    probs_NK, truth_N = probs_NK.repeat(each, axis=0), truth_N.repeat(each)
    groups_N = np.arange(num // each).repeat(each)
    return Sample(truth_N, probs_NK.argmax(axis=1), probs_NK, groups_N, num // each)


def ece(sample: Sample) -> float:
    return reliability(sample, 0, 0.95, 0).ece.value


def plain_ece(sample: Sample, num_bins: int = 15) -> float:
    """Without taking off what chance adds."""
    confidence = sample.probs_NK.max(axis=1)
    gap = (sample.predicted_N == sample.truth_N) - confidence
    parts = np.array_split(gap[np.argsort(confidence)], num_bins)
    return float(sum(abs(part.mean()) * len(part) for part in parts) / len(gap))


@pytest.mark.parametrize("each", [1, 5])
def test_a_part_of_chance_is_taken_off_of_honest_probabilities_in_groups_too(each: int) -> None:
    seeds = range(12)
    ours = np.mean([ece(answers(600, each=each, seed=s)) for s in seeds])
    usual = np.mean([plain_ece(answers(600, each=each, seed=s)) for s in seeds])
    assert ours < 0.7 * usual


def test_too_sure_is_measured_as_large_as_it_is() -> None:
    small = np.mean([ece(answers(600, sharpness=3, seed=s)) for s in range(8)])
    assert small == pytest.approx(plain_ece(answers(60_000, sharpness=3)), rel=0.15)


def test_the_interval_holds_the_value_and_shrinks_with_photos() -> None:
    few, many = (reliability(answers(n, sharpness=3), 200, 0.95, 0).ece for n in (300, 3000))
    assert few.low < few.value < few.high
    assert many.high - many.low < 0.6 * (few.high - few.low)


def test_bins_hold_the_same_number_and_lie_below_the_diagonal_where_it_is_too_sure() -> None:
    found = reliability(answers(3000, sharpness=3), 0, 0.95, 0)
    assert len(found.bins) == 15
    assert {one.photos for one in found.bins} == {200}
    assert all(one.right < one.promised for one in found.bins[3:])
    assert all(one.low <= one.right <= one.high for one in found.bins)
    assert Reliability.from_json(found.to_json()) == found


def test_answers_of_one_confidence_are_one_bin() -> None:
    probs_NK = np.tile([0.7, 0.3], (100, 1))
    truth_N = (np.arange(100) >= 70).astype(int)
    found = reliability(Sample(truth_N, np.zeros(100, int), probs_NK, np.arange(100), 100), 50, 0.95, 0)
    assert [(one.photos, one.right) for one in found.bins] == [(100, 0.7)]
    assert found.ece.value == pytest.approx(0, abs=1e-9)
