from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import photobench as pb
from photobench import workflow
from photobench.data.pseudo import PSEUDO
from photobench.errors import ConfigError, PhotobenchError, WorkspaceError
from photobench.workflow import find_answerer, open_bench
from photobench.workflow.models.teaching import read_taught
from tests.conftest import QUICK, draw_competition, draw_folder, project_toml

FOLDS = "001-test_resnet-2-folds"


def options(test: float = 0.2, **train: object) -> list[dict]:
    return [{"train": {"epochs": 1, "precision": "fp32", **train}, "split": {"test": test}}]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of two folds, and a test set that none of them has seen."""
    root = tmp_path_factory.mktemp("teaching")
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos")))
    workflow.train_folds(open_bench(root, options()), folds=2)
    return root


def test_a_student_learns_what_was_said_out_of_fold(root: Path) -> None:
    bench = open_bench(root, options(teacher=FOLDS))
    record = workflow.train(bench)
    manifest = workflow.run_manifest(bench, record)
    held = find_answerer(bench, FOLDS).held_out().predictions
    by_path = dict(zip(held.paths, held.joint_NK, strict=True))
    expected = [by_path[path] for path in manifest.frame["path"].iloc[manifest.rows("train")]]
    np.testing.assert_array_equal(read_taught(root / record.folder, manifest), expected)
    assert workflow.train(bench).name == record.name  # up to date
    plain = workflow.train(open_bench(root, options()))
    assert plain.name != record.name
    losses = [one.history[0]["train_loss"] for one in (record, plain)]
    assert losses[0] < losses[1]  # half of it is the divergence, small at the start
    shared = workflow.train(open_bench(root, options(teacher=FOLDS, teacher_share=0.9)))
    assert shared.name not in (record.name, plain.name)


def test_distilled_and_compared_on_the_test_photos(root: Path) -> None:
    bench = open_bench(root, options())
    found = pb.open(root, epochs=1, precision="fp32", test=0.2).distil(FOLDS)
    assert found.student.config["train"]["teacher"] == FOLDS
    assert found.plain.config["train"]["teacher"] == ""
    means = [
        workflow.evaluate_run(bench, one.name)["test"].joint.metrics["macro_f1"].value
        for one in (found.student, found.plain)
    ]
    assert found.gain.value == pytest.approx(means[0] - means[1])
    assert found.ms[0] == pytest.approx(2 * found.ms[1])
    assert "(teacher)" in str(found)
    assert "ms per photo, the teacher in" in str(found)


def test_who_learned_the_photos_cannot_teach_them(root: Path) -> None:
    before = sorted(path.name for path in (root / "runs").iterdir())
    with pytest.raises(PhotobenchError, match=r"001-test_resnet did not hold out \d+ of the \d+ training photos"):
        workflow.train(open_bench(root, options(teacher="001-test_resnet")))
    with pytest.raises(WorkspaceError, match='There is no run "nobody"'):
        workflow.train(open_bench(root, options(teacher="nobody")))
    with pytest.raises(ConfigError, match=r"train\.teacher says nothing of photos that are mixed"):
        workflow.train(open_bench(root, [*options(teacher=FOLDS), {"augment": {"mix": "mixup"}}]))
    with pytest.raises(ConfigError, match="is not out of fold, for the teacher learned from those"):
        workflow.train_folds(open_bench(root, options(teacher=FOLDS)), folds=2)
    with pytest.raises(ConfigError, match="set one of them"):
        open_bench(root, options(teacher=FOLDS, pseudo="001"))
    bench = open_bench(root, options(test=0.0))
    with pytest.raises(PhotobenchError, match="There are no test photos"):
        workflow.distil(bench, find_answerer(bench, FOLDS))
    assert sorted(path.name for path in (root / "runs").iterdir()) == before


def test_pseudo_labels_are_learned_said_and_never_judged_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos, space = tmp_path / "set", tmp_path / "bench"
    draw_competition(photos, people=4, num_test=6, seed=70)
    bench = pb.init(photos, space)
    first = bench.train(**QUICK)
    with pytest.raises(PhotobenchError, match="is sure of none of 6 photos of the evaluation set"):
        bench.train(**QUICK, pseudo=first.name, pseudo_confidence=1.0)
    capsys.readouterr()
    second = bench.train(**QUICK, pseudo=first.name, pseudo_confidence=0.2)
    assert (
        "6 photos of the evaluation set are learned with the label that 001-test_resnet gives them"
        in capsys.readouterr().err
    )
    inner = open_bench(space)
    before, after = (workflow.run_manifest(inner, one.record) for one in (first, second))
    assert len(after.rows("train")) == len(before.rows("train")) + 6
    assert np.array_equal(after.rows("valid"), before.rows("valid"))
    assert after.frame[PSEUDO].notna().sum() == 6
    said = workflow.split_predictions(inner, first.record, "predict")
    labels = said.to_frame().set_index("path")["label"]
    learned = after.frame[after.frame[PSEUDO].notna()].set_index("path")["label"]
    assert learned.to_dict() == labels.to_dict()
    assert "leakage anywhere but in a contest" in second.report().read_text()
    assert second.record.dataset == first.record.dataset
    folded = bench.train(folds=2, **QUICK, pseudo=first.name, pseudo_confidence=0.2)
    assert len(folded.predictions) == 24  # the labelled ones only
    assert workflow.out_of_fold(inner) is not None
