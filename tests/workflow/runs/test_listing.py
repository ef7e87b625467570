"""The table of runs, one told whole, tags, and what is damaged or gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import photobench as pb
from photobench import workflow
from photobench.errors import WorkspaceError
from photobench.workflow import open_bench
from photobench.workflow.runs.listing import list_runs
from photobench.workflow.runs.showing import sparkline
from tests.conftest import Cli
from tests.workflow.runs.conftest import another, names


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
