"""A run is asked about files."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from photobench import workflow
from photobench.predict import load_model, predict_rows
from photobench.records import Decision
from photobench.workspace import now
from tests.crop.blocks import write_detector

LEFT_HALF = {"x1": 0.0, "y1": 0.0, "x2": 0.5, "y2": 0.5, "angle": 0.0}


@pytest.mark.parametrize("method", ["center", "own.py:find"])
@pytest.mark.parametrize("decided", ["red/person00_0.jpg", "red/person00_9.jpg"])
def test_copies_keep_boxes_of_their_own(workspace: Path, photos: Path, method: str, decided: str) -> None:
    """Two files of the same bytes, one of them with a box that a person set."""
    write_detector(workspace)
    pair = [photos / "red" / "person00_0.jpg", photos / "red" / "person00_9.jpg"]
    shutil.copy(*pair)
    bench = workflow.open_bench(workspace, [{"crop": {"method": method}, "train": {"epochs": 1}}])
    bench.workspace.add_decisions([Decision(decided, "box", None, LEFT_HALF, "a test", now())])
    record = workflow.train(bench)
    prepared = workflow.prepare(bench)
    paths = prepared.manifest.frame["path"].tolist()
    rows = np.array([paths.index(f"red/{path.name}") for path in pair])
    from_pack = predict_rows(load_model(workspace / record.folder), prepared.pack, rows)
    from_files = workflow.predict(bench, pair, record.name).joint_NK
    assert np.array_equal(from_files, from_pack)
    assert not np.allclose(from_files[0], from_files[1], atol=1e-5)


@pytest.mark.parametrize(
    ("split", "view", "expected"),
    [("predict", "plain", "predict"), ("valid", "plain", "predict valid"), ("predict", "flip", "predict, flip")],
)
def test_what_is_being_done_is_said_once(split: str, view: str, expected: str) -> None:
    from photobench.workflow.models.asking import _doing

    assert _doing(split, view) == expected
