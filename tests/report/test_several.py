"""The report of several trainings under one name: a set of folds, an ensemble."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from photobench.records import Manifest
from photobench.report import HardPhoto, HardToLearn, Reported
from tests.report.made import ALL, make_inputs, make_record
from tests.report.page import check


def several(manifest: Manifest, **changes: Any) -> Reported:
    """Three folds under one name."""
    record = make_record(manifest)
    trainings = [
        replace(
            record, name=f"00{fold}-fox", config={**record.config, "split": {"folds": 3, "fold": fold, "repeat": 0}}
        )
        for fold in (1, 2, 3)
    ]
    return Reported("001-fox-3-folds", trainings, "Three models answer.", 4.25, **changes)


def test_several_trainings_under_one_name_are_told_out_of_fold():
    full = make_inputs()
    evaluation = {**full.evaluations["test"], "split": "out of fold"}
    predictions = {"out of fold": full.predictions["test"]}
    hard = HardToLearn([HardPhoto("photos/00003.jpg", "age", "old", -1.5)], 90, 7)
    page = check(
        replace(
            full,
            model=several(full.manifest),
            evaluations={"out of fold": evaluation},
            predictions=predictions,
            hard=hard,
        )
    )
    assert page.sections == [*ALL[:3], "trainings", *ALL[4:7], "hard", *ALL[7:]]
    for words in (
        "On 48 photos of 12 subjects, each asked out of fold, the answer is right on 83", "Three models answer.", "on the out-of-fold photos",
        "There is no test split.", "001-fox-3-folds, of 3 trainings, 4 March 2025", "fold 2 of 3", "3 trainings, with a macro F1 from 0.64 to 0.64",
        "In all of them, they were still getting better", "All 3 trainings together took 1 min 12 s", "An answer takes 4.2 ms per photo in its models",
        "Of 90 photos that were learned, 7 kept a margin below zero", "-1.50", "All options of the first training", "the fold that they held out",
    ):  # fmt: skip
        assert words in page.text, words
    assert "report --run 001-fox" in page.text


def test_of_many_trainings_the_first_dozen_is_drawn():
    full = make_inputs()
    model = several(full.manifest)
    many = [replace(model.first, name=f"{number:03d}-fox") for number in range(15)]
    text = check(replace(full, model=replace(model, trainings=many))).text
    assert (
        "The figures show the first 12." in text
        and "On 48 photos of 12 subjects they never saw, the models are right" in text
    )
