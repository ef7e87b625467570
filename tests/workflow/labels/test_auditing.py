"""The audit as a person calls it: every check, kept until something changes, its rules, its table, and its place in the report."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

import photobench as pb
from photobench import workflow
from photobench.audit.checks import CHECKS
from photobench.audit.priority import worth
from photobench.decisions.standing import BY_RULE
from photobench.errors import ConfigError, PhotobenchError
from photobench.records import findings_of
from tests.conftest import COLOURS, Cli, draw_photo

QUICK = {"audit.epochs": 2, "audit.num_folds": 2, "audit.small_px": 32}
WRONG = "red/person00_9.jpg"


@pytest.fixture
def suspect(photos: Path, workspace: Path) -> Path:
    """Among 54 photos of discs: a copy with another label, and a blue disc that is called red, by a person whose others are red."""
    shutil.copy(photos / "green" / "person10_0.jpg", photos / "blue" / "person29_7.jpg")
    draw_photo(photos / WRONG, COLOURS["blue"], 4711)
    return workspace


def test_every_check_without_any_weights(suspect: Path, photos: Path) -> None:
    before = {path: path.read_bytes() for path in photos.rglob("*.jpg")}
    bench = pb.open(suspect, **QUICK)
    frame = bench.audit()
    copies = frame[frame["kind"] == "copies with two labels"]
    assert set(copies["path"]) == {"green/person10_0.jpg", "blue/person29_7.jpg"}
    assert [worth(finding) for finding in findings_of(frame)] == sorted(map(worth, findings_of(frame)), reverse=True)
    assert {path: path.read_bytes() for path in photos.rglob("*.jpg")} == before
    inner = workflow.open_bench(suspect)
    assert {run.purpose for run in inner.workspace.list_runs()} == {"audit"}
    assert inner.workspace.latest_run() is None  # none of them is the run that other verbs mean
    made = {path: path.stat().st_mtime_ns for path in inner.workspace.findings.iterdir()}
    assert {path.stem for path in made} == set(CHECKS.names())
    pd.testing.assert_frame_equal(bench.audit(), frame)
    assert {path: path.stat().st_mtime_ns for path in inner.workspace.findings.iterdir()} == made
    page = Path(bench.report()).read_text()
    assert "What is probably wrong" in page and "copies with two labels" in page and "Since this audit" not in page
    bench.decide("green/person10_0.jpg", "label", "blue")
    bench.decide("red/person00_0.jpg", "exclude", False, why="it stays, so nothing changes")
    page = Path(bench.report()).read_text()
    assert "Since this audit was made, decisions came to this: 1 label changed." in page
    assert "copies with two labels" in page, "what it said of the other photos is still shown"
    assert "Bring it up to date: photobench audit" in page


def test_what_is_decided_is_not_brought_up_again_and_comes_back_with_an_undo(suspect: Path) -> None:
    bench = pb.open(suspect, **QUICK)
    (first, second) = bench.audit("duplicates").query("kind == 'copies with two labels'")["path"]
    bench.decide(first, "label", "green", why="looked at it")
    assert first not in set(bench.audit("duplicates")["path"])
    bench.undo(1)
    assert {first, second} <= set(bench.audit("duplicates")["path"])


def test_what_the_list_before_did_not_have_is_new(suspect: Path, photos: Path, cli: Cli) -> None:
    sets = [part for name, value in QUICK.items() for part in ("--set", f"{name}={value}")]
    quality = ("audit", "-w", suspect, "-c", "quality", *sets)
    cv2.imwrite(str(photos / "red" / "person00_8.jpg"), np.zeros((96, 96, 3), np.uint8))
    first = cli(*quality)
    assert "person00_8.jpg" in first.stdout and "(new)" not in first.stdout, "of a first list nothing is new"
    cv2.imwrite(str(photos / "red" / "person00_7.jpg"), np.full((96, 96, 3), 1, np.uint8))
    second = cli(*quality)
    assert "dark (new)" in second.stdout and "not in the list before (photobench audit --new)" in second.stdout
    alone = cli(*quality, "--new")
    assert "person00_7.jpg" in alone.stdout and "person00_8.jpg" not in alone.stdout
    pb.open(suspect).decide("red/person00_8.jpg", "exclude", False, why="it is meant to be dark")
    assert "decided on already, and not listed again" in cli(*quality).stdout


def test_a_damaged_file_of_findings_is_made_again(suspect: Path) -> None:
    bench = pb.open(suspect, **QUICK)
    frame = bench.audit("quality")
    (suspect / "findings" / "quality.parquet").write_bytes(b"cut off")
    pd.testing.assert_frame_equal(bench.audit("quality"), frame)


def test_what_a_check_found_by_an_earlier_method_is_made_anew(
    suspect: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench, entry = pb.open(suspect, **QUICK), CHECKS.get("quality")

    def is_made() -> bool:
        bench.audit("quality")
        return "audit: quality, unreadable" in capsys.readouterr().err

    assert is_made() and not is_made()
    raised = replace(entry, build=lambda: replace(entry.build(), method=entry.build().method + 1))
    monkeypatch.setitem(CHECKS._entries, "quality", raised)
    assert is_made() and not is_made()


def test_quality_alone_trains_nothing(suspect: Path) -> None:
    pb.open(suspect, **QUICK).audit("quality")
    assert not workflow.open_bench(suspect).workspace.list_runs()


def test_the_command_writes_a_table_and_applies_rules(suspect: Path, cli: Cli, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[rule]]\ncheck = "duplicates"\nkind = "copies with two labels"\ndo = "exclude"\nwhy = "unclear"\n'
    )
    sets = [part for name, value in QUICK.items() for part in ("--set", f"{name}={value}")]
    done = cli("audit", "-w", suspect, "-c", "duplicates", "--out", tmp_path / "f.csv", "--apply", rules, *sets)
    assert done.returncode == 0, done.stderr
    assert "2 photos left out" in done.stdout and "green/person10_0.jpg, exclude: as given → true" in done.stdout
    assert "Take them back with: photobench decisions undo 1-2" in done.stdout
    assert len(pd.read_csv(tmp_path / "f.csv").query("kind == 'copies with two labels'")) == 2
    assert pb.open(suspect).decisions()["why"].str.contains(BY_RULE).all(), "so the audit knows that nobody looked"
    listed = cli("decisions", "list", "-w", suspect)
    assert "green/person10_0.jpg" in listed.stdout and "unclear" in listed.stdout
    assert done.stdout.startswith(f"{tmp_path / 'f.csv'}: ") and "findings  photos" not in done.stdout
    bench = pb.open(suspect, **QUICK)
    bench.undo(*bench.decisions()["number"])
    assert bench.apply(rules, "duplicates").query("standing == 'yes'")["field"].tolist() == ["exclude"] * 2


def test_a_misspelt_check_is_named_before_any_work(suspect: Path, cli: Cli) -> None:
    done = cli("audit", "-w", suspect, "--check", "label")
    assert done.returncode == 2 and 'Did you mean "labels"?' in done.stderr
    with pytest.raises(ConfigError):
        pb.open(suspect).audit("nonsense")
    assert not (suspect / "packs").exists()


def test_rare_labels_are_judged_in_fewer_folds_or_not_at_all(workspace: Path, photos: Path) -> None:
    for person in range(2, 6):
        for photo in range(3):
            (photos / "red" / f"person0{person}_{photo}.jpg").unlink()
    bench = pb.open(workspace, **{**QUICK, "audit.num_folds": 4})
    bench.audit("labels")
    runs = workflow.open_bench(workspace).workspace.list_runs()
    assert {run.config["split"]["folds"] for run in runs} == {2}


def test_wrong_rules_are_told_before_the_audit(suspect: Path, cli: Cli, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\ncheck = "lables"\ndo = "exclude"\n')
    for path, said in ((rules, 'Did you mean "labels"?'), (tmp_path / "none.toml", "There is no file of rules")):
        done = cli("audit", "-w", suspect, "--apply", path)
        assert done.returncode == 2 and said in done.stderr and not done.stdout
    assert not (suspect / "packs").exists()


def test_folds_of_the_audit_are_not_those_that_a_person_means(suspect: Path) -> None:
    bench = pb.open(suspect, **QUICK)
    bench.audit("labels")
    inner = workflow.open_bench(suspect)
    assert workflow.out_of_fold(inner) is None
    with pytest.raises(PhotobenchError, match="No set of folds is complete"):
        workflow.predict_folds(inner)
    pb.open(suspect, **{**QUICK, "audit.epochs": 1}).audit("labels")
    epochs = sorted(run.config["train"]["epochs"] for run in inner.workspace.list_runs())
    assert epochs == [1, 1, 2, 2]  # other options, other judges
    assert set(inner.workspace.timings()) & {"audit", "train"} == {"audit"}  # its trainings are part of it
