"""How validation and leaderboard go together: correlation, what lies between them, and what that says of the next submission.

Shape legend: S submissions with both an expectation and a score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from photobench.evaluation import Figure
from photobench.ledger.standing import Entry

FEWEST = 4
"""Submissions below which a correlation has no interval."""
MANY = 100
"""Nobody sends so many: a correlation that would need as many is as good as none."""


@dataclass(frozen=True)
class Calibration:
    """What the scored submissions say of validation."""

    num: int
    bias: Figure
    """Leaderboard minus validation, on average; NaN where nothing is scored."""
    scatter: float
    """Standard deviation of that difference; NaN below two."""
    off: float
    """How far validation was from the leaderboard, as it is: mean absolute difference."""
    off_corrected: float
    """The same after correcting each by the mean difference of the others; NaN below two."""
    pearson: Figure
    spearman: Figure
    constant: str = ""
    """What is the same for all, so that nothing can go with it: "validation" or "score"; empty where both differ."""

    @property
    def goes_together(self) -> bool:
        """Better validation means a better score, beyond doubt."""
        return self.pearson.low > 0 and self.spearman.low > 0

    @property
    def goes_against(self) -> bool:
        """Better validation means a worse score, beyond doubt."""
        return self.pearson.high < 0 and self.spearman.high < 0

    def num_needed(self, confidence: float = 0.95) -> int | None:
        """So many scores would show that they go together, if both correlations stay as they are; None where fewer than MANY would not."""
        values = (self.pearson.value, self.spearman.value)
        ways = [(value, is_ranks) for value, is_ranks in zip(values, (False, True), strict=True)]
        return next(
            (num for num in range(max(self.num, FEWEST), MANY)
             if all(_fisher(value, num, confidence, ranks)[0] > 0 for value, ranks in ways)),
            None,
        )  # fmt: skip

    def expect(self, value: float, confidence: float = 0.95) -> Figure:
        """The leaderboard's score that a validation of `value` lets expect. An interval needs three scored submissions: it is that of
        a further difference, by Student's t.
        """
        if not self.num:
            return Figure(value)
        center = float(np.clip(value + self.bias.value, 0, 1))
        if self.num < 3:
            return Figure(center)
        reach = float(_t(confidence, self.num)) * self.scatter * math.sqrt(1 + 1 / self.num)
        return Figure(center, max(value + self.bias.value - reach, 0.0), min(value + self.bias.value + reach, 1.0))


def calibrate(expected_S: np.ndarray, scores_S: np.ndarray, confidence: float = 0.95) -> Calibration:
    """From what was expected and what came, (S,) each."""
    num, apart_S = len(expected_S), scores_S - expected_S
    mean = float(apart_S.mean()) if num else math.nan
    scatter = float(apart_S.std(ddof=1)) if num > 1 else math.nan
    reach = float(_t(confidence, num)) * scatter / math.sqrt(num) if num > 2 else math.nan
    others_S = (apart_S.sum() - apart_S) / (num - 1) if num > 1 else np.array([])
    return Calibration(
        num=num,
        bias=Figure(mean, mean - reach, mean + reach),
        scatter=scatter,
        off=float(np.abs(apart_S).mean()) if num else math.nan,
        off_corrected=float(np.abs(apart_S - others_S).mean()) if num > 1 else math.nan,
        pearson=_correlation(expected_S, scores_S, confidence),
        spearman=_correlation(_ranks(expected_S), _ranks(scores_S), confidence, ranks=True),
        constant="validation" if num and np.ptp(expected_S) == 0 else "score" if num and np.ptp(scores_S) == 0 else "",
    )


def calibrate_entries(entries: Sequence[Entry], confidence: float = 0.95) -> Calibration:
    """The same from those of the ledger of which both are known."""
    paired = [(entry.expected, entry.score) for entry in entries if entry.is_paired]
    expected_S, scores_S = np.array(paired, dtype=np.float64).reshape(-1, 2).T
    return calibrate(expected_S, scores_S, confidence)


def _correlation(x_S: np.ndarray, y_S: np.ndarray, confidence: float, ranks: bool = False) -> Figure:
    """Pearson's correlation with its interval; of ranks it is Spearman's. NaN where it is not defined, or fewer than FEWEST."""
    num = len(x_S)
    if num < FEWEST or np.ptp(x_S) == 0 or np.ptp(y_S) == 0:
        return Figure(math.nan)
    value = float(np.clip(np.corrcoef(x_S, y_S)[0, 1], -1, 1))
    return Figure(value, *_fisher(value, num, confidence, ranks))


def _fisher(value: float, num: int, confidence: float, ranks: bool) -> tuple[float, float]:
    """The interval of Fisher's transformation of a correlation of `num` pairs; of ranks with the wider standard error of Bonett and Wright
    (2000).

    Equal ranks throughout would have no interval: it is then that of ranks in which the last two are changed over.
    """
    most = 1 - 12 / (num * (num**2 - 1)) if ranks else 1 - 1e-9
    inner = min(max(value, -most), most)
    error = math.sqrt((1 + inner**2 / 2 if ranks else 1) / (num - 3))
    reach = float(ndtri((1 + confidence) / 2)) * error
    low, high = (math.tanh(math.atanh(inner) + end) for end in (-reach, reach))
    return min(low, value), max(high, value)


def _t(confidence: float, num: int) -> float:
    return float(stdtrit(num - 1, (1 + confidence) / 2))


def _ranks(values_S: np.ndarray) -> np.ndarray:
    """1, 2, …, and the mean of their places for equal ones."""
    return pd.Series(values_S).rank().to_numpy()
