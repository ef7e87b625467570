"""How many wrong labels are believed to be left: right on scores that tell the truth, corrected by what people found where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from photobench.audit.remaining import FEWEST, Left, wrong_left


def suspicions(true_of_score: float, num: int = 600, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores from sure to unsure, which of them are wrong (the logit of the score plus an offset), and groups of three."""
    rng = np.random.default_rng(seed)
    score_F = np.sort(rng.uniform(0.05, 0.98, num))[::-1]
    logit_F = np.log(score_F / (1 - score_F)) + true_of_score
    return score_F, rng.random(num) < 1 / (1 + np.exp(-logit_F)), np.arange(num) // 3


def estimate(offset: float, reviewed: int, seed: int = 0) -> tuple[Left | None, int]:
    score_F, wrong_F, group_F = suspicions(offset, seed=seed)
    reviewed_F = np.arange(len(score_F)) < reviewed
    return wrong_left(score_F, reviewed_F, wrong_F & reviewed_F, group_F), int((wrong_F & ~reviewed_F).sum())


@pytest.mark.parametrize("offset", [0.0, -1.5, 1.0])
def test_the_truth_is_within_it(offset: float) -> None:
    inside = 0
    for seed in range(20):
        found, left = estimate(offset, reviewed=200, seed=seed)
        assert found is not None
        inside += found.low <= left <= found.high
    assert inside >= 16


def test_what_people_found_counts_more_than_the_score() -> None:
    found, left = estimate(-3.0, reviewed=300)
    score_F = suspicions(-3.0)[0]
    assert found is not None and found.wrong < 0.6 * score_F[300:].sum()
    assert found.low <= left <= found.high


def test_of_few_or_of_one_group_nothing_is_said() -> None:
    assert estimate(0.0, reviewed=FEWEST - 1)[0] is None
    score_F, wrong_F, _ = suspicions(0.0)
    assert wrong_left(score_F, np.arange(len(score_F)) < 100, wrong_F, np.zeros(len(score_F), dtype=int)) is None


def test_where_all_is_reviewed_nothing_is_left() -> None:
    assert estimate(0.0, reviewed=600)[0] == Left(0, 0, 0)
