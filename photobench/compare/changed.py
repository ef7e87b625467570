"""The photos of which one answers rightly and the other wrongly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photobench.compare.common import Common


@dataclass(frozen=True)
class Changed:
    """Rows of the common photos, those first in which the probability of the label changed most."""

    better: np.ndarray
    """The other is right, the first was wrong."""
    worse: np.ndarray
    """The other is wrong, the first was right."""


def changed(common: Common, first: int, other: int) -> Changed:
    """Of two of `common.said`."""
    truth_N = common.manifest.classes()
    rows = np.arange(len(truth_N))
    was_N, is_N = (common.said[number].classes() == truth_N for number in (first, other))
    before_N, after_N = (common.said[number].joint_NK[rows, truth_N] for number in (first, other))
    rising, falling = (np.argsort(change_N, kind="stable") for change_N in (before_N - after_N, after_N - before_N))
    return Changed(rising[(is_N & ~was_N)[rising]], falling[(was_N & ~is_N)[falling]])
