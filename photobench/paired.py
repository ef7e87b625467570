"""The difference of two predictions of the same photos, with its interval: both on the same resamplings of the same groups.

What makes a group hard is hard for both, so the interval is narrower than those of the two suggest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photobench import bootstrap
from photobench.bootstrap import MIN_GROUPS, Sample
from photobench.evaluation import Figure
from photobench.metrics import Counts, confusion

COMPARED = ("macro_f1", "accuracy")


def difference(first: Sample, second: Sample, num: int, confidence: float, seed: int) -> dict[str, Figure]:
    """How much better `first` is than `second`: macro-F1 and accuracy, each with its interval from `num` resamplings.

    NaN ends where there are too few groups, or no resampling differs.
    """
    return mean_difference([first], [second], num, confidence, seed)


def mean_difference(
    firsts: Sequence[Sample], seconds: Sequence[Sample], num: int, confidence: float, seed: int
) -> dict[str, Figure]:
    """As `difference`, of the mean over several things that are told of the same photos, such as attributes."""
    mine, other = ([_drawn(sample, num, seed) for sample in samples] for samples in (firsts, seconds))
    return {
        name: _apart(_mean([m[name] for m in mine]), _mean([o[name] for o in other]), confidence) for name in COMPARED
    }


def mean_change(
    values_N: np.ndarray, groups_N: np.ndarray, num_groups: int, num: int, confidence: float, seed: int
) -> Figure:
    """The mean over photos of how much something changed, such as the log-loss, with its interval."""
    sums_G, sizes_G = (np.bincount(groups_N, weights, num_groups) for weights in (values_N, np.ones(len(values_N))))
    value = np.array(sums_G.sum() / sizes_G.sum())
    if num == 0 or num_groups < MIN_GROUPS:
        return Figure(float(value))
    drawn = [
        (sums_G @ weights_Gb) / (sizes_G @ weights_Gb) for weights_Gb in bootstrap.multiplicities(num_groups, num, seed)
    ]
    left_out_G = (sums_G.sum() - sums_G) / (sizes_G.sum() - sizes_G)
    ends = bootstrap.interval(value, np.concatenate(drawn), left_out_G, confidence, -np.inf, np.inf)
    return Figure(float(value), *map(float, ends)) if np.isfinite(ends[0]) else Figure(float(value))


@dataclass(frozen=True)
class _Drawn:
    """A figure, its resamplings (B,), and its values without each group (G,)."""

    value: np.ndarray
    drawn_B: np.ndarray
    left_out_G: np.ndarray | None


def _drawn(sample: Sample, num: int, seed: int) -> dict[str, _Drawn]:
    counts = Counts.of(confusion(sample.truth_N, sample.predicted_N, sample.num_classes))
    values = bootstrap.figures(counts, np.full(sample.num_classes, np.nan))
    num = num if sample.num_groups >= MIN_GROUPS else 0
    drawn = bootstrap.resample(sample, num, seed, with_auc=False) if num else {}
    left_out = bootstrap.leave_one_out(sample, with_auc=False) if num else None
    return {
        name: _Drawn(values[name], drawn.get(name, np.zeros(0)), left_out[name] if left_out else None)
        for name in COMPARED
    }


def _mean(parts: Sequence[_Drawn]) -> _Drawn:
    if len(parts) == 1:
        return parts[0]
    left_out = [part.left_out_G for part in parts if part.left_out_G is not None]
    return _Drawn(
        np.mean([part.value for part in parts], axis=0),
        np.mean([part.drawn_B for part in parts], axis=0),
        np.mean(left_out, axis=0) if len(left_out) == len(parts) else None,
    )


def _apart(first: _Drawn, second: _Drawn, confidence: float) -> Figure:
    value = first.value - second.value
    if not len(first.drawn_B):
        return Figure(float(value))
    both = first.left_out_G is not None and second.left_out_G is not None
    left_out_G = first.left_out_G - second.left_out_G if both else None  # type: ignore[operator]
    low, high = bootstrap.interval(value, first.drawn_B - second.drawn_B, left_out_G, confidence, lowest=-1.0)
    return Figure(float(value), float(low), float(high)) if np.isfinite(low) else Figure(float(value))
