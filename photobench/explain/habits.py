"""What the maps of many photos say together: by label, and where the answer is wrong against where it is right. Numpy only.

Shape legend: N photos, G groups, B resamplings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photobench.bootstrap import JACKKNIFE_GROUPS, MIN_GROUPS, interval, multiplicities
from photobench.evaluation import Figure
from photobench.explain.record import Habit, Look

FEWEST = 8
"""Photos on each side of a comparison, and behind an interval, at least."""


def habit(looks: Sequence[Look], groups_N: np.ndarray, num_bootstraps: int, confidence: float, seed: int) -> Habit:
    """Of one attribute. `looks`: of photos whose truth is known; `groups_N`: who is in each, 0 … G − 1."""
    inside_N = np.array([look.inside for look in looks])
    wrong_N, known_N = np.array([look.is_wrong for look in looks], dtype=bool), np.isfinite(inside_N)
    right_N, wrongly_N = known_N & ~wrong_N, known_N & wrong_N
    right, wrong = (
        mean_figure(inside_N, side, groups_N, num_bootstraps if side.sum() >= FEWEST else 0, confidence, seed)
        for side in (right_N, wrongly_N)
    )
    enough = min(right_N.sum(), wrongly_N.sum()) >= FEWEST
    difference = (
        difference_figure(inside_N, right_N, wrongly_N, groups_N, num_bootstraps, confidence, seed)
        if enough
        else Figure(right.value - wrong.value)
    )
    truths_N = np.array([look.truth for look in looks], dtype=object)
    values = [value for value in looks[0].probabilities if (known_N & (truths_N == value)).any()]
    by_value = [(value, known_N & (truths_N == value)) for value in values]
    told = tuple((value, int(of.sum()), float(inside_N[of].mean())) for value, of in by_value)
    return Habit(looks[0].attribute, int(right_N.sum()), int(wrongly_N.sum()), right, wrong, difference, told)


def mean_figure(
    values_N: np.ndarray, of_N: np.ndarray, groups_N: np.ndarray, num: int, confidence: float, seed: int
) -> Figure:
    """The mean over some photos, with its interval from resampling groups; NaN where there are none."""
    if not of_N.any():
        return Figure(float("nan"))
    return _figure(float(values_N[of_N].mean()), [(values_N, of_N)], groups_N, num, confidence, seed)


def difference_figure(
    values_N: np.ndarray, first_N: np.ndarray, second_N: np.ndarray, groups_N: np.ndarray, num: int, confidence: float, seed: int
) -> Figure:  # fmt: skip
    """How much higher the mean over the first photos is than that over the second, both on the same resamplings."""
    value = float(values_N[first_N].mean() - values_N[second_N].mean())
    return _figure(value, [(values_N, first_N), (-values_N, second_N)], groups_N, num, confidence, seed)


def _figure(
    value: float, terms: list[tuple[np.ndarray, np.ndarray]], groups_N: np.ndarray, num: int, confidence: float, seed: int
) -> Figure:  # fmt: skip
    """Of a sum of means: (values, of which photos) each."""
    num_groups = int(groups_N.max()) + 1
    if num_groups < MIN_GROUPS or num == 0:
        return Figure(value)
    tallies = [(np.bincount(groups_N[of], values[of], num_groups), np.bincount(groups_N[of], minlength=num_groups))
               for values, of in terms]  # fmt: skip

    def summed(weights_Gb: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return sum((sums_G @ weights_Gb) / (counts_G @ weights_Gb) for sums_G, counts_G in tallies)

    drawn_B = np.concatenate([summed(weights_Gb) for weights_Gb in multiplicities(num_groups, num, seed)])
    left_out_G = summed(1.0 - np.eye(num_groups)) if num_groups <= JACKKNIFE_GROUPS else None
    low, high = interval(np.asarray(value), drawn_B, left_out_G, confidence, lowest=-1.0)
    return Figure(value, float(low), float(high))
