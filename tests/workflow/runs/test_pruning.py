"""What may be removed, and what a kill leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from photobench import workflow
from photobench.workflow import open_bench
from tests.conftest import Cli, Start
from tests.workflow.runs.conftest import another, names


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
