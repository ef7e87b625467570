from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from photobench.ledger.calibration import calibrate


def test_the_difference_and_what_it_says_of_the_next() -> None:
    expected, scores = np.array([0.70, 0.74, 0.78, 0.80]), np.array([0.65, 0.70, 0.72, 0.75])
    found = calibrate(expected, scores)
    apart = scores - expected
    low, high = stats.t.interval(0.95, 3, apart.mean(), stats.sem(apart))
    assert (found.bias.value, found.bias.low, found.bias.high) == pytest.approx((-0.05, low, high))
    assert found.off == pytest.approx(0.05)
    by_hand = [abs(a - np.delete(apart, i).mean()) for i, a in enumerate(apart)]
    assert found.off_corrected == pytest.approx(np.mean(by_hand))
    hoped = found.expect(0.82)
    assert hoped.value == pytest.approx(0.77)
    reach = stats.t.ppf(0.975, 3) * apart.std(ddof=1) * math.sqrt(1.25)
    assert (hoped.low, hoped.high) == pytest.approx((0.77 - reach, 0.77 + reach))


def test_the_correlation_has_the_interval_of_fisher() -> None:
    rng = np.random.default_rng(0)
    expected = rng.uniform(0.6, 0.8, 9)
    scores = expected + rng.normal(0, 0.05, 9)
    found, known = calibrate(expected, scores), stats.pearsonr(expected, scores)
    interval = known.confidence_interval(0.95)
    assert (found.pearson.value, found.pearson.low, found.pearson.high) == pytest.approx(
        (known.statistic, interval.low, interval.high)
    )
    assert found.spearman.value == pytest.approx(stats.spearmanr(expected, scores).statistic)
    assert found.spearman.high - found.spearman.low > 0


def test_four_in_the_same_order_are_no_certainty() -> None:
    found = calibrate(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.1, 0.3, 0.35, 0.6]))
    assert found.spearman.value == found.spearman.high == pytest.approx(1)
    assert found.spearman.low < 0


def test_few_scores_promise_nothing() -> None:
    none, one, two = (calibrate(np.full(n, 0.7), np.full(n, 0.6)) for n in range(3))
    assert math.isnan(none.bias.value)
    assert none.expect(0.7).value == 0.7
    assert one.bias.value == pytest.approx(-0.1)
    for found in (one, two):
        assert found.expect(0.7).value == pytest.approx(0.6)
        assert math.isnan(found.expect(0.7).low)
        assert math.isnan(found.pearson.value)
    same = calibrate(np.full(5, 0.7), np.linspace(0.5, 0.6, 5))
    assert math.isnan(same.pearson.value)


def test_what_is_expected_holds_as_often_as_it_says() -> None:
    """Drawn competitions with a bias and a scatter: 95 % of the next scores are in the interval."""
    rng, held = np.random.default_rng(1), 0
    for _ in range(1000):
        expected = rng.uniform(0.5, 0.7, 6)
        scores = expected - 0.04 + rng.normal(0, 0.02, 6)
        hoped = calibrate(expected[:5], scores[:5]).expect(expected[5])
        held += hoped.low <= scores[5] <= hoped.high
    assert 930 <= held <= 970
