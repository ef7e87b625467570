"""The difference of two predictions of the same photos, with its interval: both on the same resamplings of the same groups.

What makes a group hard is hard for both, so the interval is narrower than those of the two suggest.

Shape legend: N photos, G groups, B resamplings, J differences.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from photobench import bootstrap
from photobench.bootstrap import MIN_GROUPS, Figures, Sample
from photobench.evaluation import NAN, Figure
from photobench.metrics import Counts, confusion

COMPARED = ("macro_f1", "accuracy")


def difference(first: Sample, second: Sample, num: int, confidence: float, seed: int) -> dict[str, Figure]:
    """How much better `first` is than `second`: macro-F1 and accuracy, each with its interval from `num` resamplings.

    NaN ends where there are too few groups, or the two answer differently in one group at the most.
    """
    return mean_difference([first], [second], num, confidence, seed)


def mean_difference(
    firsts: Sequence[Sample], seconds: Sequence[Sample], num: int, confidence: float, seed: int
) -> dict[str, Figure]:
    """As `difference`, of the mean over several things that are told of the same photos, such as attributes."""
    mine, other = (_mean([drawn(sample, num, seed) for sample in samples]) for samples in (firsts, seconds))
    differ_N = np.any([a.predicted_N != b.predicted_N for a, b in zip(firsts, seconds, strict=True)], axis=0)
    num_differ = np.array([groups_that_differ(differ_N, firsts[0])])
    return {name: apart([mine], [other], name, num_differ, confidence).gains()[0].figure for name in COMPARED}


def mean_change(
    values_N: np.ndarray, groups_N: np.ndarray, num_groups: int, num: int, confidence: float, seed: int
) -> Figure:
    """The mean over photos of how much something changed, such as the log-loss, with its interval."""
    sums_G, sizes_G = (np.bincount(groups_N, weights, num_groups) for weights in (values_N, np.ones(len(values_N))))
    value = np.array(sums_G.sum() / sizes_G.sum())
    if num == 0 or num_groups < MIN_GROUPS:
        return Figure(float(value))
    resampled = [
        (sums_G @ weights_Gb) / (sizes_G @ weights_Gb) for weights_Gb in bootstrap.multiplicities(num_groups, num, seed)
    ]
    left_out_G = (sums_G.sum() - sums_G) / (sizes_G.sum() - sizes_G)
    ends = bootstrap.interval(value, np.concatenate(resampled), left_out_G, confidence, -np.inf, np.inf)
    return Figure(float(value), *map(float, ends)) if np.isfinite(ends[0]) else Figure(float(value))


def standing(sample: Sample, num: int, confidence: float, seed: int) -> dict[str, Figure]:
    """Macro-F1 and accuracy of one of them, each with its interval, from the same resamplings."""
    found = drawn(sample, num, seed)
    return {name: found.figure(name, confidence) for name in COMPARED}


@dataclass(frozen=True)
class Drawn:
    """The figures of a sample, of its resamplings (B, ...) and without each group (G, ...); None where that is not known."""

    value: Figures
    resampled: Figures | None
    left_out: Figures | None

    def figure(self, name: str, confidence: float) -> Figure:
        """One that is a single number, with its own interval."""
        value = self.value[name]
        if self.resampled is None:
            return Figure(float(value))
        left_out = self.left_out[name] if self.left_out else None
        low, high = bootstrap.interval(value, self.resampled[name], left_out, confidence)
        return Figure(float(value), float(low), float(high))


def drawn(sample: Sample, num: int, seed: int) -> Drawn:
    """For one seed the same groups are drawn, whatever was predicted. AUC is left out."""
    counts = Counts.of(confusion(sample.truth_N, sample.predicted_N, sample.num_classes))
    values = bootstrap.figures(counts, np.full(sample.num_classes, np.nan))
    if not num or sample.num_groups < MIN_GROUPS:
        return Drawn(values, None, None)
    resampled = bootstrap.resample(sample, num, seed, with_auc=False)
    return Drawn(values, resampled, bootstrap.leave_one_out(sample, with_auc=False))


def _mean(parts: Sequence[Drawn]) -> Drawn:
    return parts[0] if len(parts) == 1 else weighted(parts, [1 / len(parts)] * len(parts))


def weighted(parts: Sequence[Drawn], weights: Sequence[float]) -> Drawn:
    """The weighted sum of what is told of the same photos, in the figures that are compared."""

    def total(figures: Sequence[Figures | None]) -> Figures | None:
        known = [one for one in figures if one is not None]
        if len(known) < len(parts):
            return None
        return {name: np.tensordot(weights, [one[name] for one in known], axes=1) for name in COMPARED}

    value = total([part.value for part in parts])
    assert value is not None
    return Drawn(value, total([part.resampled for part in parts]), total([part.left_out for part in parts]))


def groups_that_differ(differ_N: np.ndarray, sample: Sample) -> int:
    """In how many groups there is a photo of which the two differ."""
    return len(np.unique(sample.groups_N[differ_N]))


@dataclass(frozen=True)
class Gain:
    """How much better one is than another, with its interval, the chance that it is better at all, and the standard error."""

    value: float
    low: float = NAN
    high: float = NAN
    probability: float = NAN
    error: float = NAN

    @property
    def figure(self) -> Figure:
        return Figure(self.value, self.low, self.high)

    @property
    def is_known(self) -> bool:
        """There is an interval."""
        return self.low <= self.high

    @property
    def is_noise(self) -> bool:
        """Its interval holds zero, or there is none."""
        return not self.is_known or self.low <= 0 <= self.high

    def power(self, true: float) -> float:
        """How often a comparison like this one finds a difference that is truly so large."""
        half = (self.high - self.low) / 2
        return float(ndtr((true - half) / self.error) + ndtr((-true - half) / self.error))

    def detectable(self, power: float = 0.8) -> float:
        """The smallest true difference that a comparison like this one finds so often."""
        return float((self.high - self.low) / 2 + ndtri(power) * self.error)


@dataclass(frozen=True)
class Differences:
    """J differences, their resamplings about them (B, J), already as wide as the intervals, and standard errors; NaN where not known."""

    value_J: np.ndarray
    about_BJ: np.ndarray
    error_J: np.ndarray
    stretch_J: np.ndarray
    confidence: float

    def gains(self) -> list[Gain]:
        """Each with an interval; all intervals hold their truths at once so often: the largest of many differences is large by chance.

        The half width is that many standard errors which the largest of the J resampled deviations rarely exceeds (the maximum
        statistic; Westfall & Young 1993). As Dunnett's, it knows that differences to one and the same run go together.
        """
        known_J = np.isfinite(self.error_J)
        if not known_J.any():
            return [Gain(float(value)) for value in self.value_J]
        width_J = self.error_J * self.stretch_J
        far_BJ = np.abs(self.about_BJ - self.value_J)[:, known_J] / width_J[known_J]
        most_B = np.nanmax(far_BJ[np.isfinite(far_BJ).any(axis=1)], axis=1)
        normal = ndtri((1 + self.confidence) / 2)  # of a single difference: few resamplings say less of it by chance
        half_J = max(np.nanquantile(most_B, self.confidence), normal) * width_J
        return [self._gain(j, half_J[j]) if known_J[j] else Gain(float(self.value_J[j])) for j in range(len(known_J))]

    def _gain(self, j: int, half: float) -> Gain:
        value, about_B = float(self.value_J[j]), self.about_BJ[:, j]
        about_B = about_B[np.isfinite(about_B)]
        better = float((about_B > 0).mean() + (about_B == 0).mean() / 2)
        return Gain(value, max(value - half, -1.0), min(value + half, 1.0), better, float(self.error_J[j]))


def against(
    first: Drawn, others: Sequence[Drawn], name: str, num_differ: Sequence[int], confidence: float
) -> list[Gain]:
    """How much better each of the others is than the first, in one figure, with intervals that hold all at once."""
    return apart(others, [first] * len(others), name, np.array(num_differ), confidence).gains()


def apart(
    mine: Sequence[Drawn], others: Sequence[Drawn], name: str, num_differ_J: np.ndarray, confidence: float
) -> Differences:
    """One figure of each pair of samples, `mine` against `others`; with per-class figures all classes of a single pair.

    Args:
        num_differ_J: in how many groups the two answer differently.
    """
    value_J = np.concatenate([np.atleast_1d(a.value[name] - b.value[name]) for a, b in zip(mine, others, strict=True)])
    if any(one.resampled is None for one in (*mine, *others)):
        return unknown(value_J, confidence)
    resampled_BJ = np.hstack([_less(a.resampled, b.resampled, name) for a, b in zip(mine, others, strict=True)])
    left_out_GJ = None
    if all(one.left_out is not None for one in (*mine, *others)):
        left_out_GJ = np.hstack([_less(a.left_out, b.left_out, name) for a, b in zip(mine, others, strict=True)])
    return spread(value_J, resampled_BJ, left_out_GJ, num_differ_J, confidence)


def unknown(value_J: np.ndarray, confidence: float) -> Differences:
    """Where there is nothing to resample."""
    none_J = np.full(len(value_J), np.nan)
    return Differences(value_J, np.zeros((0, len(value_J))), none_J, none_J, confidence)


def spread(
    value_J: np.ndarray,
    resampled_BJ: np.ndarray,
    left_out_GJ: np.ndarray | None,
    num_differ_J: np.ndarray,
    confidence: float,
) -> Differences:
    """Resamplings moved onto the values and widened: by the jackknife, as `bootstrap.interval` does, and by Student's t.

    Where a few groups make the difference, its spread is known from these few alone. A normal interval would call four groups of
    four beyond doubt, which chance alone does in one comparison of eight. `bench/compare.py` shows what that does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of figures that no resampling defines, or that never differ
        center_J, spread_J = np.nanmean(resampled_BJ, axis=0), np.nanstd(resampled_BJ, axis=0)
        jackknife_J = spread_J if left_out_GJ is None else bootstrap.jackknife_error(left_out_GJ)
        known_J = (spread_J > 1e-12) & np.isfinite(value_J) & (num_differ_J >= 2)
        widen_J = np.where(known_J, np.fmax(1.0, jackknife_J / spread_J), 1.0)
    level = (1 + confidence) / 2
    stretch_J = stdtrit(_freedom(left_out_GJ, num_differ_J), level) / ndtri(level)
    about_BJ = value_J + (resampled_BJ - center_J) * widen_J * stretch_J
    return Differences(value_J, about_BJ, np.where(known_J, spread_J * widen_J, np.nan), stretch_J, confidence)


def _freedom(left_out_GJ: np.ndarray | None, num_differ_J: np.ndarray) -> np.ndarray:
    """Degrees of freedom (J,) of the spread: at most the groups that differ, less one.

    Fewer, where some weigh more, as those with a rare class do in macro-F1: 2 G / (kurtosis − 1) of what each group contributes, which
    is G for contributions that are normal (Satterthwaite 1946, with the variance of a sample's variance).
    """
    most_J = np.maximum(num_differ_J - 1, 1).astype(float)
    if left_out_GJ is None:
        return most_J
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        square_GJ = (left_out_GJ - np.nanmean(left_out_GJ, axis=0)) ** 2
        kurtosis_J = np.nanmean(square_GJ**2, axis=0) / np.nanmean(square_GJ, axis=0) ** 2
        freedom_J = 2 * np.isfinite(square_GJ).sum(axis=0) / (kurtosis_J - 1)
    return np.clip(np.nan_to_num(freedom_J, nan=1.0), 1.0, most_J)


def _less(first: Figures | None, second: Figures | None, name: str) -> np.ndarray:
    """(B, J): a figure that is one number is a single difference."""
    assert first is not None and second is not None
    return (first[name] - second[name]).reshape(len(first[name]), -1)
