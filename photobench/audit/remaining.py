"""How many wrong labels are left among the suspected ones that nobody has looked at, so that a person knows when to stop.

The score of a suspicion is a probability, but the people who review know better. A logistic curve over the score (Platt 1999) is fitted to what
they found, held near the score itself while they have found little, and asked about the rest. People look at the most suspicious first, so the rest is where
the curve goes on beyond what was seen: its prior is what keeps it from saying that all of it is wrong. The interval comes from resampling groups, and from
the chance of each label by itself.

Shape legend: F suspicions, R of them reviewed, X steps of the score, B resamplings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photobench.bootstrap import MIN_GROUPS, multiplicities

FEWEST = 20
"""Reviewed suspicions below which nothing is said."""
NUM_RESAMPLINGS = 200
OFFSET_SD, SLOPE_SD = 1.5, 0.5
"""How far the curve may be from the score itself (offset 0, slope 1) before anything is reviewed, in logits."""
EDGE = 0.01
NUM_STEPS = 64


@dataclass(frozen=True)
class Left:
    """Labels that are probably wrong among those not reviewed, with a 95 % interval."""

    wrong: int
    low: int
    high: int


def wrong_left(
    score_F: np.ndarray, reviewed_F: np.ndarray, wrong_F: np.ndarray, groups_F: np.ndarray, seed: int = 0
) -> Left | None:
    """The estimate for the suspicions that are not reviewed; None where too few of them, or of too few groups, were.

    Args:
        score_F: in [0, 1], how probable each label is wrong.
        reviewed_F: bool.
        wrong_F: bool; of the reviewed ones: the label was found wrong.
        groups_F: ints; suspicions of one group are not independent.
    """
    groups_R = np.unique(groups_F[reviewed_F], return_inverse=True)[1]
    num_groups = int(groups_R.max(initial=-1)) + 1
    if reviewed_F.sum() < FEWEST or num_groups < MIN_GROUPS:
        return None
    logit_F = _logit(score_F)
    edges = np.linspace(_logit(np.array(EDGE)), _logit(np.array(1 - EDGE)), NUM_STEPS + 1)
    middle_X = (edges[1:] + edges[:-1]) / 2
    step_F = np.clip(np.digitize(logit_F, edges) - 1, 0, NUM_STEPS - 1)
    looked_GX, wrong_GX = np.zeros((num_groups, NUM_STEPS)), np.zeros((num_groups, NUM_STEPS))
    np.add.at(looked_GX, (groups_R, step_F[reviewed_F]), 1)
    np.add.at(wrong_GX, (groups_R, step_F[reviewed_F]), wrong_F[reviewed_F])
    rest_X = np.bincount(step_F[~reviewed_F], minlength=NUM_STEPS)
    weights_GB = np.hstack([np.ones((num_groups, 1)), *multiplicities(num_groups, NUM_RESAMPLINGS, seed)])
    rng = np.random.default_rng(seed)
    prior_2B = np.array([[0.0], [1.0]]) + np.array([[OFFSET_SD], [SLOPE_SD]]) * rng.standard_normal(
        (2, NUM_RESAMPLINGS + 1)
    )
    prior_2B[:, 0] = 0, 1  # of the value itself; the doubt about the prior is part of the interval
    probs_XB = _curves(middle_X, looked_GX.T @ weights_GB, wrong_GX.T @ weights_GB, prior_2B)
    mean_B = rest_X @ probs_XB
    chance_B = np.sqrt(rest_X @ (probs_XB * (1 - probs_XB)))
    drawn_B = mean_B[1:] + chance_B[1:] * rng.standard_normal(NUM_RESAMPLINGS)
    low, high = np.clip(np.quantile(drawn_B, [0.025, 0.975]), 0, rest_X.sum())
    value = round(float(mean_B[0]))
    return Left(value, min(value, int(np.floor(low))), max(value, int(np.ceil(high))))


def _logit(probability: np.ndarray) -> np.ndarray:
    clipped = np.clip(probability, EDGE, 1 - EDGE)
    return np.log(clipped / (1 - clipped))


def _curves(
    logit_X: np.ndarray, looked_XB: np.ndarray, wrong_XB: np.ndarray, prior_2B: np.ndarray, num_iterations: int = 25
) -> np.ndarray:
    """(X, B): the probability at each step by the curve of each resampling, by Newton's method."""
    offset_B, slope_B = prior_2B
    x_X1 = logit_X[:, None]
    for _ in range(num_iterations):
        probs_XB = 1 / (1 + np.exp(-(offset_B + slope_B * x_X1)))
        miss_XB, curve_XB = wrong_XB - looked_XB * probs_XB, looked_XB * probs_XB * (1 - probs_XB)
        gradient_B = miss_XB.sum(0) - (offset_B - prior_2B[0]) / OFFSET_SD**2
        gradient_slope_B = (miss_XB * x_X1).sum(0) - (slope_B - prior_2B[1]) / SLOPE_SD**2
        a, b = curve_XB.sum(0) + 1 / OFFSET_SD**2, (curve_XB * x_X1).sum(0)
        c = (curve_XB * x_X1**2).sum(0) + 1 / SLOPE_SD**2
        determinant_B = a * c - b**2
        offset_B = offset_B + np.clip((c * gradient_B - b * gradient_slope_B) / determinant_B, -1, 1)
        slope_B = np.maximum(slope_B + np.clip((a * gradient_slope_B - b * gradient_B) / determinant_B, -1, 1), 0)
    return 1 / (1 + np.exp(-(offset_B + slope_B * x_X1)))
