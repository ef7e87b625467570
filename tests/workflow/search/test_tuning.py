"""The search for better options, on real trainings of a second."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pandas as pd
import pytest

import photobench as pb
from photobench import workflow
from photobench.errors import ConfigError, GivenUp, PhotobenchError, WorkspaceError
from photobench.learning import Verdict
from photobench.tune.trials import Trial
from photobench.workflow import open_bench
from photobench.workflow.models.apart import train_apart
from photobench.workflow.search.finals import Final, answers_of, finals_table, tried_samples
from photobench.workflow.search.searching import cheaper, searched
from photobench.workspace import Workspace
from tests.conftest import Cli, Start, draw_folder, project_toml

SPACE = {"train.lr": {"low": 1e-4, "high": 1e-2, "log": True}, "augment.mix": ["none", "cutmix"]}
FEW = {"tune": {"space": SPACE, "finalists": 1}, "train": {"precision": "fp32"}}
WHOLE = {"tune": {"space": SPACE, "finalists": 1, "epochs_share": 1.0}, "train": {"precision": "fp32"}}
AS_TOML = """
[tune]
finalists = 1
[tune.space]
"train.lr" = { low = 1e-4, high = 1e-2, log = true }
"augment.mix" = ["none", "cutmix"]
"""
Found = tuple[Path, workflow.Tuned]


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Four trials of one epoch, then the best and the project in full, of two."""
    root = tmp_path_factory.mktemp("tuned")
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos", people=8)))
    return root, workflow.tune(open_bench(root, [FEW]), trials=4)


def test_the_first_trial_is_the_project_as_it_is_and_the_rank_of_it_is_told(tuned: Found) -> None:
    _, found = tuned
    assert found.trials["trial"].tolist() == [0, 1, 2, 3]
    first = found.trials.iloc[0]
    assert (first["train.lr"], first["augment.mix"]) == (5e-4, "none")
    assert f"the project as it is, trained as cheaply as they were, has place {first['rank']} of 4." in str(found)


def test_the_best_is_compared_in_full_with_the_project(tuned: Found) -> None:
    root, found = tuned
    assert found.finals["what"].tolist()[0] == "the project as it is"
    assert len(found.finals) == 2
    runs = {record.name: record for record in Workspace(root).list_runs()}
    assert all(len(runs[name].history) == 2 for name in found.finals["run"])
    assert "In full, " in str(found)
    assert ("is better" in str(found)) == bool(found.changes) or "within noise" in str(found)
    assert "chosen on half of the 24 groups" not in str(found)  # those of the validation photos are fewer than ten


def test_trials_leave_little_and_are_never_the_latest_run(tuned: Found) -> None:
    root, found = tuned
    workspace = Workspace(root)
    kept = {path.parent.name for path in root.glob("runs/*/model.safetensors")}
    assert kept == set(found.finals["run"])
    assert workspace.latest_run() is None
    with pytest.raises(WorkspaceError, match="was a trial of photobench tune"):
        workspace.find_run(found.trials["run"].iloc[1])


def test_figures_and_tables_are_written(tuned: Found) -> None:
    root, found = tuned
    folder = root / "tune" / "tune"
    assert found.folder == folder
    assert {path.name for path in folder.iterdir()} >= {
        *("trials.csv", "finals.csv", "tune.json"),
        *(f"{name}.{ending}" for name in ("history", "importance", "parallel") for ending in ("png", "csv")),
    }
    assert pd.read_csv(folder / "trials.csv", keep_default_na=False)["augment.mix"].isin(["none", "cutmix"]).all()
    assert json.loads((folder / "tune.json").read_text())["sentences"] == list(found.sentences)
    assert sum(found.importance.values()) == pytest.approx(1)


def test_the_next_call_trains_nothing_and_says_the_same(tuned: Found) -> None:
    root, found = tuned
    before = len(Workspace(root).list_runs())
    again = workflow.tune(open_bench(root, [FEW]), trials=4)
    assert str(again) == str(found)
    assert len(Workspace(root).list_runs()) == before


def test_the_report_has_what_was_found(tuned: Found) -> None:
    root, found = tuned
    page = workflow.report(open_bench(root)).read_text()
    assert "Better options" in page
    assert found.sentences[0] in page
    assert 'id="fig-tune-parallel"' in page
    figure = page.partition('id="fig-tune-importance"')[2].partition("</svg>")[0]
    assert all(option in figure for option in found.importance), "each option has its bar"


def test_what_a_search_stands_on_is_never_pruned(tuned: Found, tmp_path: Path) -> None:
    root, found = tuned
    before = {record.name for record in Workspace(root).list_runs()}
    said = workflow.prune(open_bench(root), keep=0, leftovers=True, yes=True)
    assert {record.name for record in Workspace(root).list_runs()} == before
    best = json.loads((root / "tune" / "tune" / "tune.json").read_text())["best"]
    assert re.search(rf"{best} +the best of the search tune", said)
    assert "trained in full for the search tune" in said
    finished = found.trials[found.trials["status"] == "finished"]["run"].tolist()
    assert all(re.search(rf"{name} +a trial of the search tune", said) for name in finished)
    with pytest.raises(PhotobenchError, match=f"{best} is needed: the best of the search tune"):
        workflow.prune(open_bench(root), [best], yes=True)


def test_a_search_that_is_not_over_keeps_its_runs_and_one_whose_folder_is_gone_none(
    tuned: Found, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(tuned[0], tmp_path / "own"))
    (own / "tune" / "tune" / "tune.json").unlink()
    assert "the search tune is not over: photobench tune goes on with it" in workflow.prune(open_bench(own), keep=0)
    shutil.rmtree(own / "tune")
    workflow.prune(open_bench(own), keep=0, yes=True)
    assert Workspace(own).list_runs() == []


def test_the_interval_of_the_best_allows_for_all_that_it_was_chosen_among(tuned: Found) -> None:
    root, found = tuned
    bench = open_bench(root, [FEW])
    records = {record.name: record for record in Workspace(root).list_runs()}
    finals = [
        Final(Trial(n, "finished", {}, is_default=n == 0), records[name]) for n, name in enumerate(found.finals["run"])
    ]
    trials = [
        Trial(row.trial, row.status, {}, is_default=row.trial == 0, run=row.run, place="another machine",
              answers=answers_of(bench, records[row.run]) if row.status == "finished" else "")
        for row in found.trials.itertuples()
    ]  # fmt: skip
    assert tried_samples(bench, trials, []) == [], "nothing was trained in full, of which the photos are known"
    tried = tried_samples(bench, trials, finals)
    assert len(tried) == (found.trials["status"] == "finished").sum()
    alone, among = (finals_table(bench, finals, others).iloc[1] for others in ((), tried))
    assert alone["valid gain"] == among["valid gain"]
    widths = [row["valid gain high"] - row["valid gain low"] for row in (alone, among)]
    assert widths[0] <= widths[1]
    pd.testing.assert_series_equal(
        among.drop(["options", "what"]),
        found.finals.iloc[1].drop(["options", "what"]),
        check_names=False,
        check_dtype=False,
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"split": {"seed": 1}}, "other photos, labels or another split"),
        ({"tune": {"space": {**SPACE, "augment.mix": ["none", "mixup"]}}}, r"another tune.space \(augment.mix\)"),
        ({"loss": {"gamma": 3.0}}, "loss.gamma = 2.0, now 3.0"),
        ({"tune": {"epochs_share": 1.0}}, "tune.epochs_share = 0.5, now 1.0"),
    ],
)
def test_a_study_of_something_else_is_refused(tuned: Found, change: dict, words: str) -> None:
    root, found = tuned
    with pytest.raises(PhotobenchError, match=rf'The study "tune" .*{words}.*--study NAME.*--anew'):
        workflow.tune(open_bench(root, [FEW, change]), trials=4)
    assert str(workflow.tune(open_bench(root, [FEW]), trials=4)) == str(found)


def test_all_mistakes_of_a_space_are_told_before_any_work(workspace: Path, cli: Cli) -> None:
    extra = """
[tune.space]
"train.lrr" = [1e-3, 1e-2]
"train.lr" = { low = 1e-4, high = 20.0 }
"train.seed" = [1, 2]
"evaluate.seed" = [1, 2]
"""
    (workspace / "photobench.toml").write_text((workspace / "photobench.toml").read_text() + extra)
    done = cli("tune", "-w", workspace)
    assert done.returncode == 2
    for words in ("Did you mean train.lr?", "train.seed", "luckiest seed", "evaluate.seed"):
        assert words in done.stderr
    assert sorted(path.name for path in workspace.iterdir()) == ["photobench.toml"]


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({"train.lr": {"low": 1e-4, "high": 20.0}}, "train.lr = 20.0.*less than or equal to 10"),
        ({"augment.preset": ["light", "medum"]}, 'Did you mean "medium"'),
        ({"train.optimizer": ["adamw", "adamww"]}, "adamww"),
        ({"probe.lr": {"low": 1e-4, "high": 1e-2}}, "probe.lr without effect"),
        ({"loss.gamma": {"low": 1.0, "high": 3.0}}, 'loss.gamma without effect: of loss.name = "focal"'),
        ({"augment.preset": {"low": 1, "high": 2}}, "augment.preset = 1"),
        ({"model.mode": ["finetune", "lora"]}, "wants a backbone with attention"),
    ],
)
def test_a_value_that_an_option_does_not_take_is_told(workspace: Path, space: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        searched(open_bench(workspace, [{"tune": {"space": space}}]))


def test_the_number_of_one_loss_may_be_searched_beside_the_losses(workspace: Path) -> None:
    space = {"loss.name": ["cross_entropy", "focal"], "loss.gamma": {"low": 1.0, "high": 3.0}}
    assert set(searched(open_bench(workspace, [{"tune": {"space": space}}])).space) == set(space)


@pytest.mark.parametrize("mode", ["finetune", "frozen"])
def test_each_mode_has_a_space_of_its_own(workspace: Path, mode: str) -> None:
    found = searched(open_bench(workspace, [{"model": {"mode": mode}}]))
    assert len(found.space) > 3
    assert all(dimension.holds(found.default[key]) for key, dimension in found.space.items())


def test_a_trial_is_cheaper_by_epochs_and_size(workspace: Path) -> None:
    cheap = cheaper(open_bench(workspace, [{"train": {"epochs": 12}, "model": {"size_px": 128}}]).options)
    assert (cheap.epochs_share, cheap.size_share, cheap.factor) == (0.5, 0.5, 8)
    assert cheaper(open_bench(workspace, [{"model": {"mode": "frozen"}}]).options).is_whole


def test_a_training_that_its_jury_gives_up_leaves_no_weights_to_go_on_from(workspace: Path) -> None:
    bench = open_bench(workspace, [{"train": {"epochs": 5}}])
    with pytest.raises(GivenUp):
        train_apart(bench, ("valid",), lambda epoch, score: Verdict.GIVE_UP if epoch == 2 else Verdict.GO_ON)
    record = Workspace(workspace).list_runs()[-1]
    assert (record.status, len(record.history)) == ("pruned", 2)


def test_numbers_that_make_no_sense_are_told(workspace: Path, cli: Cli) -> None:
    for options, words in (
        (("--trials", "1"), "2 or more"),
        (("--timeout", "soon"), "2h, 30m"),
        (("--folds", "1"), "2 to 100 folds"),
        (("--folds", "500"), "2 to 100 folds"),
    ):
        done = cli("tune", "-w", workspace, *options)
        assert done.returncode == 2
        assert words in done.stderr


@pytest.fixture
def project(workspace: Path) -> Path:
    """The workspace with a space of its own."""
    path = workspace / "photobench.toml"
    path.write_text(path.read_text().replace("[train]", '[train]\nprecision = "fp32"') + AS_TOML)
    return workspace


@pytest.mark.slow
def test_killed_in_a_trial_the_next_call_goes_on_with_that_very_trial(project: Path, start: Start, cli: Cli) -> None:
    options = ("-w", project, "--trials", "3", "--set", "tune.epochs_share=1")
    child = start("tune", *options, before="tests.train.slow_steps")
    while not list(project.glob("runs/002-*/history.csv")):
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert [run.status for run in sorted(Workspace(project).list_runs(), key=lambda r: r.name)] == [
        "finished",
        "running",
    ]
    done = cli("tune", *options)
    assert done.returncode == 0, done.stderr
    assert "going on with trial 1" in done.stderr
    trials = pd.read_csv(project / "tune" / "tune" / "trials.csv")
    assert trials["trial"].tolist() == [0, 1, 2]
    assert trials["run"].tolist() == [f"00{number}-test_resnet" for number in (1, 2, 3)]
    assert len(Workspace(project).list_runs()) == 3  # trials of a search that is not cheaper are trainings in full


@pytest.mark.slow
def test_two_processes_share_a_study_without_a_duplicate(project: Path, start: Start) -> None:
    options = ("-w", project, "--trials", "6")
    children = [start("tune", *options) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0], [child.read()[1] for child in children]
    trials = pd.read_csv(project / "tune" / "tune" / "trials.csv")
    assert len(trials) == 6
    assert not trials.duplicated(["train.lr", "augment.mix"]).any()
    assert trials["run"].nunique() == trials["run"].notna().sum()
    ended = [sum("/6  " in line for line in child.read()[1].splitlines()) for child in children]
    assert sum(ended) == 6
    assert all(ended), "each of them had a part of it"
    assert len({child.read()[0] for child in children}) == 1


@pytest.mark.slow
def test_ctrl_c_leaves_a_state_that_goes_on_and_fix_writes_the_best(project: Path, start: Start, cli: Cli) -> None:
    child = start("tune", "-w", project, "--trials", "3", before="tests.train.slow_steps")
    while not list(project.glob("runs/002-*/checkpoint.pt")):
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGINT)
    assert child.wait() == 130
    assert "The same command goes on from there." in child.read()[1]
    done = cli("tune", "-w", project, "--trials", "3", "--fix")
    assert done.returncode == 0, done.stderr
    best = json.loads((project / "tune" / "tune" / "tune.json").read_text())["changes"]
    written = pb.open(project).options
    for key, value in best.items():
        section, _, name = key.partition(".")
        assert getattr(getattr(written, section), name) == value


@pytest.mark.slow
def test_the_best_is_compared_in_folds(project: Path) -> None:
    found = pb.open(project).tune(trials=3, folds=2, **{"train.lr": 1e-4})
    assert any("In 2 folds it is " in sentence for sentence in found.sentences) or not found.changes


@pytest.mark.slow
def test_what_is_within_noise_is_written_only_when_told_and_then_said(tuned: Found, tmp_path: Path, cli: Cli) -> None:
    root, found = tuned
    own = Path(shutil.copytree(root, tmp_path / "own"))
    project = own / "photobench.toml"
    project.write_text(project.read_text().replace("[train]", '[train]\nprecision = "fp32"') + AS_TOML)
    assert found.changes
    assert not found.doubt
    tune = ("tune", "-w", own, "--trials", "4")
    assert "Write the options of the best into photobench.toml: photobench tune --fix" in cli(*tune).stdout
    unsure = (*tune, "--set", "evaluate.confidence=0.99999")  # as wide as that, every gain is within noise
    said, doubt = cli(*unsure), "The gain of trial 3 is within noise"
    assert f"{doubt}: leave the project as it is." in said.stdout, said.stderr
    assert "--fix" not in said.stdout
    fixed = cli(*unsure, "--fix")
    assert f"note: {doubt}: what was written may be no better than what was there." in fixed.stdout
    assert str(found.changes["train.lr"]) in project.read_text()
