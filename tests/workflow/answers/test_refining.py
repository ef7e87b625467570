from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import photobench as pb
from photobench import workflow
from photobench.errors import ConfigError, Damaged, PhotobenchError
from photobench.refine.outcome import Refinement
from photobench.workflow import find_answerer, open_bench, refine_answerer
from photobench.workflow.answers.answering import glance_at
from photobench.workflow.answers.told_by_folds import told_out_of_fold
from photobench.workflow.models.asking import split_predictions
from tests.conftest import Cli, draw_folder, project_toml
from tests.workflow.models.test_augmenting import MIRRORED, draw_project

FAST = [{"train": {"epochs": 1, "precision": "fp32"}, "split": {"test": 0.2}}]
FOLDS = "001-test_resnet-2-folds"
EVERY = ("plain", "flip", "five-crop", "scales", "colour")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folds, each a run, their set, and what stands on it."""
    root = tmp_path_factory.mktemp("refining")
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos")))
    bench = open_bench(root, FAST)
    workflow.train_folds(bench, folds=2)
    refine_answerer(bench, folds=True)
    return root


def test_a_file_predicted_in_views_is_the_photo_of_the_pack(root: Path) -> None:
    bench = open_bench(root)
    record = bench.workspace.find_run("001-test_resnet")
    from_pack = split_predictions(bench, record, "valid", EVERY)
    files = [root / "photos" / path for path in from_pack.paths]
    from_files = find_answerer(bench, record.name).with_views(EVERY).predict(files)
    np.testing.assert_allclose(from_files.joint_NK, from_pack.joint_NK, atol=1e-4)
    plain = split_predictions(bench, record, "valid")
    assert abs(from_pack.joint_NK - plain.joint_NK).max() > 1e-3


def test_each_view_of_a_fold_is_told_by_who_did_not_learn_the_photo(root: Path) -> None:
    bench = open_bench(root)
    folded = workflow.find_folds(bench, FOLDS)
    flipped = told_out_of_fold(bench, folded.records, ("flip",))
    assert flipped.paths == folded.predictions.paths
    np.testing.assert_array_equal(flipped.fold_N, folded.predictions.fold_N)
    both = find_answerer(bench, FOLDS).with_views(("plain", "flip")).held_out().predictions
    np.testing.assert_allclose(both.joint_NK, (flipped.joint_NK + folded.predictions.joint_NK) / 2, atol=1e-6)


def test_the_refined_one_is_held_out_evaluated_asked_and_submitted_like_its_base(root: Path) -> None:
    bench = open_bench(root)
    base, refined = (find_answerer(bench, name) for name in (FOLDS, f"{FOLDS}-refined"))
    assert find_answerer(bench, f"{FOLDS}-r").name == refined.name
    held, of_base = refined.held_out(), base.held_out()
    assert held.predictions.paths == of_base.predictions.paths
    np.testing.assert_allclose(held.predictions.joint_NK.sum(axis=1), 1, atol=1e-5)
    assert list(refined.evaluations()) == ["out of fold", "test"]
    said = refined.predict([root / "photos" / "red"])
    assert said.run == refined.name
    assert len(said) == 18
    assert refined.runs == base.runs


def test_what_is_up_to_date_is_not_made_again_and_another_metric_is(root: Path, capsys: pytest.CaptureFixture) -> None:
    path = root / "refined" / f"{FOLDS}-refined" / "refined.json"
    before = path.stat().st_mtime_ns
    result = refine_answerer(open_bench(root), FOLDS)
    assert "is up to date" in capsys.readouterr().err
    assert path.stat().st_mtime_ns == before
    assert {"flip", "five-crop", "scales", "colour"} <= set(result.table["tried"])
    assert find_answerer(open_bench(root), f"{FOLDS}-refined").evaluations() and list(path.parent.glob("evaluation-*"))
    other = pb.open(root, **{"refine.metric": "accuracy", "views": ["flip"]}).refine(FOLDS)
    assert not list(path.parent.glob("evaluation-*"))  # they were of another one
    assert json.loads(path.read_text())["metric"] == other.found.metric == "accuracy"


def test_a_refinement_that_was_replaced_under_a_reader_is_told_and_no_older_score_of_it_is_shown(root: Path) -> None:
    name, bench = f"{FOLDS}-refined", open_bench(root)
    home = root / "refined" / name
    if_f1, if_accuracy = {"views": ["flip"]}, {"views": ["flip"], "refine.metric": "accuracy"}
    pb.open(root, **if_f1).refine(FOLDS)
    before = find_answerer(bench, name)
    scores = before.evaluations()
    seen = glance_at(bench, name).evaluation
    assert seen is not None and seen.to_json() == scores["out of fold"].to_json()
    old = {path.name: path.read_bytes() for path in home.iterdir()}
    data = json.loads(old["refined.json"])
    assert (
        Refinement.from_json({key: data[key] for key in data if key != "answers"}).answers == ""
    )  # of an older version
    said = before.held_out().predictions
    (home / "oof.parquet").write_bytes(
        replace(said, joint_NK=said.joint_NK[:, ::-1]).to_bytes()
    )  # killed after this one
    with pytest.raises(Damaged, match=rf"does not belong to the refined.json .* photobench refine --run {FOLDS}$"):
        before.held_out()
    pb.open(root, **if_f1).refine(FOLDS)
    assert (home / "oof.parquet").read_bytes() == old["oof.parquet"]
    pb.open(root, **if_accuracy).refine(FOLDS)
    refined = json.loads((home / "refined.json").read_text())
    refined["answers"] = "those of another one"
    (home / "refined.json").write_text(json.dumps(refined))
    (home / "evaluation-out-of-fold.json").write_bytes(old["evaluation-out-of-fold.json"])  # by who began before
    assert glance_at(bench, name).evaluation is None


def test_the_command_prints_what_it_tried_and_any_verb_takes_the_name(root: Path, cli: Cli) -> None:
    done = cli("refine", "-w", root, "--folds", "--set", "refine.metric=accuracy", "--set", 'refine.views=["flip"]')
    assert done.returncode == 0, done.stderr
    assert "flip" in done.stdout
    assert "2 ×" in done.stdout
    assert f"photobench predict --run {FOLDS}-refined" in done.stdout
    assert (root / "refined" / f"{FOLDS}-refined" / "reliability.png").read_bytes().startswith(b"\x89PNG")
    assert f'{FOLDS}-refined on "out of fold": ' in cli("evaluate", "-w", root, "--run", f"{FOLDS}-refined").stdout


def test_mistakes_are_told_in_a_sentence_and_nothing_changes(root: Path) -> None:
    kept = sorted(path.name for path in (root / "refined").iterdir())
    with pytest.raises(ConfigError, match=r'"flop".*flip'):
        refine_answerer(open_bench(root, [{"refine": {"views": ["flop"]}}]), FOLDS)
    with pytest.raises(PhotobenchError, match=f"{FOLDS}-refined is refined already"):
        refine_answerer(open_bench(root), f"{FOLDS}-refined")
    with pytest.raises(PhotobenchError, match=r"groups; to choose on some groups .* 10 or more are needed"):
        refine_answerer(open_bench(root), "001-test_resnet")
    assert sorted(path.name for path in (root / "refined").iterdir()) == kept


def test_a_base_that_is_gone_and_a_file_that_is_broken_are_told(root: Path) -> None:
    folder = root / "refined" / "gone-refined"
    folder.mkdir()
    (folder / "refined.json").write_text("{")
    try:
        with pytest.raises(PhotobenchError, match=r"cannot be read .* photobench refine --run gone"):
            find_answerer(open_bench(root), "gone-refined")
        data = json.loads((root / "refined" / f"{FOLDS}-refined" / "refined.json").read_text())
        (folder / "refined.json").write_text(json.dumps({**data, "base": "gone"}))
        with pytest.raises(PhotobenchError, match="gone-refined stands on gone, which is gone"):
            find_answerer(open_bench(root), "gone-refined")
    finally:
        (folder / "refined.json").unlink()
        folder.rmdir()


def test_a_flip_that_destroys_the_label_is_refused(tmp_path: Path) -> None:
    space = draw_project(tmp_path, MIRRORED)
    sets = {
        "train": {"epochs": 8, "lr": 2e-3, "batch_size": 16, "precision": "fp32"},
        "augment": {"preset": "no-flip"},
        "split": {"valid": 0.4},
        "evaluate": {"bootstraps": 200},
        "refine": {"views": ["flip"]},
    }
    bench = open_bench(space, [sets])
    assert workflow.train(bench).metrics["accuracy"] > 0.8
    found = refine_answerer(bench).found
    flip = next(one for one in found.tried if one.name == "flip")
    assert flip.why == "no: it is worse"
    assert flip.gain.high < 0
    assert found.chosen.views == ("plain",)
