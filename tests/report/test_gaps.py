"""Whatever is missing, the report is whole and says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from photobench.errors import ImageError
from photobench.report import Reported, ReportInputs, build_report
from tests.report.made import ALL, SPACE, bounds, make_inputs, make_manifest, make_record, make_scores
from tests.report.page import check


def test_data_only():
    page = check(ReportInputs("Only data", make_manifest()))
    assert page.sections == ["headline", "data", "left-out", "reproduce"]
    assert "240 photos of 60 subjects in 6 classes, and no model yet." in page.text


@pytest.mark.parametrize("piece", ["model", "mistakes", "thumbnail", "submission", "truth_score"])
def test_one_piece_missing(piece):
    page = check(make_inputs(**{piece: None}))
    gone = {"model": "learning", "thumbnail": "examples"}.get(piece)
    assert page.sections == [s for s in ALL if s != gone]


@pytest.mark.parametrize("piece", ["evaluations", "predictions", "timings", "notes"])
def test_one_collection_empty(piece):
    page = check(make_inputs(**{piece: [] if piece == "notes" else {}}))
    assert {"headline", "data", "reproduce"} <= set(page.sections)


def test_run_without_evaluation():
    page = check(make_inputs(evaluations={}, predictions={}, mistakes=pd.DataFrame()))
    assert "a model that was not evaluated yet" in page.text and "macro F1 0.64" in page.text


def test_no_test_split_is_said():
    full = make_inputs()
    only = {"valid": full.evaluations["valid"]}
    text = check(replace(full, evaluations=only)).text
    assert "it was not trained on" in text and "There is no test split." in text


def test_unknown_groups_are_said():
    text = check(make_inputs(make_manifest(has_groups=False))).text
    assert "subjects it never saw" not in text and "Nobody said which photos show the same person or object." in text


def test_no_mistakes():
    text = check(make_inputs(wrong_every=0)).text
    assert "every test photo is answered rightly" in text and "near copy" in text


def test_nothing_evaluated_in_the_split():
    inputs = make_inputs()
    empty = {**inputs.evaluations["test"], "num_photos": 0}
    names = SPACE.class_names
    empty["joint"] = make_scores(names, np.array([], dtype=int), np.array([], dtype=int))
    empty["joint"]["metrics"] = {"accuracy": bounds(None), "macro_f1": bounds(None)}
    page = check(replace(inputs, evaluations={"test": empty}, mistakes=pd.DataFrame()))
    assert "confusion" not in page.sections and "48 photos" not in page.text


def test_photos_that_vanished_leave_a_gap_not_an_error():
    def gone(path: str) -> np.ndarray:
        raise ImageError("the file is gone")

    assert "no picture" in check(make_inputs(thumbnail=gone)).text


def test_mistakes_by_name_and_without_predictions():
    inputs = make_inputs()
    names = np.array(SPACE.class_names, dtype=object)
    by_name = inputs.mistakes.assign(
        truth=names[inputs.mistakes["truth"]], predicted=names[inputs.mistakes["predicted"]]
    )
    assert build_report(replace(inputs, mistakes=by_name)) == build_report(inputs)
    text = check(replace(inputs, predictions={})).text
    assert "6 %" in text and "70 %" in text


def test_one_epoch_draws_no_curve():
    manifest = make_manifest()
    page = check(make_inputs(manifest, model=Reported("calm-fox-1", [make_record(manifest, 1)])))
    assert "1 epoch; the best is epoch 1" in page.text and not [
        a for _, a in page.tags if a.get("id") == "fig-curves-loss"
    ]


def test_a_copy_that_training_has_too_is_not_called_never_seen():
    manifest = make_manifest()
    frame = manifest.frame.copy()
    for split in ("train", "test"):
        frame.loc[frame.index[frame["split"] == split][0], "sha256"] = "a" * 64
    text = check(make_inputs(replace(manifest, frame=frame))).text
    assert "1 of which it learned as well, the model is right" in text and "it never saw" not in text
    assert "1 of the test photos is among the training photos too" in text
