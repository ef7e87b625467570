"""The table of runs, one told whole, tags, comparisons where they lie, and what may be removed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import photobench as pb
from photobench import workflow
from photobench.compare import Slice
from photobench.errors import WorkspaceError
from photobench.paired import Gain
from photobench.workflow import open_bench
from photobench.workflow.runs.listing import list_runs
from photobench.workflow.runs.showing import sparkline
from tests.conftest import Cli, Start, draw_folder, project_toml

FAST = {"train": {"epochs": 1, "precision": "fp32"}}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs on one split, one of which is frozen, and a set of two folds."""
    root = tmp_path_factory.mktemp("runs")
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos", people=8)))
    workflow.train(open_bench(root, [FAST]))
    workflow.train(open_bench(root, [FAST, {"model": {"mode": "frozen"}}]))
    workflow.train_folds(open_bench(root, [FAST]), folds=2)
    return root


@pytest.fixture
def own(trained: Path, tmp_path: Path) -> Path:
    """A copy of it, to remove runs from."""
    return Path(shutil.copytree(trained, tmp_path / "own"))


def names(root: Path) -> list[str]:
    return sorted(record.name for record in open_bench(root).workspace.list_runs())


def another(root: Path, name: str, **changes: object) -> None:
    """A run like the first, with a folder of its own."""
    workspace = open_bench(root).workspace
    first = next(record for record in workspace.list_runs() if record.name.startswith("001"))
    shutil.copytree(root / first.folder, root / "runs" / name)
    workspace.save_run(replace(first, name=name, folder=f"runs/{name}", fingerprint=name, **changes))


def test_the_table_has_scores_with_intervals_and_only_what_differs(trained: Path, cli: Cli) -> None:
    done = cli("runs", "-w", trained)
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line[:2] == "00"}
    assert set(rows) == {"001-test_resnet", "002-test_resnet", "003-test_resnet-2-folds"}
    assert 'model.mode = "frozen"' in rows["002-test_resnet"]
    assert "model.mode" not in rows["001-test_resnet"]
    assert "backbone" not in done.stdout
    assert "out of fold, 72" in rows["003-test_resnet-2-folds"]
    assert " – " in rows["001-test_resnet"]
    assert "MB" in rows["001-test_resnet"]
    assert "Not shown: 2 runs of sets" in done.stdout


def test_all_shows_each_fold_and_the_list_is_the_same_table(trained: Path, cli: Cli) -> None:
    table = cli("runs", "--all", "-w", trained).stdout
    assert "fold 2/2" in table
    assert cli("list", "runs", "-w", trained).stdout == table
    assert cli("runs", "--name", "folds", "-w", trained).stdout.count("00") < table.count("00")


def test_looking_at_the_table_asks_for_no_set_of_folds(trained: Path) -> None:
    about = next(trained.glob("folds/*/folds.json"))
    before = about.read_text()
    workflow.runs_text(open_bench(trained), every=True)
    assert about.read_text() == before


def test_the_table_is_there_while_another_process_holds_the_workspace(own: Path, cli: Cli) -> None:
    measured = own / "runs" / "001-test_resnet" / "evaluation-valid.json"
    measured.unlink(missing_ok=True)
    with open_bench(own).workspace.lock("photobench train"):
        done = cli("runs", "-w", own)
    assert done.returncode == 0, done.stderr
    assert "001-test_resnet" in done.stdout and measured.exists()


def test_a_run_is_told_whole(trained: Path, cli: Cli) -> None:
    text = cli("runs", "show", "002", "-w", trained).stdout
    assert 'model.mode = "frozen"' in text
    assert "train.epochs = 1" in text
    assert "train.seed" not in text
    assert "model.safetensors" in text
    assert 'on "valid"' in text
    folds = cli("runs", "show", "003-test_resnet-2", "-w", trained).stdout
    assert "its runs" in folds
    assert "004-test_resnet" in folds
    assert "photobench report --run 003-test_resnet-2-folds" in folds


def test_a_run_that_was_not_finished_is_told_too(own: Path) -> None:
    another(own, "009-test_resnet", status="interrupted", metrics={}, history=[{"epoch": 1, "train_loss": 2.0}, {"epoch": 2, "train_loss": 1.0}])  # fmt: skip
    text = workflow.show_run(open_bench(own), "009")
    assert "interrupted" in text
    assert "█▁" in text


def test_a_sparkline_goes_from_the_lowest_to_the_highest() -> None:
    assert sparkline([0, 1, 2, 7]) == "▁▂▃█"
    assert sparkline([3, 3]) == "▁▁"
    assert sparkline([float("nan")]) == ""
    assert len(sparkline(list(range(1000)))) <= 60


def test_a_tag_finds_a_run_and_keeps_it(own: Path, cli: Cli) -> None:
    assert cli("runs", "tag", "001", "baseline", "-w", own).stdout == "001-test_resnet: baseline\n"
    assert "baseline" in cli("runs", "-w", own).stdout
    assert workflow.find_answerer(open_bench(own), "baseline").name == "001-test_resnet"
    assert pb.open(own).get_run("baseline").name == "001-test_resnet"
    assert cli("report", "--run", "baseline", "-w", own).returncode == 0
    assert "tagged baseline" in cli("runs", "prune", "-w", own).stdout
    assert cli("runs", "tag", "001", "baseline", "--remove", "-w", own).stdout == "001-test_resnet: no tags\n"
    with pytest.raises(WorkspaceError, match="no run"):
        workflow.find_answerer(open_bench(own), "baseline")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tag", "001", "two words"], "cannot be a tag"),
        (["tag", "001", "none", "--remove"], 'has no tag "none"'),
        (["tag", "nobody", "tag"], "nobody"),
        (["tag", "001", "002-test_resnet"], '"002-test_resnet" is the name of a run'),
        (["show", "nobody"], "nobody"),
        (["prune", "nobody", "--yes"], "nobody"),
        (["prune", "--keep", "-1", "--yes"], "--keep -1"),
        (["prune", "003-test_resnet", "--yes"], "003-test_resnet is needed: part of 003-test_resnet-2-folds"),
        (["compare", "001", "001"], "named twice"),
        (["compare", "001", "002", "--out", "page.pdf"], "name a .html file"),
        (["compare", "001", "002", "--out", "/proc/page.html"], "/proc"),
        (["compare", "001", "nobody"], "nobody"),
        (["compare", "001", "002", "--set", "evaluate.bootstraps=0"], "told from noise"),
        (["--all", "compare", "001", "002"], "Options stand behind the verb: photobench runs compare"),
    ],
)
def test_mistakes_are_told_in_a_sentence_and_change_nothing(
    words: list[str], told: str, trained: Path, cli: Cli
) -> None:
    before = names(trained)
    done = cli("runs", *words, "-w", trained)
    assert done.returncode == 2
    assert told in done.stderr
    assert names(trained) == before
    assert open_bench(trained).workspace.tags() == {}


@pytest.mark.parametrize(
    ("file", "words", "content"),
    [
        ("runs/001-test_resnet/evaluation-valid.json", [], b'{"split": "val'),
        ("folds/003-test_resnet-2-folds/folds.json", [], b"{}"),
    ],
)
def test_a_damaged_file_is_named_and_made_anew_once_it_is_gone(
    file: str, words: list[str], content: bytes, own: Path, cli: Cli
) -> None:
    assert cli("runs", *words, "-w", own).returncode == 0
    (own / file).write_bytes(content)
    done = cli("runs", *words, "-w", own)
    assert done.returncode == 2
    assert f"{own / file} is damaged" in done.stderr and "Delete this file" in done.stderr
    assert "Traceback" not in done.stderr
    (own / file).unlink()
    assert cli("runs", *words, "-w", own).returncode == 0


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("runs/001-test_resnet/evaluation-valid.json", "001-test_resnet"),
        ("folds/003-test_resnet-2-folds/evaluation.json", "003-test_resnet-2-folds"),
    ],
)
def test_a_damaged_evaluation_is_measured_again(file: str, name: str, own: Path) -> None:
    before = workflow.show_run(open_bench(own), name)
    whole = (own / file).read_bytes()
    (own / file).write_bytes(b"\xff\x00")
    assert workflow.show_run(open_bench(own), name) == before
    assert (own / file).read_bytes() == whole


@pytest.mark.parametrize(
    "file",
    [
        "folds/003-test_resnet-2-folds/evaluation.json",
        "ensembles/001-soft/ensemble.json",
        "refined/001-test_resnet-refined/refined.json",
    ],
)
def test_nothing_goes_while_nobody_knows_what_a_damaged_set_needs(file: str, own: Path, cli: Cli) -> None:
    (own / file).parent.mkdir(parents=True, exist_ok=True)
    (own / file).write_text('{"members": [')
    before = names(own)
    done = cli("runs", "-w", own)
    assert done.returncode == 0 and "is left out" in done.stderr and file in done.stderr
    done = cli("runs", "prune", "--keep", "0", "--yes", "-w", own)
    assert done.returncode == 2
    assert file in done.stderr and "Nothing was removed" in done.stderr
    assert names(own) == before


def test_a_database_that_is_gone_is_missed(own: Path, cli: Cli) -> None:
    for file in own.glob("photobench.db*"):
        file.unlink()
    done = cli("runs", "-w", own)
    assert "photobench.db is gone" in done.stderr and "the 4 runs in" in done.stderr
    for file in own.glob("photobench.db-*"):  # SQLite would put the whole together from them
        file.unlink()
    (own / "photobench.db").write_bytes(b"no database" * 100)
    done = cli("runs", "-w", own)
    assert done.returncode == 2
    assert "is damaged" in done.stderr and "Put a copy of it back" in done.stderr


def test_only_what_nothing_needs_goes_and_only_with_yes(own: Path, cli: Cli) -> None:
    another(own, "006-test_resnet", purpose="audit")
    another(own, "007-test_resnet", status="failed", metrics={}, history=[])
    another(own, "008-test_resnet", metrics={"macro_f1": 0.01})
    another(own, "009-test_resnet", metrics={"macro_f1": 0.02})
    (own / "submissions").mkdir()
    (own / "submissions" / "009-test_resnet-thresholds.csv").write_text("id,ans\n")
    before = names(own)
    said = cli("runs", "prune", "-w", own).stdout
    assert names(own) == before
    assert said.index("006-test_resnet") < said.index("007-test_resnet") < said.index("008-test_resnet")
    assert "With" not in said and "would go" in said
    cli("runs", "prune", "--leftovers", "--yes", "-w", own)
    assert set(before) - set(names(own)) == {"006-test_resnet", "007-test_resnet"}
    done = cli("runs", "prune", "--yes", "-w", own).stdout
    assert "008-test_resnet" in done
    left = names(own)
    assert "008-test_resnet" not in left
    assert {"003-test_resnet", "004-test_resnet", "009-test_resnet"} <= set(left)
    assert open_bench(own).workspace.latest_run()
    assert not list(own.glob("runs/.pruned/*"))


def test_a_set_goes_with_its_runs_where_it_is_named(own: Path) -> None:
    another(own, "009-test_resnet")  # the latest
    workflow.prune(open_bench(own), ["003-test_resnet-2-folds"], yes=True)
    assert names(own) == ["001-test_resnet", "002-test_resnet", "009-test_resnet"]
    assert not list(own.glob("folds/*-folds"))
    assert workflow.runs_text(open_bench(own))


def test_the_number_of_a_removed_run_is_never_given_again(own: Path) -> None:
    another(own, "041-test_resnet", metrics={"macro_f1": 0.0}, purpose="audit")
    workflow.prune(open_bench(own), yes=True)
    assert open_bench(own).workspace.new_run_name("x") == "042-x"
    nothing, empty, heads, *_ = workflow.prune(open_bench(own)).splitlines()
    assert (nothing, empty, heads.split()) == ("Nothing can go.", "", ["stays", "because"])


def test_a_run_whose_process_was_killed_has_stopped(own: Path) -> None:
    another(own, "009-test_resnet", status="running")
    hold = "import sys, time; from photobench.workspace import Workspace\nwith Workspace(sys.argv[1]).lock('photobench train'):\n print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold, str(own)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert status_of(own, "009-test_resnet") == "running"
        holder.kill()
    assert status_of(own, "009-test_resnet") == "stopped"
    assert "stopped" in workflow.show_run(open_bench(own), "009-test_resnet")


def status_of(root: Path, name: str) -> str:
    return next(line.status for line in list_runs(open_bench(root)) if line.name == name)


@pytest.mark.parametrize("step", ["rename", "rows", "files"])
def test_a_kill_leaves_nothing_half(step: str, own: Path, start: Start) -> None:
    """Wherever it comes, the run is there whole or not at all, and the next prune takes what is left."""
    another(own, "009-test_resnet", purpose="audit")
    words = ("runs", "prune", "--leftovers", "--yes", "-w", own)
    assert start(*words, before="tests.workflow.killed_steps", KILLED_AT=step).wait(60) != 0
    whole = (own / "runs" / "009-test_resnet" / "model.safetensors").exists()
    assert whole == ("009-test_resnet" in names(own)) == (step == "rename")
    assert ("half removed" in workflow.prune(open_bench(own), leftovers=True)) == (step != "rename")
    workflow.prune(open_bench(own), leftovers=True, yes=True)
    assert "009-test_resnet" not in names(own)
    assert not list(own.glob("runs/.pruned/*"))


def test_a_run_and_a_set_are_compared_on_the_photos_that_both_held_out(trained: Path) -> None:
    bench = open_bench(trained)
    comparison = workflow.compare(bench, ["001", "003-test_resnet-2"])
    text = workflow.comparison_text(comparison)
    held = workflow.find_answerer(bench, "001").held_out()
    asked = held.manifest.frame["path"][held.manifest.frame["split"] == held.split]
    assert sorted(comparison.common.manifest.frame["path"]) == sorted(asked)
    assert f"compared are the {len(asked)} that all of them held out" in text


def test_of_two_it_is_told_where_and_for_whom(trained: Path, cli: Cli, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "changed.html"
    done = cli("runs", "compare", "001", "002", "--out", page, "-w", trained)
    assert done.returncode == 0, done.stderr
    assert "times in 100" in done.stdout or "noise" in done.stdout
    assert "Where it changed" in done.stdout
    assert "groups, 002-test_resnet is worse for" in done.stdout
    html = page.read_text()
    comparison = workflow.compare(open_bench(trained), ["001", "002"])
    right = [said.classes() == comparison.common.manifest.classes() for said in comparison.common.said]
    assert html.count('loading="lazy"') == int((right[0] != right[1]).sum())
    assert "<script" not in html and "http" not in html.replace("http-equiv", "")


def test_of_parts_that_changed_by_chance_few_are_shown(trained: Path) -> None:
    comparison = workflow.compare(open_bench(trained), ["001", "002"])
    (other,) = comparison.others

    def shown(*gains: Gain) -> list[str]:
        parts = [Slice("label", f"part {n}", 40, 20, 0.5, 0.5 + gain.value, gain) for n, gain in enumerate(gains)]
        rows = [comparison.first, replace(other, slices=parts)]
        text = workflow.comparison_text(replace(comparison, rows=rows))
        return next(part for part in text.split("\n\n") if part.startswith("Where it changed")).splitlines()[2:]

    noise = [Gain(value / 100, value / 100 - 0.2, value / 100 + 0.2) for value in (-9, -8, -7, -1, 1, 2, 8, 9)]
    *rows, last = shown(*noise)
    assert [re.search(r"part \d", row)[0] for row in rows] == ["part 0", "part 1", "part 7", "part 6"]
    assert (
        last
        == "No part of 8 changed beyond doubt (the intervals of all 8 hold at once); these are the 4 that changed most."
    )
    *rows, last = shown(*noise, Gain(0.05, 0.02, 0.08))
    assert ["part 8" in row for row in rows] == [True]
    assert last == "The part of 9 that changed beyond doubt; the intervals of all 9 hold at once."
    *rows, last = shown(*[Gain(0.05, 0.02, 0.08)] * 15)
    assert len(rows) == 12
    assert (
        last == "Of 15 parts that changed beyond doubt, the 12 that changed most; the intervals of all 15 hold at once."
    )
    *_, last = shown(Gain(0.05))
    assert last == "No part of 1 changed beyond doubt; this is the one that changed most."


def test_who_got_worse_is_counted(trained: Path) -> None:
    comparison = workflow.compare(open_bench(trained), ["001", "002"])
    people = comparison.others[0].people
    assert people is not None
    classes = comparison.common.manifest.classes()
    first, other = (said.classes() == classes for said in comparison.common.said)
    assert people.rows["first"].sum() == first.sum()
    assert people.rows["other"].sum() == other.sum()
    assert people.worse + people.better + people.same == comparison.common.num_groups
    for part in comparison.others[0].slices:
        inside = (comparison.common.manifest.frame["label"] == part.name).to_numpy()
        assert part.num_photos == inside.sum()
        assert part.gain.value == pytest.approx(other[inside].mean() - first[inside].mean())


def test_it_is_told_for_which_looks_as_far_as_they_are_known(tmp_path: Path) -> None:
    """Sizes of files are in the manifest; light is known once something has measured it, and no comparison measures."""
    photos = draw_folder(tmp_path / "photos", people=16)
    (tmp_path / "photobench.toml").write_text(project_toml(photos))
    frozen = [FAST, {"model": {"mode": "frozen"}, "split": {"valid": 0.85}}]
    for classifier in ("linear", "mlp"):
        workflow.train(open_bench(tmp_path, [*frozen, {"probe": {"classifier": classifier}}]))
    bench = open_bench(tmp_path, frozen)
    both = ["001-test_resnet", "002-test_resnet"]
    before = {part.said.reasons[0].kind for part in workflow.compare(bench, both).others[0].slices if part.said}
    assert before == {"low bits per pixel", "high bits per pixel"}
    workflow.slices(bench, both[0])
    comparison = workflow.compare(bench, both)
    parts = {part.said.reasons[0].kind: part for part in comparison.others[0].slices if part.said}
    assert {*before, "high brightness", "low sharpness", "high colour"} <= set(parts)
    bright, manifest = parts["high brightness"], comparison.common.manifest
    limit = bright.said.reasons[0].values["limit"]
    assert (bright.kind, bright.name) == ("all together", f"bright (brightness over {limit:g} of 255)")
    light = [np.asarray(Image.open(manifest.root / path).convert("L")).mean() for path in manifest.frame["path"]]
    assert 20 <= bright.num_photos < len(light) / 3
    assert sorted(light)[-bright.num_photos] == pytest.approx(limit, abs=4), "of the photos as they are packed"


def test_a_photo_whose_label_changed_in_between_is_left_out(own: Path) -> None:
    bench = open_bench(own)
    path = next(own.glob("runs/002-*/manifest.parquet"))
    manifest = workflow.run_manifest(bench, bench.workspace.find_run("002"))
    frame = manifest.frame.copy()
    row = np.flatnonzero(frame["split"] == "valid")[0]
    frame.loc[row, "label"] = "red" if frame.loc[row, "label"] != "red" else "blue"
    path.write_bytes(replace(manifest, frame=frame).to_bytes())
    comparison = workflow.compare(open_bench(own), ["001", "002"])
    assert frame.loc[row, "path"] not in set(comparison.common.manifest.frame["path"])
    assert "1 photo whose label changed between the trainings is left out" in workflow.comparison_text(comparison)


def test_the_report_has_the_table(trained: Path) -> None:
    html = workflow.report(open_bench(trained), "001").read_text()
    assert 'id="runs"' in html
    assert "003-test_resnet-2-folds" in html


def test_in_python(own: Path) -> None:
    bench = pb.open(own)
    table = bench.runs()
    assert table["run"].tolist() == names(own)
    known = table[table["macro_f1_low"].notna()]
    assert len(known)
    for name in ("macro_f1", "accuracy"):
        assert known[name].between(known[f"{name}_low"], known[f"{name}_high"]).all()
    assert bench.tag("001", "baseline").endswith("baseline")
    compared = bench.compare("001", "002", out=own / "c.html")
    assert 0 <= compared["better"].iloc[1] <= 1 or np.isnan(compared["better"].iloc[1])
    assert "against the first" in compared.attrs["text"]
    assert "would go" in bench.prune() or "Nothing can go" in bench.prune()
