"""How many labels are wrong in all, and what training dynamics add.

Shape legend: N photos, V values, G clusters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MODEL_DOUBT = 0.35
"""Standard error of the estimate beyond chance, as a share of it: set by hand, and wide, for the model is only roughly right."""
MARGIN_WEIGHT = 0.25
"""Of a robust spread, in log-odds. Measured: more of it helps where a model tells one attribute, and harms where one margin, of the
joint class, stands for several."""


@dataclass(frozen=True)
class Total:
    """How many labels are thought to be wrong, and between which numbers the truth should lie in 19 of 20 data sets."""

    num: float
    low: float
    high: float


def total_wrong(score_N: np.ndarray, clusters_N: np.ndarray) -> Total:
    """The sum of the probabilities, with an interval from which clusters there are, chance, and the doubt about the model."""
    num = float(score_N.sum())
    sums_G = np.bincount(np.unique(clusters_N, return_inverse=True)[1], weights=score_N)
    spread = float(np.sqrt((sums_G**2).sum()))  # of clusters drawn anew: that of independent Poisson counts
    doubt = 2 * np.hypot(spread, MODEL_DOUBT * num) + 2 * np.sqrt(float((score_N * (1 - score_N)).sum()))
    return Total(num, max(0.0, num - doubt), min(float(len(score_N)), num + doubt))


def margin_words(margins_N: np.ndarray | None, codes_N: np.ndarray) -> np.ndarray:
    """(N,) log-odds that the label is wrong by the area under its margin: below the usual one of its value, in robust spreads.

    0 where training recorded none. The weight is careful: a margin is of the same photos that the model learnt (Pleiss et al. 2020).
    """
    words_N = np.zeros(len(codes_N))
    if margins_N is None:
        return words_N
    for code in np.unique(codes_N):
        rows = np.flatnonzero((codes_N == code) & np.isfinite(margins_N))
        if len(rows) >= 10:
            low, middle, high = np.quantile(margins_N[rows], [0.25, 0.5, 0.75])
            words_N[rows] = (middle - margins_N[rows]) / max(high - low, 1e-9)
    return MARGIN_WEIGHT * np.clip(words_N, -1.0, 4.0) * (words_N != 0)
