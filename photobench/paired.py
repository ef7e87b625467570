"""The difference of two predictions of the same photos, with its interval: both on the same resamplings of the same groups.

What makes a group hard is hard for both, so the interval is narrower than those of the two suggest.
"""

from __future__ import annotations

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
    mine, other = (_drawn(sample, num, seed) for sample in (first, second))
    return {name: _apart(mine[name], other[name], confidence) for name in COMPARED}


def standing(sample: Sample, num: int, confidence: float, seed: int) -> dict[str, Figure]:
    """Macro-F1 and accuracy of one of them, each with its interval, from the same resamplings."""
    return {name: _with_interval(drawn, confidence) for name, drawn in _drawn(sample, num, seed).items()}


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


def _apart(first: _Drawn, second: _Drawn, confidence: float) -> Figure:
    value = first.value - second.value
    if not len(first.drawn_B):
        return Figure(float(value))
    both = first.left_out_G is not None and second.left_out_G is not None
    left_out_G = first.left_out_G - second.left_out_G if both else None  # type: ignore[operator]
    low, high = bootstrap.interval(value, first.drawn_B - second.drawn_B, left_out_G, confidence, lowest=-1.0)
    return Figure(float(value), float(low), float(high)) if np.isfinite(low) else Figure(float(value))


def _with_interval(drawn: _Drawn, confidence: float) -> Figure:
    value = drawn.value
    if not len(drawn.drawn_B):
        return Figure(float(value))
    low, high = bootstrap.interval(value, drawn.drawn_B, drawn.left_out_G, confidence)
    return Figure(float(value), float(low), float(high))
