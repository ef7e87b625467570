"""Whether one run is better than another: the difference on the same photos, with its interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from photobench import bootstrap
from photobench.errors import PhotobenchError
from photobench.evaluate import MIN_GROUPS, EvaluateOptions, joint_sample
from photobench.evaluation import Figure
from photobench.metrics import Counts, confusion
from photobench.records import Manifest, Predictions

COMPARED = ("macro_f1", "accuracy")


def difference(
    manifest: Manifest, run: Predictions, other: Predictions, split: str, options: EvaluateOptions
) -> dict[str, Figure]:
    """How much better `run` is than `other`: macro-F1 and accuracy of the joint class, each with its interval.

    Both are measured on the same resamplings of the same groups: what makes a group hard is hard for both, so the interval is
    narrower than those of the two runs suggest. NaN ends where there are too few groups, or no resampling differs.

    Raises:
        PhotobenchError: they were not asked about the same photos.
    """
    if run.paths != other.paths:
        raise PhotobenchError(
            f"{run.run} and {other.run} were validated on different photos, so their difference would say nothing. "
            "Train them with the same photos and the same split."
        )
    reasons = [a or b for a, b in zip(run.reasons, other.reasons, strict=True)]
    samples = [joint_sample(manifest, replace(said, reasons=reasons), split) for said in (run, other)]
    mine, theirs = (_figures(sample, options) for sample in samples)
    return {name: _apart(mine[name], theirs[name], options.confidence) for name in COMPARED}


@dataclass(frozen=True)
class _Figure:
    """A figure, its resamplings (B,), and its values without each group (G,)."""

    value: np.ndarray
    drawn_B: np.ndarray
    left_out_G: np.ndarray | None


def _figures(sample: bootstrap.Sample, options: EvaluateOptions) -> dict[str, _Figure]:
    counts = Counts.of(confusion(sample.truth_N, sample.predicted_N, sample.num_classes))
    values = bootstrap.figures(counts, np.full(sample.num_classes, np.nan))
    num = options.bootstraps if sample.num_groups >= MIN_GROUPS else 0
    drawn = bootstrap.resample(sample, num, options.seed, with_auc=False) if num else {}
    left_out = bootstrap.leave_one_out(sample, with_auc=False) if num else None
    return {
        name: _Figure(values[name], drawn.get(name, np.zeros(0)), left_out[name] if left_out else None)
        for name in COMPARED
    }


def _apart(mine: _Figure, theirs: _Figure, confidence: float) -> Figure:
    value = mine.value - theirs.value
    if not len(mine.drawn_B):
        return Figure(float(value))
    left_out_G = None if mine.left_out_G is None or theirs.left_out_G is None else mine.left_out_G - theirs.left_out_G
    low, high = bootstrap.interval(value, mine.drawn_B - theirs.drawn_B, left_out_G, confidence, lowest=-1.0)
    return Figure(float(value), float(low), float(high))
