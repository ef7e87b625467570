"""What a training tells, to whom, and what happens where one of them fails."""

from __future__ import annotations

import json
import os
import signal
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import photobench as pb
from photobench.errors import ConfigError, Interrupted
from photobench.learning import ExamplePredictions, Standing
from photobench.registry import Entry
from photobench.train.examples import NUM_PHOTOS, choose
from photobench.train.watchers import WATCHERS, Beginning, Watcher
from photobench.train.watchers.terminal import live_words
from tests.conftest import project_toml


class Notes(Watcher):
    """Remembers what it is told; raises after an epoch where it is asked to."""

    raises: BaseException | None = None
    interrupts = 0

    def __init__(self) -> None:
        self.kept, self.epochs, self.pictures, self.shares, self.status = "", [], [], [], ""

    def begin(self, beginning: Beginning, kept: str) -> str:
        self.kept = kept
        for _ in range(self.interrupts):
            os.kill(os.getpid(), signal.SIGINT)
        return "an id"

    def step(self, standing: Standing) -> None:
        self.shares.append(standing.share)

    def epoch(self, row: dict[str, float], standing: Standing) -> None:
        if self.raises is not None and row["epoch"] == 2:
            raise self.raises
        self.epochs.append(int(row["epoch"]))

    def picture(self, name: str, pixels_HWC: np.ndarray, epoch: int) -> None:
        self.pictures.append((name, pixels_HWC.dtype, epoch))

    def end(self, status: str) -> None:
        self.status = status


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Notes]:
    """Those that trainings with `log=["notes"]` built."""
    found: list[Notes] = []

    def build() -> Notes:
        found.append(Notes())
        return found[-1]

    monkeypatch.setitem(WATCHERS._entries, "notes", Entry("notes", build, "for this test"))
    return found


def test_it_is_told_every_step_epoch_and_picture(workspace: Path, made: list[Notes]) -> None:
    run = pb.open(workspace).train(epochs=3, log=["notes"])
    (notes,) = made
    steps = -(-45 // 8)
    assert notes.shares == pytest.approx([(1 + step) / steps for step in range(steps)] * 3)
    assert notes.epochs == [1, 2, 3]
    assert notes.pictures == [("examples", np.uint8, epoch) for epoch in (1, 2, 3)]
    assert notes.status == "finished"
    told = json.loads((run.folder / "watchers.json").read_text())
    assert told["notes"] == {"id": "an id", "epoch": 3}


@pytest.mark.parametrize(("times", "error"), [(1, Interrupted), (2, KeyboardInterrupt)])
def test_a_ctrl_c_before_the_first_step_ends_the_training_and_is_told(
    workspace: Path, made: list[Notes], monkeypatch: pytest.MonkeyPatch, times: int, error: type[BaseException]
) -> None:
    """Once it is heard after a step, twice it stops at once; either way nobody is left to believe that the training goes on."""
    monkeypatch.setattr(Notes, "interrupts", times)
    with pytest.raises(error):
        pb.open(workspace).train(log=["notes"])
    assert made[0].status == "interrupted"
    assert pb.open(workspace).runs()["status"].tolist() == ["interrupted"]
    monkeypatch.setattr(Notes, "interrupts", 0)
    assert len(pb.open(workspace).train(log=["notes"]).history) == 2


def test_one_that_fails_is_told_no_more_and_the_training_is_the_same(
    workspace: Path, tmp_path: Path, photos: Path, made: list[Notes], monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(Notes, "raises", OSError("the server is gone"))
    watched = pb.open(workspace).train(epochs=3, precision="fp32", log=["notes"])
    assert capsys.readouterr().err.count("log: notes failed and is told no more; the training goes on. The reason: the server is gone") == 1  # fmt: skip
    assert (made[0].epochs, made[0].status) == ([1], "")
    other = tmp_path / "other"
    other.mkdir()
    (other / "photobench.toml").write_text(project_toml(photos))
    alone = pb.open(other).train(epochs=3, precision="fp32")
    assert "failed" not in capsys.readouterr().err
    ours, theirs = (load_file(run.folder / "model.safetensors") for run in (watched, alone))
    assert all((ours[name] == theirs[name]).all() for name in theirs)


def test_what_a_kill_kept_from_being_told_is_told_when_it_goes_on(
    workspace: Path, made: list[Notes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second epoch is saved, and the process ends in the middle of telling it."""
    monkeypatch.setattr(Notes, "raises", KeyboardInterrupt())
    bench = pb.open(workspace)
    with pytest.raises(KeyboardInterrupt):
        bench.train(epochs=3, log=["notes"])
    monkeypatch.setattr(Notes, "raises", None)
    run = bench.train(epochs=3, log=["notes"])
    assert [notes.epochs for notes in made] == [[1], [2, 3]]
    assert made[1].kept == "an id"
    events = EventAccumulator(str(run.folder / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("train_loss")] == [1, 2, 3]
    assert made[1].pictures == [("examples", np.uint8, 2), ("examples", np.uint8, 3)]


def test_who_is_told_does_not_make_it_another_run(workspace: Path, made: list[Notes]) -> None:
    bench = pb.open(workspace)
    bench.train()
    bench.train(log=["notes"])
    assert len(bench.runs()) == 1


def test_a_logger_that_is_not_there_is_told_before_any_work(workspace: Path) -> None:
    with pytest.raises(ConfigError, match=r'no logger "mlflo"\. Did you mean "mlflow"'):
        pb.open(workspace).train(log=["mlflo"])
    assert not (workspace / "runs").exists()


@pytest.mark.parametrize("library", ["mlflow", "wandb"])
def test_a_library_that_is_missing_is_named_with_its_extra(workspace: Path, library: str) -> None:
    if find_spec(library):
        pytest.skip(f"{library} is installed here")
    with pytest.raises(ConfigError, match=rf"not installed\. Install it with: pip install 'photobench\[{library}\]'"):
        pb.open(workspace).train(log=[library])


def test_mlflow_has_one_run_of_a_training_that_was_stopped(
    workspace: Path, made: list[Notes], monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow", reason="needs the extra photobench[mlflow]")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(Notes, "raises", KeyboardInterrupt())
    bench = pb.open(workspace)
    with pytest.raises(KeyboardInterrupt):
        bench.train(epochs=3, log=["mlflow", "notes"])
    monkeypatch.setattr(Notes, "raises", None)
    record = bench.train(epochs=3, log=["mlflow", "notes"])
    client = mlflow.MlflowClient(f"sqlite:///{workspace / 'mlflow.db'}")
    (run,) = client.search_runs([client.get_experiment_by_name(workspace.name).experiment_id])
    assert (run.info.run_name, run.info.status) == ("001-test_resnet", "FINISHED")
    assert run.data.params["model.backbone"] == "test_resnet"
    losses = {m.step: m.value for m in client.get_metric_history(run.info.run_id, "train_loss")}
    assert list(losses.values()) == pytest.approx(record.history["train_loss"].tolist())
    pictures = (workspace / "mlartifacts").rglob("examples+step+*.png")
    assert {picture.name.split("+")[2] for picture in pictures} == {"1", "2", "3"}


def test_wandb_stays_offline_and_goes_on_with_the_same_run(
    workspace: Path, made: list[Notes], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb", reason="needs the extra photobench[wandb]")
    monkeypatch.delenv("WANDB_MODE", raising=False)
    monkeypatch.setattr(Notes, "raises", KeyboardInterrupt())
    bench = pb.open(workspace)
    with pytest.raises(KeyboardInterrupt):
        bench.train(epochs=3, log=["wandb", "notes"])
    monkeypatch.setattr(Notes, "raises", None)
    run = bench.train(epochs=3, log=["wandb", "notes"])
    folders = list((run.folder / "wandb").glob("offline-run-*"))
    assert len(folders) == 2
    assert len({file.name for folder in folders for file in folder.glob("run-*.wandb")}) == 1


def test_tensorboard_has_the_figures_and_the_photos(workspace: Path) -> None:
    run = pb.open(workspace).train(epochs=2)
    events = EventAccumulator(str(run.folder / "tensorboard")).Reload()
    assert [e.value for e in events.Scalars("valid_loss")] == pytest.approx(run.history["valid_loss"].tolist())
    assert [e.step for e in events.Images("examples")] == [1, 2]


def test_the_same_few_photos_are_asked_after_every_epoch(workspace: Path) -> None:
    run = pb.open(workspace).train(epochs=3, lr=3e-3)
    examples = ExamplePredictions.read(run.folder)
    assert examples is not None
    assert sorted(examples.epochs) == [1, 2, 3]
    assert {path.split("/")[0] for path in examples.paths} == {"red", "green", "blue"}
    said = run.predict([workspace.parent / "photos" / path for path in examples.paths])
    best = examples.epochs[int(run.metrics["best_epoch"])]
    assert said["confidence"].tolist() == pytest.approx([guess.probability for guess in best], abs=0.02)
    assert said["class"].tolist() == [guess.label for guess in best]
    strips = sorted((run.folder / "examples").iterdir())
    assert [strip.name for strip in strips] == ["0001.webp", "0002.webp", "0003.webp"]
    assert sum(strip.stat().st_size for strip in strips) < 3 * 30_000
    assert Image.open(strips[0]).width == 104 * len(examples.paths)


def test_a_long_training_has_few_pictures(workspace: Path) -> None:
    run = pb.open(workspace).train(epochs=130, patience=7, lr=1e-5)
    examples = ExamplePredictions.read(run.folder)
    assert examples is not None
    assert sorted(examples.epochs) == [1, *range(3, len(run.history) + 1, 3)]


def test_photos_are_chosen_over_the_classes_and_by_the_seed() -> None:
    classes = np.repeat([0, 1, 2, 3], [200, 30, 5, 1])
    chosen = choose(classes, seed=0)
    assert np.bincount(classes[chosen]).tolist() == [3, 2, 2, 1]
    assert np.array_equal(chosen, choose(classes, seed=0))
    assert not np.array_equal(chosen, choose(classes, seed=1))
    assert len(np.unique(chosen)) == NUM_PHOTOS
    assert choose(classes[:3], seed=0).tolist() in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0])


def test_the_live_line_says_loss_metric_best_and_time_left() -> None:
    history = [{"macro_f1": 0.8}, {"macro_f1": 0.75}]
    standing = Standing(2, 12, 0.5, 0.5123, "macro_f1", 0.8, 1, 120.0, 200.0, history)
    assert live_words(standing) == "loss 0.512 · macro_f1 0.7500, best 0.8000 in epoch 1 · 3 min 20 s to the end"
