"""The same raw file gives the same pixels, and so the same prediction, through the pack and through `predict`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photobench import workflow
from photobench.crop.finder import Finder
from photobench.data.pack import PackSpec
from photobench.predict import load_model, predict_files, predict_rows
from photobench.records import Box, Decision, Predictions, RunRecord
from photobench.workflow.bench import Bench
from photobench.workflow.photos.preparing import Prepared
from photobench.workspace import now
from tests.conftest import SHARED_DATA, draw_face, needs_shared
from tests.crop.blocks import ORIENTATION, draw_block

YUNET = "weights/yunet_s_dynamic.onnx"

OWN = """
import numpy as np
def find(images):
    return [skin(image) for image in images]
def skin(image):
    if (image == 77).all():
        raise RuntimeError("I do not like grey")
    y, x = np.nonzero(image.min(axis=2) > 160)
    if len(x) < 5:
        return [], [], []
    left, top, right, bottom = x.min(), y.min(), x.max() + 1, y.max() + 1
    return [[left, top, right, bottom]], [0.9], [[[left, top + 0.2 * (bottom - top)], [right, top]]]
"""
"""Finds the bright part of a photo, with two landmarks that do not lie level."""

CASES: dict[str, dict[str, Any]] = {
    "none": {"crop.method": "none"},
    "none, padded": {"crop.method": "none", "pack.fit": "pad"},
    "center": {"crop.method": "center", "crop.fraction": 0.6},
    "box": {"crop.method": "box", "crop.margin": 0.4},
    "box as it is": {"crop.method": "box", "crop.margin": 0.0, "crop.aspect": 0.0, "pack.fit": "squash"},
    "face": {"crop.method": "face"},
    "face, aligned": {"crop.method": "face", "crop.align": True, "crop.margin": 0.1},
    "face, small": {"crop.method": "face", "crop.max_side_px": 150, "crop.several": "central", "pack.fit": "pad"},
    "yunet": {"crop.method": "yunet", "crop.detector_weights": str(SHARED_DATA / YUNET), "crop.nothing": "center"},
    "own": {"crop.method": "own.py:find", "crop.aspect": 0.6, "crop.nothing": "whole"},
    "own, aligned": {"crop.method": "own.py:find", "crop.align": True, "crop.max_side_px": 150},
    "own, by group": {"crop.method": "own.py:find", "crop.nothing": "group"},
}
MARKS = {"yunet": [needs_shared(YUNET)]}
NOT_OF_A_FILE = ("box", "box as it is", "own, by group")
"""What the table gives, and who else is in a photo, is not known of a file alone."""


def save(photo: np.ndarray, path: Path, mode: str = "RGB", turned: bool = False) -> None:
    image, exif = Image.fromarray(photo).convert(mode), Image.Exif()
    if turned:
        image, exif[ORIENTATION] = image.transpose(Image.Transpose.ROTATE_90), 6
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, exif=exif)


def draw_photos(root: Path) -> None:
    """Portraits of six people, and photos that go through every part of the way."""
    for seed in range(12):
        save(draw_face(seed // 2, (96 + 8 * (seed % 3), 128)), root / f"p{seed // 2}_{seed}.jpg")
    save(draw_face(20, (144, 192)), root / "p0_turned.jpg", turned=True)
    save(draw_face(21, (144, 192)), root / "p1_cmyk.jpg", "CMYK")
    save(draw_face(22, (144, 192)), root / "p2_grey.png", "L")
    save(draw_face(23, (900, 1200)), root / "p3_large.jpg")  # decoded at a part of its size
    save(draw_face(24, (900, 1200)), root / "p4_large_turned.jpg", turned=True)
    save(draw_face(25, (96, 128))[:3, :5], root / "p5_tiny.png")
    save(np.full((90, 120, 3), 30, np.uint8), root / "p0_dark.png")  # nothing is found
    save(np.full((90, 120, 3), 77, np.uint8), root / "p1_hated.png")  # at this the own detector raises
    save(draw_face(26, (144, 192)), root / "eval" / "z1.jpg")
    save(np.full((90, 120, 3), 40, np.uint8), root / "eval" / "z2.png")


BOXES = {"p0_0": "20,30,70,100", "p0_turned": "30,40,110,160", "p3_large": "200,300,700,1000", "p1_2": "-30,20,60,300"}
PROJECT = """
[source]
kind = "table"
photos = "photos"
table = "labels.csv"
group_pattern = '^(p\\d)_'
predict = "eval"

[[attributes]]
name = "label"
values = ["even", "odd"]

[crop]
box_columns = ["x1", "y1", "x2", "y2"]

[model]
backbone = "test_resnet"
weights = "none"
size_px = 32

[train]
epochs = 1
batch_size = 8

[evaluate]
bootstraps = 20
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases share it, as those do who try one method after the other."""
    root = tmp_path_factory.mktemp("parity")
    draw_photos(root / "photos")
    names = sorted(path.name for path in (root / "photos").glob("p*"))
    rows = [f"{name},{['even', 'odd'][int(name[1]) % 2]},{BOXES.get(Path(name).stem, ',,,')}" for name in names]
    (root / "labels.csv").write_text("path,label,x1,y1,x2,y2\n" + "\n".join(rows) + "\n")
    (root / "own.py").write_text(OWN)
    (root / "photobench.toml").write_text(PROJECT)
    return root


@pytest.fixture(params=[pytest.param(name, marks=MARKS.get(name, ())) for name in CASES])
def case(request: pytest.FixtureRequest) -> str:
    if request.param.startswith("face"):
        pytest.importorskip("facenet_pytorch", reason="needs photobench[face]")
    return request.param


def nested(options: dict[str, Any]) -> list[dict[str, Any]]:
    return [{room: {name: value}} for key, value in options.items() for room, name in [key.split(".")]]


def bench_of(workspace: Path, case: str) -> Bench:
    return workflow.open_bench(workspace, nested(CASES[case]))


def files(prepared: Prepared) -> list[Path]:
    return [prepared.manifest.root / path for path in prepared.manifest.frame["path"]]


def asked(workspace: Path, case: str, paths: list[Path]) -> tuple[RunRecord, Predictions]:
    """A run of this case, and what it says of files."""
    record = workflow.train(bench_of(workspace, case))
    return record, workflow.predict(bench_of(workspace, case), paths, record.name)


def from_pack(workspace: Path, record: RunRecord, prepared: Prepared) -> np.ndarray:
    return predict_rows(load_model(workspace / record.folder), prepared.pack, np.arange(len(prepared.pack)))


def test_the_photos_are_found_and_missed_as_they_are_meant_to(workspace: Path) -> None:
    """The other tests would say nothing if every photo fell back to the same box."""
    pytest.importorskip("facenet_pytorch", reason="needs photobench[face]")
    hows = {
        case: workflow.prepare(bench_of(workspace, case)).manifest.frame["box_how"].value_counts().to_dict()
        for case in ("none", "center", "box", "face, aligned", "own, aligned", "own, by group")
    }
    assert hows["none"] == {"whole": 22}
    assert hows["center"] == {"center": 22}
    assert hows["box"] == {"given": 4, "median": 18}
    for case, fallback in (("face, aligned", "median"), ("own, aligned", "median"), ("own, by group", "group")):
        assert hows[case]["found"] >= 17
        assert hows[case][fallback] >= 2
    for case in ("face, aligned", "own, aligned"):
        angles = workflow.prepare(bench_of(workspace, case)).manifest.frame["box_angle"]
        assert (angles != 0).sum() >= 10


def test_a_file_gives_the_pixels_of_the_pack(workspace: Path, case: str) -> None:
    """Box and cut alike, where a finder that knows no photo of the data set finds the boxes."""
    prepared = workflow.prepare(bench_of(workspace, case))
    way, paths = prepared.way, files(prepared)
    assert way.usual is not None
    finder = Finder(way.crop, way.usual, workspace)
    with finder.detector.working():
        boxes = prepared.manifest.boxes() if case in NOT_OF_A_FILE else finder.find(paths)
    assert boxes == prepared.manifest.boxes()
    for row, (path, box) in enumerate(zip(paths, boxes, strict=True)):
        assert np.array_equal(way.pack.pixels(path, box)[0], prepared.pack.pixels[row]), path.name


def test_a_file_gives_the_prediction_of_the_pack(workspace: Path, case: str) -> None:
    prepared = workflow.prepare(bench_of(workspace, case))
    record, predictions = asked(workspace, case, files(prepared))
    assert np.array_equal(predictions.joint_NK, from_pack(workspace, record, prepared))
    assert len(np.unique(predictions.joint_NK, axis=0)) > 10


@pytest.mark.parametrize("name", ["small.png", "large.png", "large.jpg"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_the_square_shows_what_the_box_holds(tmp_path: Path, name: str, orientation: int) -> None:
    """Read whole or at a part of its size, upright or turned: the block fills the square, or its middle half."""
    size = (2403, 1602) if name.startswith("large") else (240, 160)
    block = (size[0] // 2, size[1] // 4, size[0] * 3 // 4, size[1] // 2)
    path = draw_block(tmp_path / name, block, size, orientation=orientation)
    box = Box.of(np.array(block) / np.tile(size, 2), "found")
    tight = PackSpec(64, "squash").pixels(path, box)[0]
    assert tight[1:-1, 1:-1].min() > 200
    wide = PackSpec(64, "squash", margin=0.5).pixels(path, box)[0]
    for line in (wide[32, :, 0], wide[:, 32, 0]):
        bright = np.flatnonzero(line > 150)
        assert np.abs(bright[[0, -1]] - [16, 47]).max() <= 1


def test_the_evaluation_set_gives_what_its_files_give(workspace: Path) -> None:
    paths = [workspace / "photos" / "eval" / name for name in ("z1.jpg", "z2.png")]
    record, predictions = asked(workspace, "own, aligned", paths)
    kept = workflow.split_predictions(bench_of(workspace, "own, aligned"), record, "predict")
    assert np.allclose(kept.joint_NK, predictions.joint_NK, atol=2e-3)  # batches of another size


def test_a_model_alone_finds_boxes_by_its_own_method(workspace: Path) -> None:
    prepared = workflow.prepare(bench_of(workspace, "center"))
    record = workflow.train(bench_of(workspace, "center"))
    predictions = predict_files(load_model(workspace / record.folder), [str(path) for path in files(prepared)])
    assert np.array_equal(predictions.joint_NK, from_pack(workspace, record, prepared))


@pytest.mark.parametrize("nothing", ["median", "group", "center", "whole"])
def test_files_in_which_nothing_is_found_are_counted(workspace: Path, capsys: Any, nothing: str) -> None:
    bench = workflow.open_bench(workspace, nested({**CASES["own"], "crop.nothing": nothing}))
    record = workflow.train(bench)
    capsys.readouterr()
    photos = workspace / "photos"
    workflow.predict(bench, [photos / "p0_0.jpg", photos / "p0_dark.png", photos / "p1_hated.png"], record.name)
    said = capsys.readouterr().err
    assert "crop: nothing found in 2 of 3 photos; cut out of them: " in said
    assert {"median": "usual box", "group": "same group", "center": "centre", "whole": "whole photo"}[nothing] in said
    assert "p0_dark.png" in said
    assert "p0_0.jpg" not in said


def test_a_detector_that_fails_at_a_file_is_said(workspace: Path, tmp_path: Path, capsys: Any) -> None:
    save(np.full((40, 30, 3), 77, np.uint8), tmp_path / "new.png")
    _, predictions = asked(workspace, "own", [tmp_path / "new.png", workspace / "photos" / "p0_0.jpg"])
    assert predictions.ok().all()
    said = capsys.readouterr().err
    assert "crop: 1 photo at which the detector failed, treated as nothing found: " in said
    assert re.search(r"new\.png \(RuntimeError: I do not like grey \(own\.py, line \d+\)\)\.", said)


def test_methods_that_do_not_look_miss_nothing(workspace: Path, capsys: Any) -> None:
    asked(workspace, "center", [workspace / "photos" / "p0_0.jpg", workspace / "photos" / "p0_dark.png"])
    assert "nothing found" not in capsys.readouterr().err


# --- what people decided -------------------------------------------------------------------------------------------


def decide(bench: Bench, path: str, box: dict[str, float] | None) -> None:
    bench.workspace.add_decisions([Decision(path, "box", None, box, "a test", now())])


LEFT_HALF = {"x1": 0.0, "y1": 0.0, "x2": 0.5, "y2": 0.5, "angle": 5.0}


@pytest.mark.parametrize("case", ["none", "center", "box", "own"])
def test_a_decided_box_is_that_of_its_file_too(workspace: Path, tmp_path: Path, case: str) -> None:
    bench = bench_of(workspace, case)
    decide(bench, "p2_4.jpg", LEFT_HALF)
    try:
        prepared = workflow.prepare(bench_of(workspace, case))
        assert (prepared.manifest.frame["box_how"] == "decided").sum() == 1
        record, predictions = asked(workspace, case, files(prepared))
        assert np.array_equal(predictions.joint_NK, from_pack(workspace, record, prepared))
        elsewhere = tmp_path / "a copy under another name.jpg"
        elsewhere.write_bytes((workspace / "photos" / "p2_4.jpg").read_bytes())
        row = prepared.manifest.frame["path"].tolist().index("p2_4.jpg")
        copied = workflow.predict(bench, [elsewhere], record.name).joint_NK
        assert np.allclose(copied, predictions.joint_NK[row], atol=2e-3)
    finally:
        decide(bench, "p2_4.jpg", None)


def test_what_is_decided_after_the_training_does_not_move_the_run(workspace: Path) -> None:
    path = workspace / "photos" / "p3_6.jpg"
    record, before = asked(workspace, "own", [path])
    bench = bench_of(workspace, "own")
    decide(bench, "p3_6.jpg", LEFT_HALF)
    try:
        assert np.array_equal(workflow.predict(bench, [path], record.name).joint_NK, before.joint_NK)
    finally:
        decide(bench, "p3_6.jpg", None)
