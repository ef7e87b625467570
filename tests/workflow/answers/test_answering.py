from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photobench import workflow
from photobench.errors import PhotobenchError, WorkspaceError
from photobench.workflow import find_answerer, open_bench
from tests.conftest import Cli
from tests.workflow.conftest import FOLDS


def test_the_start_of_a_name_means_what_the_table_of_runs_shows(
    two_folds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = open_bench(two_folds)
    shown = [line.name for line in workflow.list_runs(bench)]
    assert FOLDS in shown and "001-test_resnet" not in shown
    assert find_answerer(bench, "001").name == FOLDS
    assert (
        f"001 is {FOLDS}, as the table of runs has it; one of its models alone: --run 001-test_resnet"
        in capsys.readouterr().err
    )
    assert find_answerer(bench, "001-test_resnet").name == "001-test_resnet"
    assert find_answerer(bench, "002").name == "002-test_resnet"  # nothing that the table shows begins so
    assert find_answerer(bench, "001-test_resnet-2").name == FOLDS
    assert find_answerer(bench).name == FOLDS  # the latest run is one of its folds
    assert find_answerer(bench, folds=True).name == FOLDS
    with pytest.raises(WorkspaceError, match="001-test_resnet"):
        find_answerer(bench, "001-test_resent")


def test_two_runs_that_begin_alike_are_told(workspace: Path) -> None:
    for seed in (0, 1):
        workflow.train(open_bench(workspace, [{"train": {"epochs": 1, "seed": seed}}]))
    with pytest.raises(WorkspaceError, match='"00" is the start of 2 runs'):
        find_answerer(open_bench(workspace), "00")


def test_one_set_of_folds_alone_is_told_with_how_to_train_another(two_folds: Path) -> None:
    with pytest.raises(
        PhotobenchError, match=rf"one set of 2 folds, {FOLDS}, .* photobench train --folds 2 --set train.seed=1"
    ):
        workflow.ensemble(open_bench(two_folds))


@pytest.mark.parametrize("name", ["002-test_resnet", FOLDS])
def test_whoever_answers_is_held_out_evaluated_and_asked_alike(two_folds: Path, name: str) -> None:
    answerer = find_answerer(open_bench(two_folds), name)
    held = answerer.held_out()
    asked = held.manifest.frame["path"][held.manifest.frame["split"] == held.split]
    assert sorted(held.predictions.paths) == sorted(asked)
    evaluations = answerer.evaluations()
    assert list(evaluations) == [held.split, "test"]
    assert evaluations[held.split].num_photos == len(asked)
    said = answerer.predict([two_folds / "photos" / "red"])
    assert len(said)
    np.testing.assert_allclose(said.joint_NK.sum(axis=1), 1, atol=1e-5)


def test_the_command_line_takes_any_name(two_folds: Path, cli: Cli) -> None:
    assert '"out of fold"' in cli("evaluate", "-w", two_folds, "--run", FOLDS).stdout
    assert '"out of fold"' in cli("evaluate", "-w", two_folds, "--folds").stdout
    out = two_folds / "said.csv"
    cli("predict", two_folds / "photos" / "red", "-w", two_folds, "--run", FOLDS, "--out", out)
    assert out.exists()


def test_who_was_made_for_a_check_is_not_named_to_a_person(two_folds: Path, tmp_path: Path) -> None:
    bench = open_bench(shutil.copytree(two_folds, tmp_path / "own"))
    first = bench.workspace.find_run("001-test_resnet")
    audit = replace(first, name="009-test_resnet", folder="runs/009-test_resnet", purpose="audit", fingerprint="other")
    shutil.copytree(bench.workspace.root / first.folder, bench.workspace.root / audit.folder)
    bench.workspace.save_run(audit)
    with pytest.raises(WorkspaceError) as caught:
        find_answerer(bench, "what")
    assert str(caught.value) == f'There is no run "what". There is: {FOLDS}. See: photobench runs'
    with pytest.raises(WorkspaceError, match=r'Did you mean "00[12]-test_resnet"'):
        find_answerer(bench, "009-test_resnett")
    with pytest.raises(WorkspaceError) as caught:
        bench.workspace.find_run("what")
    assert audit.name not in str(caught.value)
