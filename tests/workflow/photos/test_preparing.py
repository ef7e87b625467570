from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from photobench.crop.options import CropOptions
from photobench.records import WHOLE
from photobench.workflow import open_bench, prepare
from photobench.workflow.photos.preparing import Way, project_way
from tests.conftest import draw_folder, draw_photo, project_toml


def test_unknown_groups_are_warned_of_and_proposed(workspace: Path, photos: Path) -> None:
    bench = open_bench(workspace, [{"source": {"group_pattern": ""}}])
    notes = prepare(bench).manifest.notes
    assert any("not known" in note and "source.group_pattern = '" in note for note in notes)
    assert not any("not known" in note for note in prepare(open_bench(workspace)).manifest.notes)


def test_the_size_is_said_before_it_is_written(workspace: Path, capsys) -> None:
    prepare(open_bench(workspace))
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("pack: 54 photos at 37 px, 0 MB in ")
    assert said[1].startswith("pack: done in ")
    prepare(open_bench(workspace))
    assert "pack:" not in capsys.readouterr().err


def test_the_manifest_is_written_with_its_split(workspace: Path) -> None:
    from photobench.records import Manifest

    made = prepare(open_bench(workspace)).manifest
    read = Manifest.read(workspace / "manifest.parquet")
    assert read.fingerprint() == made.fingerprint()
    assert set(read.frame["split"]) == {"train", "valid"}
    assert read.frame["sha256"].str.len().eq(64).all()


def test_the_manifest_that_is_kept_is_that_of_the_project_whatever_cut_a_run_has(workspace: Path, photos: Path) -> None:
    prepare(open_bench(workspace))
    kept = (workspace / "manifest.parquet").read_bytes()
    other = Way(CropOptions(method="center"), project_way(open_bench(workspace)).pack)
    assert "box_x1" in prepare(open_bench(workspace), other).manifest.frame
    assert (workspace / "manifest.parquet").read_bytes() == kept
    draw_photo(photos / "blue" / "person29_0.jpg", (50, 60, 210), 7)
    same = replace(project_way(open_bench(workspace)), usual=WHOLE)  # as a run has it that was trained so
    prepare(open_bench(workspace), same)
    assert (workspace / "manifest.parquet").read_bytes() != kept


def test_a_change_of_labels_keeps_the_pack(workspace: Path, photos: Path) -> None:
    first = prepare(open_bench(workspace))
    made = (first.pack.folder / "pack.json").stat().st_mtime_ns
    time.sleep(0.01)
    text = project_toml(photos).replace("['red', 'green', 'blue']", "['blue', 'green', 'red']")
    (workspace / "photobench.toml").write_text(text)
    second = prepare(open_bench(workspace))
    assert second.manifest.fingerprint() != first.manifest.fingerprint()
    assert (second.pack.folder / "pack.json").stat().st_mtime_ns == made


def test_photos_that_went_or_came_since_are_told_once(
    workspace: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(open_bench(workspace))
    assert "since" not in capsys.readouterr().err
    (photos / "red" / "person00_0.jpg").unlink()
    (photos / "red" / "person01_0.jpg").unlink()
    draw_photo(photos / "blue" / "person29_0.jpg", (50, 60, 210), 7)
    prepare(open_bench(workspace))
    assert capsys.readouterr().err.splitlines()[0] == (
        "note: since the last look at the photos, 2 photos are no longer there (red/person00_0.jpg, red/person01_0.jpg) "
        "and 1 photo is new (blue/person29_0.jpg)."
    )
    prepare(open_bench(workspace))
    assert "since" not in capsys.readouterr().err


def test_a_photo_of_the_table_whose_file_went_is_told(
    workspace: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{path.relative_to(photos)},{path.parent.name}" for path in sorted(photos.rglob("*.jpg"))]
    (workspace / "labels.csv").write_text("\n".join(["path,label", *rows]))
    table = {"source": {"kind": "table", "table": "labels.csv"}}
    prepare(open_bench(workspace, [table]))
    (photos / "red" / "person00_0.jpg").unlink()
    for told in (True, False):
        capsys.readouterr()
        prepare(open_bench(workspace, [table]))
        assert ("1 photo is no longer there (red/person00_0.jpg)" in capsys.readouterr().err) == told


def test_another_folder_of_photos_is_no_change_of_them(
    workspace: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(open_bench(workspace))
    (workspace / "photobench.toml").write_text(project_toml(draw_folder(tmp_path / "others", people=4)))
    prepare(open_bench(workspace))
    assert "since" not in capsys.readouterr().err


def test_a_damaged_manifest_is_written_anew(workspace: Path) -> None:
    prepare(open_bench(workspace))
    (workspace / "manifest.parquet").write_bytes(b"PAR1")
    assert len(prepare(open_bench(workspace)).manifest) == 54
