"""A workspace whose trainings are to be looked at: two runs on one split and a set of folds, none of them measured yet."""

from __future__ import annotations

from pathlib import Path

from photobench import workflow
from photobench.workflow import open_bench
from tests.conftest import draw_folder, project_toml

FIRST, SECOND, FOLDS = "001-test_resnet", "002-test_resnet", "003-test_resnet-2-folds"
ONCE = {"train": {"epochs": 1, "precision": "fp32"}}


def make_trainings(root: Path) -> Path:
    """The photos lie in it; the first run has the tag `baseline`."""
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos", people=8)))
    workflow.train(open_bench(root, [ONCE]))
    workflow.train(open_bench(root, [ONCE, {"model": {"mode": "frozen"}}]))
    workflow.train_folds(open_bench(root, [ONCE]), folds=2)
    workflow.tag(open_bench(root), FIRST, "baseline")
    return root
