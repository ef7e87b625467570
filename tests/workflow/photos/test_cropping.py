"""The boxes of a project: found, shown, taken out as a table, and taken back in as people's decisions."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import photobench as pb
from photobench import workflow
from photobench.errors import ConfigError, PhotobenchError, SourceError
from photobench.records import Box
from tests.conftest import Cli
from tests.crop.blocks import Corners, draw_block, draw_grey, looked_at, write_detector

LEFT, RIGHT = (0, 20, 30, 60), (90, 20, 120, 60)  # of 120 × 80 px
NUM = 24

PROJECT = """
[source]
photos = "../photos"
group_pattern = '(person\\d+)_'

[[attributes]]
name = "label"
values = ["left", "right"]

[crop]
method = "own.py:find"
nothing = "group"

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


def draw_project(root: Path) -> Path:
    """A workspace with 24 photos of 8 people in two classes; in one photo of the first nothing is found."""
    for name, block in (("left", LEFT), ("right", RIGHT)):
        for number in range(NUM // 2):
            shown: Corners | None = None if (name, number) == ("left", 1) else block
            draw_block(root / "photos" / name / f"person{number // 3}{len(name)}_{number}.png", shown, seed=number)
    write_detector(root / "bench")
    (root / "bench" / "photobench.toml").write_text(PROJECT)
    return root / "bench"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return draw_project(tmp_path)


MISSED, FOUND = "left/person04_1.png", "right/person05_0.png"


def boxes(project: Path, **crop: object) -> dict[str, Box]:
    manifest = workflow.crop(workflow.open_bench(project, [{"crop": crop}] if crop else []))
    return dict(zip(manifest.frame["path"], manifest.boxes(), strict=True))


def export(project: Path) -> Path:
    out = project / "boxes.csv"
    workflow.export_boxes(workflow.crop(workflow.open_bench(project)), out)
    return out


def edit(table: Path, path: str, *corners: float | None) -> None:
    frame = pd.read_csv(table)
    frame.loc[frame["path"] == path, ["x1", "y1", "x2", "y2"]] = corners
    frame.to_csv(table, index=False)


# --- by the command line -------------------------------------------------------------------------------------------


def test_out_and_back_by_the_command_line(project: Path, cli: Cli) -> None:
    """Looked at once, shown, taken out, changed by a person, taken in; and none of it looks at a photo again."""
    first = cli("crop", "-w", project, "--preview", "--export", "boxes.csv")
    assert first.returncode == 0, first.stderr
    assert "crop: 24 photos looked at in " in first.stderr
    assert "crop: 23 found · 1 not found, box of the same group's photos" in first.stderr
    table, sheet = (project.parent / "boxes.csv"), project / "crop.html"
    assert first.stdout.splitlines()[-1] == str(sheet)
    assert "boxes.csv: 24 photos. Change boxes there, then: photobench crop --import boxes.csv" in first.stdout
    assert "box of the same group" in sheet.read_text()

    edit(table, MISSED, 10, 10, 50, 50)
    second = cli("crop", "-w", project, "--import", "boxes.csv")
    assert second.returncode == 0, second.stderr
    assert "boxes.csv: 1 box set" in second.stdout
    assert "crop: 23 found · 1 set by a person" in second.stderr
    assert "looked at" not in second.stderr
    assert len(looked_at(project)) == NUM
    assert boxes(project)[MISSED] == Box(10 / 120, 10 / 80, 50 / 120, 50 / 80, 0.0, "decided")


def test_mistakes_of_a_table_leave_everything_as_it_was(project: Path, cli: Cli) -> None:
    table = export(project)
    edit(table, MISSED, 10, 10, 50, 50)
    edit(table, FOUND, 50, 50, 10, 10)
    done = cli("crop", "-w", project, "--import", table)
    assert done.returncode == 2
    assert f"1 row with an empty or inverted box (row 14: {FOUND} 50 50 10 10)" in done.stderr
    assert "Traceback" not in done.stderr
    assert workflow.open_bench(project).workspace.list_decisions() == []
    assert boxes(project)[MISSED].how == "group"


def test_a_misspelt_method_names_the_nearest(project: Path, cli: Cli) -> None:
    done = cli("crop", "-w", project, "--set", "crop.method=yunit")
    assert done.returncode == 2
    assert 'there is no crop method "yunit". Did you mean "yunet"?' in done.stderr
    assert "Traceback" not in done.stderr
    assert looked_at(project) == []


def test_a_missing_facenet_pytorch_is_told_with_its_extra(project: Path, fresh_cli: Cli) -> None:
    """Hidden as if it were not installed, in the interpreter's own start."""
    hidden = project / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['facenet_pytorch'] = None\n")
    done = fresh_cli("crop", "-w", project, "--set", "crop.method=face", PYTHONPATH=str(hidden))
    assert done.returncode == 2
    assert "pip install 'photobench[face]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_own_detector_that_fails_or_answers_nonsense(project: Path, cli: Cli) -> None:
    """Where it raises, the photo is named and the run goes on; what is no answer stops it."""
    draw_grey(project.parent / "photos" / "left" / "person04_99.png")
    failed = cli("crop", "-w", project)
    assert failed.returncode == 0, failed.stderr
    assert "note: 1 photo at which the detector failed, treated as nothing found: left/person04_99.png" in failed.stdout
    assert "RuntimeError: I do not like grey" in failed.stdout
    write_detector(project, "def find(images): return [(1, 2, 3)] * len(images)")
    nonsense = cli("crop", "-w", project)
    assert nonsense.returncode == 2
    assert "own.py:find returned boxes of shape (): expected (F, 4)" in nonsense.stderr
    assert "Traceback" not in nonsense.stderr


# --- decisions -----------------------------------------------------------------------------------------------------


def test_a_decision_says_who_when_why_and_what_stood_there(project: Path) -> None:
    table = export(project)
    edit(table, FOUND, 0, 0, 60, 40)
    bench = workflow.open_bench(project)
    assert workflow.import_boxes(bench, table) == "1 box set"
    (decision,) = bench.workspace.list_decisions("box")
    assert (decision.photo, decision.why) == (FOUND, "from boxes.csv")
    assert decision.who
    assert decision.when
    assert decision.old == {"x1": 0.75, "y1": 0.25, "x2": 1.0, "y2": 0.75, "angle": 0.0}
    assert decision.new == {"x1": 0.0, "y1": 0.0, "x2": 0.5, "y2": 0.5, "angle": 0.0}


def test_the_same_table_again_decides_nothing(project: Path) -> None:
    table = export(project)
    edit(table, FOUND, -20, 0, 60, 40)
    bench = workflow.open_bench(project)
    assert workflow.import_boxes(bench, table) == "1 box set (1 of them across the photo's edge, cut there)"
    assert workflow.import_boxes(bench, table) == "0 boxes set"
    assert workflow.import_boxes(bench, export(project)) == "0 boxes set"
    assert len(bench.workspace.list_decisions()) == 1


def test_a_row_whose_photo_cannot_be_read_is_passed_over_and_said(project: Path) -> None:
    table = export(project)
    edit(table, FOUND, 0, 0, 60, 40)
    edit(table, MISSED, 0, 0, 60, 40)
    (project.parent / "photos" / FOUND).write_text("<html>")
    said = workflow.import_boxes(workflow.open_bench(project), table)
    assert said == "1 box set, 1 row passed over, whose photo cannot be read: photobench list problems"


def test_a_decision_is_taken_back_by_empty_cells_and_both_are_remembered(project: Path) -> None:
    table = export(project)
    edit(table, FOUND, 0, 0, 60, 40)
    bench = workflow.open_bench(project)
    workflow.import_boxes(bench, table)
    edit(table, FOUND, None, None, None, None)
    assert workflow.import_boxes(bench, table) == "0 boxes set, 1 taken back"
    assert boxes(project)[FOUND].how == "found"
    assert [decision.new is None for decision in bench.workspace.list_decisions("box")] == [False, True]


def test_a_decision_outlives_the_method_and_what_it_found(project: Path) -> None:
    table = export(project)
    edit(table, FOUND, 0, 0, 60, 40)
    workflow.import_boxes(workflow.open_bench(project), table)
    for file in (project / "crops").iterdir():
        file.unlink()
    assert boxes(project)[FOUND].how == "decided"
    assert boxes(project, method="center")[FOUND].how == "decided"


def test_a_table_that_is_not_there_is_said(project: Path) -> None:
    (project / "boxes.csv").write_text("path,x1,y1,x2,y2\n")
    with pytest.raises(SourceError, match=r"no table of boxes .*boxs\.csv\. Did you mean"):
        workflow.import_boxes(workflow.open_bench(project), project / "boxs.csv")


# --- what follows from the boxes -----------------------------------------------------------------------------------


def test_a_decided_box_changes_the_pixels_of_its_photo_and_of_no_other(project: Path) -> None:
    before = workflow.prepare(workflow.open_bench(project)).pack.pixels.copy()
    table = export(project)
    edit(table, FOUND, 0, 0, 60, 40)
    workflow.import_boxes(workflow.open_bench(project), table)
    prepared = workflow.prepare(workflow.open_bench(project))
    changed = (prepared.pack.pixels != before).any(axis=(1, 2, 3))
    assert prepared.manifest.frame["path"][changed].tolist() == [FOUND]


def test_the_manifest_says_how_each_box_is_known(project: Path) -> None:
    frame = pb.open(project).manifest().frame.set_index("path")
    assert frame["box_how"].value_counts().to_dict() == {"found": NUM - 1, "group": 1}
    assert frame.loc[MISSED, ["box_x1", "box_y1", "box_x2", "box_y2"]].tolist() == pytest.approx([0, 0.25, 0.25, 0.75])


def test_the_report_has_the_section(project: Path) -> None:
    run = pb.open(project).train()
    html = run.report().read_text()
    assert "What is cut out" in html
    assert "box of the same group" in html
    assert "photobench crop --export boxes.csv" in html
    assert len(looked_at(project)) == NUM


def test_the_report_of_the_data_follows_the_options_of_the_cut(project: Path) -> None:
    cuts = [
        re.findall('<i class="cut" style="([^"]+)"', pb.open(project, **{"crop.margin": margin}).report().read_text())
        for margin in (0.25, 1.0)
    ]
    assert len(cuts[0]) == len(cuts[1]) == NUM
    assert all(narrow != wide for narrow, wide in zip(*cuts, strict=True))


def test_without_a_crop_there_is_no_section_and_no_sheet(project: Path) -> None:
    bench = workflow.open_bench(project, [{"crop": {"method": "none"}}])
    assert "What is cut out" not in workflow.report(bench).read_text()
    with pytest.raises(PhotobenchError, match=r'crop\.method is "none"\. Choose one: photobench list detectors'):
        workflow.crop_sheet(bench, workflow.crop(bench))
    assert looked_at(project) == []


def test_the_sheet_shows_the_misses_first(project: Path) -> None:
    bench = workflow.open_bench(project)
    html = workflow.crop_sheet(bench, workflow.crop(bench)).read_text()
    names = [Path(MISSED).name, Path(FOUND).name]
    assert 0 < html.index(names[0]) < html.index(names[1])


def test_where_all_is_known_no_network_is_loaded(project: Path) -> None:
    """The second call is answered at once: PyTorch alone takes seconds."""
    pytest.importorskip("facenet_pytorch", reason="needs photobench[face]")
    boxes(project, method="face")
    code = (
        "import sys; from photobench import workflow\n"
        f"bench = workflow.open_bench({str(project)!r}, [{{'crop': {{'method': 'face'}}}}])\n"
        "print(len(workflow.crop(bench)), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(NUM), "False"]


def test_another_cut_is_another_run_without_another_look(project: Path) -> None:
    first = pb.open(project).train()
    second = pb.open(project, **{"crop.margin": 0.6}).train()
    assert first.name != second.name
    assert pb.open(project).train().name == first.name
    assert len(looked_at(project)) == NUM


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "box"}, r'method = "box" needs crop\.box_columns'),
        ({"method": "yunet"}, r'method = "yunet" needs crop\.detector_weights'),
        ({"method": "yunet", "detector_weights": "gone.onnx"}, r"detector_weights: there is no file .*gone\.onnx"),
        ({"method": "yunet", "detector_weights": "photobench.toml"}, r"photobench\.toml is no YuNet model"),
        ({"method": "box", "box_columns": ["x1", "y1", "x2", "y2"]}, r'no column "x1" \(crop\.box_columns\)'),
        ({"method": "own.py:fnd"}, r'own\.py has no function "fnd"\. Did you mean "find"\?'),
    ],
)
def test_what_a_method_lacks_is_said(project: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises((ConfigError, SourceError), match=message):
        boxes(project, **options)
    assert looked_at(project) == []
