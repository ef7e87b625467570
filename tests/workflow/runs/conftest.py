"""Two runs and a set of folds, to be listed, compared and removed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from photobench import workflow
from photobench.workflow import open_bench
from tests.conftest import draw_folder, project_toml

FAST = {"train": {"epochs": 1, "precision": "fp32"}}


@pytest.fixture(scope="package")
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
