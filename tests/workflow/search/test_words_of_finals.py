"""What is said of the best of many trials."""

from __future__ import annotations

import math

import pandas as pd

from photobench.evaluation import Figure
from photobench.records import RunRecord
from photobench.tune.luck import Luck
from photobench.tune.trials import Trial
from photobench.workflow.search.finals import Final, InFolds
from photobench.workflow.search.words_of_finals import doubt, leave_it, verdict

RECORD = RunRecord("005-x", "finished", "2026-01-01", "", {}, 0, "", "runs/005-x")


def said(seen: float) -> str:
    best = Final(Trial(4, "finished", {"train.lr": 0.001}), RECORD)
    row = {"valid gain": 0.03, "valid gain low": -0.18, "valid gain high": 0.24}
    return verdict([best, best], best, pd.DataFrame([row]), Luck(seen, Figure(-0.05, -0.2, 0.1), 5, 68), 68, 5)[-1]


def test_luck_is_a_part_of_a_gain_and_of_none_there_is_none() -> None:
    assert "the best gains +0.020" in said(0.02) and "+0.070 of it is the luck of choosing" in said(0.02)
    assert "none is ahead of the project as it is" in said(0.0) and "luck" not in said(0.0)


BEST = Final(Trial(4, "finished", {"train.lr": 0.001}), RECORD)
OWN = Final(Trial(0, "finished", {}, is_default=True), RECORD)


def doubted(low: float, high: float, in_folds: InFolds | None = None) -> str:
    row = {"valid gain": 0.03, "valid gain low": low, "valid gain high": high}
    return doubt([OWN, BEST], BEST, pd.DataFrame([{}, row]), in_folds)


def test_a_gain_within_noise_is_no_reason_to_change_the_project() -> None:
    assert doubted(0.01, 0.05) == ""
    assert doubted(-0.01, 0.05) == "The gain of trial 4 is within noise"
    assert doubted(math.nan, math.nan) == "How sure the gain of trial 4 is cannot be said"
    assert doubt([OWN, BEST], OWN, pd.DataFrame([{}, {}]), None) == ""


def test_folds_are_the_surer_answer() -> None:
    better, noise, worse = (
        InFolds(5, Figure(0.0, low, high), 90, []) for low, high in ((0.01, 0.1), (-0.1, 0.1), (-0.2, -0.1))
    )
    assert doubted(-0.01, 0.05, better) == ""
    assert doubted(0.01, 0.05, noise) == "The gain of trial 4 in 5 folds is within noise"
    assert doubted(0.01, 0.05, worse) == "Trial 4 in 5 folds is worse than the project as it is"


def test_what_follows_asks_for_folds_where_there_are_none_yet() -> None:
    assert leave_it("It is noise", has_folds=False) == (
        "It is noise: leave the project as it is. More photos, or folds (photobench tune --folds 5), would tell more than more trials."
    )
    assert "folds" not in leave_it("It is noise", has_folds=True)
