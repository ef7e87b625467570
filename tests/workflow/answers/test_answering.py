from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photobench import workflow
from photobench.errors import WorkspaceError
from photobench.workflow import find_answerer, open_bench
from tests.conftest import Cli, draw_folder, project_toml

FAST = [{"train": {"epochs": 1, "precision": "fp32"}, "split": {"test": 0.2}}]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folds, each a run, and their set."""
    root = tmp_path_factory.mktemp("answering")
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos")))
    workflow.train_folds(open_bench(root, FAST), folds=2)
    return root


def test_a_name_or_its_start_finds_a_run_before_a_set_of_folds(root: Path) -> None:
    bench = open_bench(root)
    assert find_answerer(bench, "001").name == "001-test_resnet"
    assert find_answerer(bench, "001-test_resnet-2").name == "001-test_resnet-2-folds"
    assert find_answerer(bench).name == "001-test_resnet-2-folds"  # the latest run is one of its folds
    assert find_answerer(bench, folds=True).name == "001-test_resnet-2-folds"
    with pytest.raises(WorkspaceError, match='"00" is the start of 2 runs'):
        find_answerer(bench, "00")
    with pytest.raises(WorkspaceError, match="001-test_resnet"):
        find_answerer(bench, "001-test_resent")


@pytest.mark.parametrize("name", ["002-test_resnet", "001-test_resnet-2-folds"])
def test_whoever_answers_is_held_out_evaluated_and_asked_alike(root: Path, name: str) -> None:
    answerer = find_answerer(open_bench(root), name)
    held = answerer.held_out()
    asked = held.manifest.frame["path"][held.manifest.frame["split"] == held.split]
    assert sorted(held.predictions.paths) == sorted(asked)
    evaluations = answerer.evaluations()
    assert list(evaluations) == [held.split, "test"]
    assert evaluations[held.split].num_photos == len(asked)
    said = answerer.predict([root / "photos" / "red"])
    assert len(said)
    np.testing.assert_allclose(said.joint_NK.sum(axis=1), 1, atol=1e-5)


def test_the_command_line_takes_any_name(root: Path, cli: Cli) -> None:
    assert '"out of fold"' in cli("evaluate", "-w", root, "--run", "001-test_resnet-2-folds").stdout
    assert '"out of fold"' in cli("evaluate", "-w", root, "--folds").stdout
    out = root / "said.csv"
    cli("predict", root / "photos" / "red", "-w", root, "--run", "001-test_resnet-2-folds", "--out", out)
    assert out.exists()
