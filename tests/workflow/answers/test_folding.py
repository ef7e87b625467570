from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import photobench as pb
from photobench import workflow
from photobench.errors import ConfigError, PhotobenchError, SplitError
from photobench.records import Predictions
from photobench.workflow import open_bench, out_of_fold
from photobench.workflow.answers.folding import FLATTERED
from tests.conftest import QUICK, Cli, draw_competition, draw_photo, project_toml
from tests.workflow.conftest import FOLDS

SLOW = """
import sys, time
from photobench.train.step import Learner
step = Learner.step
def slow(self, *batch):
    time.sleep(0.1)
    return step(self, *batch)
Learner.step = slow
sys.argv = ["photobench", *sys.argv[1:]]
from photobench.cli import main
main()
"""
Folded = tuple[Path, workflow.FoldedRuns]
FAST = [{"train": {"epochs": 1, "precision": "fp32"}, "split": {"test": 0.2}}]


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Folded:
    """Three folds, twice, of 54 photos of 18 people, some of which are a test set."""
    from tests.conftest import draw_folder

    root = tmp_path_factory.mktemp("folded")
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos")))
    found = workflow.train_folds(open_bench(root, FAST), folds=3, repeats=2)
    assert found
    return root, found


def test_each_labelled_photo_is_said_once_by_a_model_that_did_not_learn_its_group(folded: Folded) -> None:
    root, found = folded
    bench = open_bench(root, FAST)
    manifests = [workflow.run_manifest(bench, record) for record in found.records[0]]
    frame = manifests[0].frame
    labelled = set(frame.loc[frame["split"] != "test", "path"])
    assert sorted(found.predictions.paths) == sorted(labelled)
    for path, fold in zip(found.predictions.paths, found.predictions.fold_N, strict=True):
        then = manifests[fold - 1].frame.set_index("path")
        assert then.loc[path, "split"] == "valid"
        assert then.loc[path, "group"] not in set(then.loc[then["split"] == "train", "group"])
    assert [record.config["split"]["fold"] for record in found.runs] == [1, 2, 3, 1, 2, 3]


def test_repeats_are_averaged_and_each_is_out_of_fold(folded: Folded) -> None:
    root, found = folded
    bench = open_bench(root, FAST)
    rows = []
    for records in found.records:
        said = [workflow.split_predictions(bench, record, "valid") for record in records]
        rows.append({path: row for one in said for path, row in zip(one.paths, one.joint_NK, strict=True)})
    expected = [(rows[0][path] + rows[1][path]) / 2 for path in found.predictions.paths]
    np.testing.assert_allclose(found.predictions.joint_NK, expected, atol=1e-6)


def test_what_is_printed(folded: Folded) -> None:
    root, found = folded
    text = str(found)
    assert "2/3 of division 2  005-test_resnet" in text
    assert '3 folds of test_resnet, 2 times on "out of fold": ' in text
    assert '3 folds of test_resnet, 2 times on "test": ' in text
    assert found.evaluation.num_photos == len(found.predictions)
    figure = found.evaluation.joint.metrics["macro_f1"]
    assert figure.low <= figure.value <= figure.high
    from photobench.listing import listing

    assert "3/3 of division 2" in listing("runs", "006", root)
    assert pb.open(root).runs()["fold"].tolist() == [1, 2, 3, 1, 2, 3]


def test_the_same_again_trains_nothing_and_is_the_same(folded: Folded) -> None:
    root, found = folded
    again = pb.open(root, epochs=1, precision="fp32", test=0.2).train(folds=3, repeats=2)
    assert again.runs == found.runs
    assert np.array_equal(again.predictions.joint_NK, found.predictions.joint_NK)


def test_to_look_at_a_set_writes_only_what_is_another(folded: Folded) -> None:
    root, found = folded
    kept = {path: path.stat().st_ino for path in found.folder.iterdir()}
    assert str(workflow.find_folds(open_bench(root, FAST), found.name)) == str(found)
    assert {path: path.stat().st_ino for path in found.folder.iterdir()} == kept
    told = found.folder / "oof.parquet"
    whole = told.read_bytes()
    told.write_bytes(b"")
    workflow.find_folds(open_bench(root, FAST), found.name)
    assert told.read_bytes() == whole


def test_folds_of_before_that_kept_their_best_epochs_still_answer_and_say_so(folded: Folded, tmp_path: Path) -> None:
    import shutil

    assert all(record.keeps_last for record in folded[1].runs)
    assert FLATTERED not in str(folded[1])
    root = tmp_path / "older"
    shutil.copytree(folded[0], root)
    bench = open_bench(root, FAST)
    for record in folded[1].runs:
        train = {key: value for key, value in record.config["train"].items() if key != "keep"}
        older = replace(record, config={**record.config, "train": train}, history=record.history * 2)
        bench.workspace.save_run(older)
    assert FLATTERED in str(workflow.find_folds(bench))


def test_fold_models_are_averaged_at_prediction(folded: Folded) -> None:
    root, found = folded
    photo = root / "photos" / "red" / "person00_0.jpg"
    bench = open_bench(root)
    mean = workflow.predict_folds(bench, [photo])
    each = [workflow.predict(bench, [photo], record.name).joint_NK for record in found.runs]
    np.testing.assert_allclose(mean.joint_NK, np.mean(each, axis=0), atol=1e-6)
    assert mean.run == "3 folds of test_resnet, 2 times"


def test_views_are_asked_of_what_their_backbone_did_not_learn(folded: Folded) -> None:
    root, found = folded
    bench = open_bench(root, FAST)
    views = workflow.held_out_views(bench, found.records[0])
    manifest = workflow.run_manifest(bench, found.records[0][0])
    labelled = (manifest.frame["split"] != "test").to_numpy()
    assert (np.stack([view.asked_N for view in views])[:, labelled].sum(axis=0) == 1).all()
    assert all(view.asked_N[~labelled].all() for view in views)
    assert all(np.isfinite(view.embeddings_ND).all() for view in views)
    assert not np.allclose(views[0].embeddings_ND, views[1].embeddings_ND)


def test_margins_are_the_mean_of_the_runs_that_learned_the_photo_as_it_is_labelled(folded: Folded) -> None:
    root, found = folded
    bench = open_bench(root, FAST)
    manifest = workflow.run_manifest(bench, found.runs[0])
    margins_NA = workflow.read_margins(bench, found.records[0], manifest)
    test = (manifest.frame["split"] == "test").to_numpy()
    assert margins_NA.shape == (54, 1)
    assert np.isnan(margins_NA[test]).all()
    assert np.isfinite(margins_NA[~test]).all()
    alone = [workflow.read_margins(bench, [record], manifest) for record in found.records[0]]
    np.testing.assert_allclose(np.nanmean(np.stack(alone)[:, ~test], axis=0), margins_NA[~test])
    other = manifest.frame["label"].mask(np.arange(54) == np.flatnonzero(~test)[0], "red")
    assert (
        np.isnan(workflow.read_margins(bench, found.records[0], manifest.with_columns(label=other))).sum()
        == test.sum() + 1
    )


def test_out_of_fold_is_that_of_todays_photos(folded: Folded, tmp_path: Path) -> None:
    import shutil

    root = tmp_path / "moved"
    shutil.copytree(folded[0], root)
    toml = (root / "photobench.toml").read_text().replace(str(folded[0]), str(root))
    (root / "photobench.toml").write_text(toml)
    found = out_of_fold(open_bench(root))  # whatever options the project has today
    assert found is not None
    predictions, records = found
    assert isinstance(predictions, Predictions)
    assert [record.name for record in records] == [record.name for record in folded[1].runs]
    draw_photo(root / "photos" / "red" / "person99_0.jpg", (200, 40, 40), 1)
    assert out_of_fold(open_bench(root)) is None


def test_none_are_none(workspace: Path) -> None:
    assert out_of_fold(open_bench(workspace)) is None
    with pytest.raises(PhotobenchError, match="No set of folds is complete"):
        workflow.predict_folds(open_bench(workspace))


def test_folds_that_are_up_to_date_are_told_in_one_line(
    two_folds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shutil.copytree(two_folds, tmp_path / "own")
    options = {"train": {"epochs": 2, "precision": "fp32"}, "split": {"test": 0.2}}
    assert workflow.train_folds(open_bench(root, [options]), folds=2).name == FOLDS
    said = capsys.readouterr().err
    assert said.splitlines()[-1] == "train: all 2 folds are up to date"
    assert "fold 1 of 2" not in said


def test_what_cannot_be_is_said_before_any_photo_is_read(workspace: Path) -> None:
    with pytest.raises(
        SplitError, match=r'takes 7 groups of it: .*label "blue" has 6 groups. Ask for 6 folds or fewer'
    ):
        pb.open(workspace).train(folds=7)
    assert not (workspace / "packs").exists()
    few, none = "--folds {}: a set of folds has 2 or more", "--repeats 0: should be 1 or more"
    for wrong, words in (
        ({"folds": 1}, few.format(1)),
        ({"folds": 3, "repeats": 0}, none),
        ({"folds": 0, "repeats": 2}, few.format(0)),
    ):
        with pytest.raises(ConfigError, match=words):
            pb.open(workspace).train(**wrong)
    assert not list(workspace.glob("runs/*"))


def test_run_and_folds_contradict_each_other(workspace: Path) -> None:
    from typer.testing import CliRunner

    from photobench.cli import app

    for verb in ("predict", "submit"):
        done = CliRunner().invoke(app, [verb, "--run", "001", "--folds", "-w", str(workspace)])
        assert isinstance(done.exception, PhotobenchError)
        assert "leave one of them out" in str(done.exception)


def test_a_submission_of_folds_and_of_what_is_refined_on_them(tmp_path: Path) -> None:
    root, space = tmp_path / "set", tmp_path / "bench"
    draw_competition(root, people=4, num_test=6)
    bench = pb.init(root, space)
    bench.train(folds=2, **QUICK)
    plain = workflow.submit(open_bench(space), folds=True)
    assert plain.name == "001-test_resnet-2-folds.csv"
    assert pd.read_csv(plain)["id"].tolist() == [f"{n}.jpg" for n in range(6)]
    assert workflow.submit(open_bench(space), folds=True) == plain
    refined = workflow.refine_answerer(open_bench(space, [{"refine": {"views": []}}]), plain.stem)
    sent = workflow.submit(open_bench(space), refined.name)
    assert sent.name == "001-test_resnet-2-folds-refined.csv"
    assert pd.read_csv(sent)["id"].tolist() == [f"{n}.jpg" for n in range(6)]


@pytest.mark.slow
@pytest.mark.minutes
def test_killed_in_the_second_fold_the_next_call_goes_on(workspace: Path, cli: Cli) -> None:
    options = ("--folds", "3", "--set", "train.precision=fp32", "--set", "train.checkpoint_s=0.2")
    command = [sys.executable, "-c", SLOW, "train", "-w", str(workspace), *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and not list(workspace.glob("runs/002-*/within.pt")):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    done = cli("train", "-w", workspace, *options)
    assert done.returncode == 0, done.stderr
    assert "train: 1 of 3 folds is up to date" in done.stderr
    assert "going on with 002-test_resnet" in done.stderr
    assert "training 003-test_resnet" in done.stderr
    assert '3 folds of test_resnet on "out of fold": 54 photos in 18 groups' in done.stdout
    assert len(list(workspace.glob("runs/*"))) == 3
