from __future__ import annotations

import numpy as np
import pytest

from photobench.bootstrap import Sample
from photobench.paired import difference, mean_change, mean_difference


def said(accuracy: float, seed: int, num_classes: int = 3, num: int = 240) -> Sample:
    truth_N = np.random.default_rng(0).integers(num_classes, size=num)
    rng = np.random.default_rng(seed)
    predicted_N = np.where(rng.random(num) < accuracy, truth_N, rng.integers(num_classes, size=num))
    return Sample(truth_N, predicted_N, np.zeros((num, num_classes)), np.arange(num) // 4, num // 4)


def test_the_mean_over_attributes_is_that_of_each_and_is_surer_than_either() -> None:
    firsts, seconds = [said(0.9, 1), said(0.8, 2, 2)], [said(0.7, 3), said(0.7, 4, 2)]
    mean = mean_difference(firsts, seconds, 300, 0.95, 0)["macro_f1"]
    each = [difference(*pair, 300, 0.95, 0)["macro_f1"] for pair in zip(firsts, seconds, strict=True)]
    assert mean.value == pytest.approx(np.mean([one.value for one in each]))
    assert mean.low < mean.value < mean.high
    assert mean.high - mean.low < max(one.high - one.low for one in each)


def test_a_change_has_the_interval_of_whole_groups_and_no_bounds() -> None:
    rng = np.random.default_rng(0)
    groups_N = np.repeat(np.arange(50), 4)
    values_N = 3 + rng.normal(0, 1, 50)[groups_N]
    found = mean_change(values_N, groups_N, 50, 500, 0.95, 0)
    error = values_N[::4].std() / np.sqrt(50)
    assert found.value == pytest.approx(values_N.mean())
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * error, rel=0.15)
    assert found.high > 3  # a log-loss is not a share


def test_too_few_groups_have_no_interval() -> None:
    found = mean_change(np.ones(8), np.arange(8) // 4, 2, 100, 0.95, 0)
    assert found.value == 1
    assert np.isnan(found.low)
