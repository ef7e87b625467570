"""What tests of several packages ask, and none of them changes: models of folds."""

from __future__ import annotations

from pathlib import Path

import pytest

from photobench import workflow
from photobench.workflow import open_bench
from tests.conftest import draw_folder, project_toml

FOLDS = "001-test_resnet-2-folds"
"""The name of the set."""


@pytest.fixture(scope="session")
def two_folds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two folds, each a run, hardly trained, so that much is wrong; and a test set."""
    root = tmp_path_factory.mktemp("two-folds")
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos")))
    fast = {"train": {"epochs": 2, "precision": "fp32"}, "split": {"test": 0.2}}
    workflow.train_folds(open_bench(root, [fast]), folds=2)
    return root
