"""What is said of the best of many trials."""

from __future__ import annotations

import pandas as pd

from photobench.evaluation import Figure
from photobench.records import RunRecord
from photobench.tune.luck import Luck
from photobench.tune.trials import Trial
from photobench.workflow.search.finals import Final
from photobench.workflow.search.words_of_finals import verdict

RECORD = RunRecord("005-x", "finished", "2026-01-01", "", {}, 0, "", "runs/005-x")


def said(seen: float) -> str:
    best = Final(Trial(4, "finished", {"train.lr": 0.001}), RECORD)
    row = {"valid gain": 0.03, "valid gain low": -0.18, "valid gain high": 0.24}
    return verdict([best, best], best, pd.DataFrame([row]), Luck(seen, Figure(-0.05, -0.2, 0.1), 5, 68), 68, 5)[-1]


def test_luck_is_a_part_of_a_gain_and_of_none_there_is_none() -> None:
    assert "the best gains +0.020" in said(0.02) and "+0.070 of it is the luck of choosing" in said(0.02)
    assert "none is ahead of the project as it is" in said(0.0) and "luck" not in said(0.0)
