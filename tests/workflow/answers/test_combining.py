from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import photobench as pb
from photobench import workflow
from photobench.ensemble import METHODS, words
from photobench.errors import ConfigError, PhotobenchError, WorkspaceError
from photobench.records import Predictions
from photobench.workflow import find_answerer, open_bench
from photobench.workflow.answers.ensembles import Ensemble, records_of
from photobench.workflow.answers.souping import Kitchen
from photobench.workflow.runs.listing import glance_at_runs, is_unmeasured
from tests.conftest import QUICK, Cli, draw_competition, draw_folder, project_toml

Opened = tuple[Path, Ensemble]


def options(**train: object) -> list[dict]:
    return [{"train": {"epochs": 1, "precision": "fp32", **train}, "split": {"test": 0.2}}]


SETS = ("001-test_resnet-2-folds", "003-test_resnet-2-folds")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Two sets of two folds of the same photos, a test set, and their mean."""
    root = tmp_path_factory.mktemp("combining")
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos")))
    for seed in (0, 1):
        workflow.train_folds(open_bench(root, options(seed=seed)), folds=2)
    return root, workflow.ensemble(open_bench(root, options()), method="soft")


def test_all_sets_of_todays_photos_are_its_members(made: Opened) -> None:
    _, found = made
    assert found.name == "ensemble-001-soft"
    assert [member.name for member in found.members] == list(SETS)
    assert {way.method for way in found.record.tried} == set(METHODS.names())
    assert found.record.way.ms == pytest.approx(sum(member.ms for member in found.record.members))
    assert Image.open(found.folder / "diversity.png").size[0] > 300


def test_without_photos_that_tell_it_the_output_says_that_less_is_left_on_new_ones(made: Opened) -> None:
    root, found = made
    assert "expect less than this there. How much less can be told with test photos, or with an evaluation set" in str(
        found
    )
    assert not list(root.glob("runs/*/predictions-sample.parquet")), "no model is asked about no photo"


def test_the_same_again_is_up_to_date_whatever_the_order(made: Opened) -> None:
    root, found = made
    again = workflow.ensemble(open_bench(root, options()), ["003-test_resnet-2", SETS[0]], "soft")
    assert again.record.to_json() == found.record.to_json()
    assert len(list((root / "ensembles").glob("*-soft"))) == 1


def test_it_answers_like_a_run(made: Opened) -> None:
    root, found = made
    bench = open_bench(root, options())
    answerer = find_answerer(bench, "ensemble-001")
    held = answerer.held_out()
    assert held.split == "out of fold"
    parts = [find_answerer(bench, name).held_out().predictions for name in SETS]
    by_path = dict(zip(parts[1].paths, parts[1].joint_NK, strict=True))
    expected = [(one + by_path[path]) / 2 for path, one in zip(parts[0].paths, parts[0].joint_NK, strict=True)]
    assert held.predictions.paths == parts[0].paths
    np.testing.assert_allclose(held.predictions.joint_NK, expected, atol=1e-6)
    evaluations = answerer.evaluations()
    assert list(evaluations) == ["out of fold", "test"]
    assert evaluations["out of fold"].joint.metrics["macro_f1"].value == pytest.approx(found.record.way.score.value)
    photo = root / "photos" / "red" / "person00_0.jpg"
    each = [find_answerer(bench, name).predict([photo]).joint_NK for name in SETS]
    said = answerer.predict([photo])
    np.testing.assert_allclose(said.joint_NK, np.mean(each, axis=0), atol=1e-6)
    assert said.run == found.name


def test_test_photos_are_told_as_files_are(made: Opened) -> None:
    _, found = made
    manifest = found.held_out().manifest
    test = manifest.frame["path"].iloc[manifest.rows("test")].tolist()
    by_file = found.predict([manifest.root / path for path in test])
    assert [Path(path).name for path in by_file.paths] == [Path(path).name for path in test]
    told = found.test()
    assert told is not None and told.predictions.paths == test
    np.testing.assert_allclose(told.predictions.joint_NK, by_file.joint_NK, atol=1e-5)


def test_what_is_printed(made: Opened, cli: Cli) -> None:
    root, _ = made
    done = cli("ensemble", "-w", root, "--method", "soft", "--set", "split.test=0.2", "--set", "train.epochs=1")
    assert done.returncode == 0, done.stderr
    assert "ensemble-001-soft is up to date" in done.stderr
    assert "soft (mean) ★" in done.stdout
    assert "Soft is taken, as asked for: " in done.stdout
    assert (
        "The mistakes of 001-test_resnet-2-folds and 003-test_resnet-2-folds go together with a correlation of"
        in done.stdout
    )
    assert "photobench submit --run ensemble-001-soft" in done.stdout
    assert '"out of fold"' in cli("evaluate", "-w", root, "--run", "ensemble-001").stdout
    assert "soft" in cli("list", "combinations").stdout


def test_who_is_asked_as_a_member_is_not_the_latest_for_that(made: Opened) -> None:
    """--folds goes on meaning the set that was trained last."""
    root, found = made
    bench = open_bench(root, options())
    find_answerer(bench, SETS[0]).held_out()
    found.evaluations()
    assert find_answerer(bench, folds=True).name == SETS[1]


def test_a_soup_is_the_mean_of_the_weights_fold_by_fold(made: Opened) -> None:
    from photobench.predict import load_model

    root, _ = made
    bench = open_bench(root, options())
    kitchen = Kitchen(bench, [find_answerer(bench, name) for name in SETS])
    mixed = kitchen.kept((0, 1))
    assert [record.notes for record in mixed] == [
        ["the mean of the weights of 001-test_resnet, 003-test_resnet"],
        ["the mean of the weights of 002-test_resnet, 004-test_resnet"],
    ]
    assert kitchen.kept((0, 1)) == mixed, "what is there is not made again"
    states = [
        load_model(root / "runs" / name).state_dict() for name in ("001-test_resnet", "003-test_resnet", mixed[0].name)
    ]
    weights = next(key for key, tensor in states[0].items() if tensor.ndim == 4)
    mean = (states[0][weights] + states[1][weights]) / 2
    np.testing.assert_allclose(states[2][weights], mean, atol=1e-6)
    norms = [key for key in states[0] if key.endswith("running_mean")]
    assert norms
    assert any(not np.allclose(states[2][key], (states[0][key] + states[1][key]) / 2, atol=1e-4) for key in norms)
    said = kitchen.held_out((0, 1))
    by_path = dict(zip(said.paths, said.joint_NK, strict=True))
    for record in mixed:
        own = workflow.split_predictions(bench, record, "valid")
        np.testing.assert_allclose([by_path[path] for path in own.paths], own.joint_NK, atol=1e-6)
    assert bench.workspace.latest_run().name == "004-test_resnet"  # a soup is never meant where none is named


def test_a_soup_answers_for_the_members_that_it_is_made_of(made: Opened) -> None:
    root, _ = made
    bench = open_bench(root, options())
    found = workflow.ensemble(bench, SETS, "soup")
    asked = found.record.fitted.asked()
    held, test = found.held_out(), found.test()
    assert held.predictions.ok().all()
    assert found.soup == Kitchen(bench, [find_answerer(bench, name) for name in SETS]).kept(tuple(asked))
    assert found.record.way.ms == pytest.approx(found.record.members[0].ms)  # one model answers
    assert test is not None
    expected = [workflow.split_predictions(bench, record, "test").joint_NK for record in found.soup]
    np.testing.assert_allclose(test.predictions.joint_NK, np.mean(expected, axis=0), atol=1e-6)
    assert len(found.predict([root / "photos" / "red"])) == 18
    assert list(found.evaluations()) == ["out of fold", "test"]


def test_a_member_that_changed_or_is_gone_is_told(made: Opened, tmp_path: Path) -> None:
    root = tmp_path / "moved"
    shutil.copytree(made[0], root)
    record = json.loads((root / "ensembles" / "001-soft" / "ensemble.json").read_text())
    record["members"][0]["answers"] = "another"
    (root / "ensembles" / "001-soft" / "ensemble.json").write_text(json.dumps(record))
    with pytest.raises(WorkspaceError, match="The answers of 001-test_resnet-2-folds, a member of ensemble-001-soft"):
        find_answerer(open_bench(root), "ensemble-001").predict([root / "photos"])
    shutil.rmtree(root / "folds" / SETS[0])
    with pytest.raises(WorkspaceError, match="has 001-test_resnet-2-folds as a member, which is not there any more"):
        find_answerer(open_bench(root), "ensemble-001").evaluations()
    (root / "ensembles" / "001-soft" / "ensemble.json").write_text("{")
    with pytest.raises(WorkspaceError, match="Delete its folder"):
        find_answerer(open_bench(root), "ensemble-001")
    assert find_answerer(open_bench(root), "001-test_resnet").name == "001-test_resnet"


def test_what_cannot_be_combined_is_told_and_changes_nothing(made: Opened, tmp_path: Path) -> None:
    root, _ = made
    bench = open_bench(root, options())
    before = sorted(root.rglob("*"))
    with pytest.raises(
        PhotobenchError, match=r"did not hold out the same photos: \d+ and \d+, of which 0 are the same"
    ):
        workflow.ensemble(bench, ["001-test_resnet", "002-test_resnet"])
    with pytest.raises(PhotobenchError, match=r"wants two members or more, and there is only 001-test_resnet\."):
        workflow.ensemble(bench, ["001-test_resnet", "001-test_resnet"])
    with pytest.raises(PhotobenchError, match="is an ensemble already: name its members"):
        workflow.ensemble(bench, ["ensemble-001-soft", SETS[0]])
    with pytest.raises(ConfigError, match='Did you mean "greedy"'):
        workflow.ensemble(bench, method="gredy")
    with pytest.raises(WorkspaceError, match="There is no run"):
        workflow.ensemble(bench, ["nobody", SETS[0]])
    assert sorted(root.rglob("*")) == before


def test_the_report_of_a_run_shows_the_ensemble_that_it_is_in(made: Opened) -> None:
    root, _ = made
    bench = open_bench(root, options())
    page = workflow.report(bench, "002-test_resnet").read_text()
    assert 'id="ensemble"' in page
    assert html.escape(words.verdict(next(records_of(bench)))) in page
    assert "correlation of mistakes" in page
    assert SETS[1] in page


def test_an_ensemble_is_reported_explained_and_sliced_like_a_run(made: Opened, cli: Cli, tmp_path: Path) -> None:
    root, found = made
    done = cli("report", "--run", "ensemble-001", "-w", root)
    assert done.returncode == 0, done.stderr
    page = (root / "report.html").read_text()
    assert f"{found.name}, of 4 trainings" in page
    assert f"2 answer together, combined by soft (mean): {', '.join(SETS)}" in page
    assert {"trainings", "mistakes", "failing", "looks", "ensemble"} <= set(re.findall(r'<section id="([\w-]+)"', page))
    bench = open_bench(root, options())
    assert workflow.slices(bench, found.name).num_photos == found.evaluations()["out of fold"].num_photos
    photo = root / "photos" / "red" / "person00_0.jpg"
    assert workflow.explain(bench, [photo], found.name, out=tmp_path / "looks.html").exists()
    lines = {line.name: line.within for line in workflow.list_runs(bench, every=True)}
    assert lines["001-test_resnet"] == SETS[0]


def test_the_table_of_runs_has_an_ensemble_while_another_process_works(made: Opened) -> None:
    root, found = made
    measured = found.evaluations()["out of fold"].joint.metrics["macro_f1"]
    kept = root / "ensembles" / "001-soft" / "evaluation-out-of-fold.json"
    with open_bench(root).workspace.lock("photobench train"):
        line = next(line for line in glance_at_runs(open_bench(root)) if line.name == found.name)
        assert line.macro_f1 == measured and line.on == "out of fold"
        assert line.differs == tuple(f"with {name}" for name in SETS)
        kept.unlink()
        assert is_unmeasured(next(line for line in glance_at_runs(open_bench(root)) if line.name == found.name))
        assert not any(map(is_unmeasured, workflow.list_runs(open_bench(root)))) and kept.exists()


def test_what_is_told_of_one_training_names_those_of_an_ensemble(made: Opened) -> None:
    with pytest.raises(
        WorkspaceError, match="ensemble-001-soft is no single run, and this wants one: 001-test_resnet, 002-"
    ):
        pb.open(made[0]).get_run("ensemble-001")


def test_python(made: Opened) -> None:
    root, found = made
    again = pb.open(root, epochs=1, precision="fp32", test=0.2).ensemble(*SETS, method="soft")
    assert again.name == found.name
    assert "best member" in str(again)


def test_runs_of_one_split_are_members_where_there_are_no_folds(tmp_path: Path) -> None:
    root, space = tmp_path / "set", tmp_path / "bench"
    draw_competition(root, people=5, num_test=5)
    bench = pb.init(root, space)
    for seed in (0, 1):
        bench.train(**QUICK, **{"train.seed": seed})
    bench.train(**QUICK, **{"split.seed": 5})  # other validation photos
    bench.train(**QUICK, **{"train.seed": 1})  # the latest again
    found = bench.ensemble(method="greedy")
    assert [member.name for member in found.record.members] == ["001-test_resnet", "002-test_resnet"]
    assert found.held_out().split == "valid"
    table = workflow.runs_text(open_bench(space))
    assert {"001-test_resnet", "002-test_resnet", "ensemble-001-greedy"} <= {
        line.split()[0] for line in table.splitlines() if line
    }
    path = workflow.submit(open_bench(space), "ensemble-001")
    assert path.name == "ensemble-001-greedy.csv"
    assert pd.read_csv(path)["id"].tolist() == [f"{n}.jpg" for n in range(5)]
    assert isinstance(Predictions.read(found.folder / "oof.parquet"), Predictions)


def test_what_is_left_of_a_gain_on_new_photos_is_told_by_photos_without_a_label(tmp_path: Path) -> None:
    root, space = tmp_path / "set", tmp_path / "bench"
    draw_competition(root, people=6, num_test=40)
    pb.init(root, space)
    tiny = {"backbone": "test_resnet", "weights": "none", "size_px": 32}
    benches = [open_bench(space, [*options(seed=seed), {"model": tiny, "split": {"test": 0}}]) for seed in (0, 1)]
    sets = [workflow.train_folds(bench, folds=2) for bench in benches]
    bench = benches[1]
    found = workflow.ensemble(bench, method="soft")
    way = found.record.way
    assert way.expected is not None and way.gain is not None
    assert "is expected there" in str(found) and "expected on new photos" in str(found)
    kept = {run.name: Predictions.read(space / run.folder / "predictions-sample.parquet") for run in sets[0].runs}
    each = find_answerer(bench, sets[0].name).each_model()
    assert each is not None and each.together == 1
    assert [one.joint_NK.tolist() for one in each.said] == [one.joint_NK.tolist() for one in kept.values()]
    assert {Path(path).parent.name for path in each.said[0].paths} == {"test"} and len(each.said[0]) == 40
    again = Ensemble(bench, next(records_of(bench)), found.find)
    assert again.record.to_json() == found.record.to_json()
    assert workflow.ensemble(bench, method="soft").name == found.name, "up to date"
