"""While one command works in a workspace: who looks at what is there is not kept from it, and nobody gets in another's way."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from photobench import workflow
from photobench.errors import WorkspaceError
from photobench.workflow import open_bench
from photobench.workspace import Workspace
from tests.conftest import Cli, Start, draw_competition, project_toml
from tests.forking import Child

FIRST, SECOND = "001-test_resnet", "002-test_resnet"

LOOKS = (
    "runs",
    "runs show 001",
    "runs compare 001 002",
    "runs tag 001 good",
    "runs prune",
    "list problems",
    "evaluate --run 001",
    "slices --run 001",
    "explain --run 001",
    "explain {photo} --run 001",
    "predict --run 002",
    "predict {photo} --run 001",
    "submit make --run 001",
    "submit status",
    "submit plan",
    "decisions list",
    "pack",
    "augment --check --run 001",
    "report --run 001",
)
"""All there is to be asked for is there already, or follows from a finished run."""

WORK = (
    "train --set train.lr=0.005",
    "train --folds 2",
    "find-batch",
    "doctor",
    "audit",
    "refine --run 001",
    "ensemble 001 002",
    "runs prune --keep 0 --yes",
)
"""These make or remove what others stand on, or measure the machine."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition with two runs of which nothing was asked yet."""
    home = tmp_path_factory.mktemp("meanwhile")
    photos = draw_competition(home / "set", people=8, num_test=8)
    root = home / "workspace"
    root.mkdir()
    sample = f'[submit]\nsample = "{photos / "sample_submission.csv"}"\ncolumns = {{ ans = "class" }}\n'
    (root / "photobench.toml").write_text(project_toml(photos, extra=f"{sample}\n[split]\nvalid = 0.5\n"))
    for rate in (0.001, 0.002):
        workflow.train(open_bench(root, [{"train": {"epochs": 1, "precision": "fp32", "lr": rate}}]))
    return root


@pytest.fixture
def own(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "own"))


@pytest.fixture
def training(own: Path, start: Start) -> Iterator[Child]:
    """A second process that trains there, and is not done before it is killed."""
    child = start("train", "-w", own, "--set", "train.lr=0.004", before="tests.waiting_epochs")
    while not list(own.glob("runs/003-*/manifest.parquet")):
        time.sleep(0.05)
    yield child
    child.stop()


@pytest.mark.slow
def test_who_looks_at_what_is_there_works_while_another_process_trains(
    own: Path, made: Path, training: Child, cli: Cli
) -> None:
    photo = next((made.parent / "set").rglob("*.jpg"))
    for words in LOOKS:
        done = cli(*words.format(photo=photo).split(), "-w", own)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), (words, done.stderr)
    assert "ms per photo" not in (own / "report.html").read_text(
        encoding="utf-8"
    )  # it would be the time beside a training
    assert "running" in cli("runs", "-w", own).stdout
    training.kill()
    training.wait()
    assert cli("report", "--run", "001", "-w", own).returncode == 0
    assert "ms per photo" in (own / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_would_get_in_its_way_is_refused_in_one_sentence(own: Path, training: Child, cli: Cli) -> None:
    for words in WORK:
        done = cli(*words.split(), "-w", own)
        assert done.returncode == 2, words
        told = done.stderr.strip().splitlines()[-1]
        assert f"`photobench train` has worked in {own} since " in told and f"process {training.pid} on " in told, words
    assert sorted(path.name for path in own.glob("runs/0*")) == [FIRST, SECOND, "003-test_resnet"]
    assert not (own / "ensembles").exists()


def test_several_processes_that_evaluate_one_run_at_once_do_not_disturb_each_other(
    own: Path, cli: Cli, start: Start
) -> None:
    def asked(confidence: float) -> tuple[object, ...]:
        return "evaluate", "--run", "001", "-w", own, "--set", f"evaluate.confidence={confidence}"

    kept = own / "runs" / FIRST / "evaluation-valid.json"
    children = [start(*asked(confidence)) for confidence in (0.95, 0.5, 0.95, 0.5)]
    assert [child.wait() for child in children] == [0] * 4
    told = [child.read()[0] for child in children]
    assert told[0] == told[2] != told[1] == told[3]
    for confidence, alone in zip((0.95, 0.5), told, strict=False):
        assert cli(*asked(confidence)).stdout == alone  # whoever of them wrote last
        assert json.loads(kept.read_text())["split"] == "valid"
    assert not list(own.rglob("*.partial"))


def test_photos_that_have_to_be_read_wait_until_nobody_trains(own: Path, made: Path) -> None:
    photos = Path(shutil.copytree(made.parent / "set", own.parent / "more"))
    shutil.copy(next(photos.rglob("red/*.jpg")), photos / "train" / "red" / "person99_0.jpg")
    bench = open_bench(own, [{"source": {"photos": str(photos)}}])
    before = sorted(path.name for path in (own / "packs").iterdir())
    with Workspace(own).lock("photobench train"):
        with pytest.raises(WorkspaceError, match="`photobench train` has worked in"):
            workflow.report(bench, FIRST)
        assert sorted(path.name for path in (own / "packs").iterdir()) == before
    assert workflow.report(bench, FIRST).exists()


def test_a_run_whose_pack_is_gone_is_asked_about_its_photos_meanwhile(own: Path) -> None:
    expected = workflow.slices(open_bench(own), FIRST).to_frame()
    shutil.rmtree(own / "packs")
    (own / "packs" / "of an older run").mkdir(parents=True)  # as a kill leaves it
    with Workspace(own).lock("photobench train"):
        pd.testing.assert_frame_equal(workflow.slices(open_bench(own), FIRST).to_frame(), expected)
    assert [path.name for path in (own / "packs").iterdir()] == ["of an older run.lock"]
