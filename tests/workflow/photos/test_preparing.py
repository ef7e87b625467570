from __future__ import annotations

import time
from pathlib import Path

from photobench.workflow import open_bench, prepare
from tests.conftest import project_toml


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


def test_a_change_of_labels_keeps_the_pack(workspace: Path, photos: Path) -> None:
    first = prepare(open_bench(workspace))
    made = (first.pack.folder / "pack.json").stat().st_mtime_ns
    time.sleep(0.01)
    text = project_toml(photos).replace("['red', 'green', 'blue']", "['blue', 'green', 'red']")
    (workspace / "photobench.toml").write_text(text)
    second = prepare(open_bench(workspace))
    assert second.manifest.fingerprint() != first.manifest.fingerprint()
    assert (second.pack.folder / "pack.json").stat().st_mtime_ns == made
