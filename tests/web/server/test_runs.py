"""The table of runs and comparisons, asked of the server: the same as on the command line."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from photobench import workflow
from photobench.workflow import open_bench
from photobench.workflow.labels.deciding import manifest_now
from tests.conftest import Cli
from tests.web.client import Page
from tests.web.server.conftest import Open
from tests.web.trainings import FIRST, FOLDS, SECOND


@pytest.fixture
def own(trainings: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trainings, tmp_path / "own"))


def asked(page: Page, *others: str, first: str = FIRST) -> httpx.Response:
    return page.write("/api/runs/compare", first=first, others=list(others))


def refused(page: Page, *others: str, first: str = FIRST) -> str:
    done = asked(page, *others, first=first)
    assert done.status_code == 422
    return str(done.json()["error"])


def test_the_table_is_that_of_the_command_line_and_looking_at_it_writes_nothing(own: Path, open_page: Open) -> None:
    page, _ = open_page(own)
    told = page.get("/api/runs")
    assert [one["name"] for one in told["runs"]] == [FIRST, SECOND, FOLDS]
    assert (told["unmeasured"], told["hidden"]) == (2, 2)
    assert set(told["witnesses"]) >= {FIRST, SECOND, FOLDS}
    assert not list(own.glob("runs/*/evaluation-*.json"))
    done = page.write("/api/runs/measure").json()
    assert done["unmeasured"] == 0 and done["version"] != told["version"]
    lines = {line.name: line for line in workflow.list_runs(open_bench(own))}
    for one in done["runs"]:
        line = lines[one["name"]]
        assert one["macro_f1"] == line.macro_f1.to_json() and one["num_photos"] == line.num_photos
        assert (one["tags"], one["differs"]) == (list(line.tags), list(line.differs))
    every = page.get("/api/runs", every=True)["runs"]
    assert [one["within"] for one in every].count(FOLDS) == 2


def test_one_against_others_as_the_command_line_has_it(own: Path, open_page: Open) -> None:
    page, _ = open_page(own)
    (_, row) = asked(page, SECOND).json()["rows"]
    said = workflow.compare(open_bench(own), [FIRST, SECOND])
    gain = said.others[0].gain
    assert gain is not None
    assert row["gain"]["value"] == pytest.approx(gain.value) and row["gain"]["kind"] in (
        "noise",
        "better",
        "worse",
        "unknown",
    )
    assert row["verdict"] in workflow.comparison_text(said)
    assert {(one["kind"], one["name"]) for one in row["parts"]} == {
        (one.kind, one.name) for one in said.others[0].slices if one.gain.value
    }
    moved = [one for kind in ("better", "worse") for one in row["changed"][kind]["photos"]]
    assert moved and row["changed"]["worse"]["total"] == len(row["changed"]["worse"]["photos"])
    for one in moved:
        assert page.get(f"/api/photo/{one['photo']}")["path"] == one["path"]
        before, after = (said["name"] == one["truth"] for said in one["said"])
        assert before != after
    groups = [one for key in ("worst", "best") for one in row["people"][key]]
    assert all(page.get(f"/api/photo/{one['photo']}")["group"] == one["group"] for one in groups)


def test_several_differences_hold_at_once(own: Path, open_page: Open) -> None:
    page, _ = open_page(own)
    told = asked(page, SECOND, FOLDS).json()
    said = workflow.compare(open_bench(own), [FIRST, SECOND, FOLDS])
    for row, other in zip(told["rows"][1:], said.others, strict=True):
        assert other.gain is not None
        assert row["gain"]["low"] == (pytest.approx(other.gain.low) if other.gain.is_known else None)
    assert [note["text"] for note in told["notes"]] == [str(note) for note in said.common.notes] != []
    assert [reason["kind"] for note in told["notes"] for reason in note["reasons"]] == ["other photos"]
    assert asked(page, SECOND, FOLDS).json() == told


def test_what_cannot_be_compared_is_said(own: Path, open_page: Open) -> None:
    workspace = open_bench(own).workspace
    record = workspace.find_run(SECOND)
    shutil.copytree(own / record.folder, own / "runs" / "009-ended")
    workspace.save_run(replace(record, name="009-ended", folder="runs/009-ended", status="failed"))
    page, _ = open_page(own)
    assert "named twice" in refused(page, FIRST)
    assert "There is no run" in refused(page, "002-test_resnte")
    assert "009-ended is failed" in refused(page, "009-ended")
    assert "at most 20" in refused(page, *[SECOND] * 21)
    assert page.http.get("/api/runs", params={"key": "0" * 16}).status_code == 410
    assert asked(page).status_code == 422
    assert page.answer("GET", "/api/runs/compare", first=FIRST, others=SECOND).status_code == 405


def test_a_page_is_told_when_the_runs_change(own: Path, open_page: Open, cli: Cli) -> None:
    page, _ = open_page(own)
    with page.events() as events:
        cli("runs", "tag", SECOND, "second", "-w", own)
        name, told = next(events)
        assert name == "runs"
        now = page.get("/api/runs")
        assert now["version"] == told["version"]
        assert now["runs"][1]["tags"] == ["second"]


def test_the_table_is_there_while_another_process_works(own: Path, open_page: Open) -> None:
    with open_bench(own).workspace.lock("photobench train"):
        page, _ = open_page(own)
        told = page.write("/api/runs/measure").json()
        assert told["unmeasured"] == 0 and len(told["runs"]) == 3


def test_the_mistakes_of_several_put_together_are_those_among_held_out_photos(own: Path, open_page: Open) -> None:
    bench = open_bench(own, [{"refine": {"views": ["flip"]}}])
    ensemble = workflow.ensemble(bench, [FIRST, SECOND], "soft")
    refined = workflow.find_answerer(bench, workflow.refine_answerer(bench, FOLDS).name)
    for path in ensemble.held_out().predictions.paths[:3]:  # it is right about every photo
        workflow.decide(bench, [path], "label", "green" if path.startswith("red") else "red")
    frame = manifest_now(bench).frame
    stands = dict(zip(frame["path"], frame["label"], strict=True))
    page, _ = open_page(own)
    assert set(page.get("/api/runs")["witnesses"]) >= {ensemble.name, refined.name, FIRST, SECOND, FOLDS}
    for answerer in (ensemble, refined):
        said = answerer.held_out().predictions
        names = [said.space.class_names[code] for code in said.classes()]
        wrong = {path for path, name in zip(said.paths, names, strict=True) if name != stands[path]}
        assert len(wrong) >= 3
        told = page.get("/api/mistakes", run=answerer.name)
        assert {page.get(f"/api/photo/{photo}")["path"] for photo in told["photo"]} == wrong
        assert told["from"].startswith(answerer.name)
        assert told["probability"] == sorted(told["probability"], reverse=True)
    shutil.rmtree(own / "refined")
    assert page.answer("GET", "/api/mistakes", run=refined.name).status_code == 422
