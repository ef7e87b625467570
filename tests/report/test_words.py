"""Numbers and sentences of the report by themselves."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from photobench.report.figures import biggest_confusions, curve_words, where_mistakes_are
from photobench.report.numbers import estimate, probability
from photobench.report.tables import truth_words
from tests.report.made import SPACE, make_inputs, make_manifest, make_record


def test_estimates_have_sensible_digits():
    assert estimate("accuracy", {"value": 0.8412, "low": 0.79, "high": 0.89}).text == "84\u00a0%"
    assert estimate("accuracy", {"value": 0.8412, "low": 0.838, "high": 0.845}).interval == "83.8 to 84.5\u00a0%"
    assert estimate("macro_f1", {"value": 0.714, "low": 0.6, "high": 0.8}).interval == "0.60 to 0.80"
    unknown = estimate("auc", {"value": None, "low": None, "high": None})
    assert (unknown.text, unknown.interval, unknown.known) == ("–", "", False)
    assert estimate("auc", {"value": float("nan"), "low": None, "high": None}).text == "–"
    assert [probability(p) for p in (0.0, 0.001, 0.5, 0.9999, 1.0)] == [
        "0\u00a0%",
        "< 1\u00a0%",
        "50\u00a0%",
        "> 99\u00a0%",
        "100\u00a0%",
    ]


@pytest.mark.parametrize(("value", "said"), [(0.7, "inside"), (0.9, "above"), (0.2, "below")])
def test_truth_against_the_promise(value, said):
    assert f"That is {said} the interval" in truth_words(make_inputs(truth_score={"value": value, "n": 9}))


def test_confusions_in_words():
    matrix = np.array([[8, 2, 0], [0, 10, 0], [1, 0, 3]])
    said = [unescape(w).replace("\u00a0", " ") for w in biggest_confusions(["a", "b", "c"], matrix)]
    assert said == [
        "2 of 10 photos of “a” were taken for “b” (20 %).",
        "1 of 4 photos of “c” was taken for “a” (25 %).",
    ]
    joint = np.zeros((6, 6), dtype=int)
    joint[0, 1], joint[0, 3], joint[0, 4] = 5, 2, 1
    assert (
        where_mistakes_are(SPACE, joint)
        == "Of 8 mistakes: 5 in age alone, 2 in mask alone and 1 in more than one label."
    )


def test_curve_words():
    record = make_record(make_manifest(), 10)
    assert "still getting better" in curve_words(record)
    worse = [{**row, "valid_loss": 0.5 + 0.1 * abs(row["epoch"] - 4)} for row in record.history]
    assert "From epoch 4 on" in curve_words(replace(record, history=worse, metrics={"best_epoch": 4}))
    flat = [{**row, "macro_f1": 0.6} for row in record.history]
    assert "flat at the end" in curve_words(replace(record, history=flat, metrics={"best_epoch": 2}))
