"""How much of what the best of many gains is luck.

The best of many trials looks better than it is: it was chosen on the photos that it is measured on. What choosing gains on photos that it
did not look at is found by choosing again and again on half of the groups and measuring on the other half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photobench.bootstrap import MIN_GROUPS, GroupCounts, Sample, figures
from photobench.evaluation import Figure

HALVES = 200
METRICS = ("macro_f1", "accuracy")


@dataclass(frozen=True)
class Luck:
    """The gain over the first trial of what was chosen: on the photos it was chosen on, and on others."""

    seen: float
    unseen: Figure
    num_trials: int
    num_groups: int

    @property
    def luck(self) -> float:
        """What of it is not there on other photos."""
        return self.seen - self.unseen.value


def luck_of_choosing(samples: Sequence[Sample], metric: str, seed: int, confidence: float) -> Luck | None:
    """The first sample is the project as it is, the others are trials; all of the same photos in the same order.

    Each resampling draws groups with replacement and divides them into halves: the best trial of one half, which may be the first, is
    measured on the other. The value is the mean over divisions of the groups as they are; the interval is that of the resamplings, and so
    holds the doubt of the division too. None where there are too few groups, or nothing to choose from.
    """
    num_groups = samples[0].num_groups if samples else 0
    if len(samples) < 2 or num_groups < 2 * MIN_GROUPS:
        return None
    name = metric if metric in METRICS else METRICS[0]
    rng = np.random.default_rng(seed)
    half_GB = _halves(num_groups, HALVES, rng)
    drawn_GB = rng.multinomial(num_groups, np.full(num_groups, 1 / num_groups), HALVES).T.astype(np.float64)
    counts = [GroupCounts(sample) for sample in samples]
    whole_T = _scores(counts, np.ones((num_groups, 1)), name)[:, 0]
    unseen_B = _gained(counts, half_GB, 1 - half_GB, name)
    resampled_B = _gained(counts, drawn_GB * half_GB, drawn_GB * (1 - half_GB), name)
    value = float(np.nanmean(unseen_B))
    tail = (1 - confidence) / 2
    shift = value - np.nanmean(resampled_B)
    low, high = np.nanquantile(resampled_B, [tail, 1 - tail]) + shift
    return Luck(float(whole_T.max() - whole_T[0]), Figure(value, float(low), float(high)), len(samples), num_groups)


def _halves(num_groups: int, num: int, rng: np.random.Generator) -> np.ndarray:
    """(G, num): 1 for the groups of one half, 0 for those of the other."""
    ranks = rng.permuted(np.tile(np.arange(num_groups), (num, 1)), axis=1).T
    return (ranks < num_groups / 2).astype(np.float64)


def _gained(
    counts: Sequence[GroupCounts], chosen_on_GB: np.ndarray, measured_on_GB: np.ndarray, name: str
) -> np.ndarray:
    """(B,): on the photos that are measured, how much better than the first is the best on those that are chosen on."""
    seen_TB, unseen_TB = _scores(counts, chosen_on_GB, name), _scores(counts, measured_on_GB, name)
    best_B = np.nan_to_num(seen_TB, nan=-1.0).argmax(axis=0)
    return unseen_TB[best_B, np.arange(len(best_B))] - unseen_TB[0]


def _scores(counts: Sequence[GroupCounts], weights_GB: np.ndarray, name: str) -> np.ndarray:
    """(T, B): the metric of each trial under each weighting of the groups."""
    found = []
    for one in counts:
        weighted = one.weighted(weights_GB)
        found.append(figures(weighted, np.full(weighted.hits.shape, np.nan))[name])
    return np.stack(found)
