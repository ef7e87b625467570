from __future__ import annotations

import json
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import photobench as pb
from photobench.data.pack import PackSpec
from photobench.errors import ConfigError
from photobench.predict import load_model
from photobench.records import Attribute, ClassSpace
from photobench.train.options import TrainOptions
from photobench.train.schedule import Schedule, make_optimizer
from photobench.vision.model import build_classifier, make_spec
from photobench.workflow.models.resolving import run_toml
from tests.conftest import Cli


def test_the_schedule_warms_up_and_ends_near_zero() -> None:
    options = TrainOptions(epochs=4, warmup_epochs=1, lr=0.1)
    optimizer = make_optimizer(torch.nn.Linear(2, 2), options)
    schedule = Schedule(optimizer, options, steps_per_epoch=10)
    rates = []
    for _ in range(40):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates[0] < 0.02
    assert max(rates) == pytest.approx(0.1)
    assert rates.index(max(rates)) == 10
    assert rates[-1] < 0.001
    assert all(a > b for a, b in pairwise(rates[10:]))


def test_biases_and_norms_are_not_decayed() -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    decayed, free = make_optimizer(model, TrainOptions(weight_decay=0.3)).param_groups
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.3, 0.0)
    assert [p.ndim for p in decayed["params"]] == [4]
    assert [p.ndim for p in free["params"]] == [1, 1, 1]


def test_a_run_leaves_a_whole_folder(workspace: Path) -> None:
    run = pb.open(workspace).train()
    names = {p.name for p in run.folder.iterdir()}
    assert {"config.toml", "history.csv", "model.json", "model.safetensors", "run.json", "tensorboard"} <= names
    assert not names & {"checkpoint.pt", "best.safetensors"}
    record = json.loads((run.folder / "run.json").read_text())
    assert record["status"] == "finished"
    assert record["seed"] == 0
    assert record["config"]["train"]["epochs"] == 2
    assert torch.__version__.startswith(record["environment"]["torch"])
    assert len(record["history"]) == 2
    assert list((run.folder / "tensorboard").glob("events.*"))


def test_it_learns_and_the_same_seed_learns_the_same(workspace: Path, tmp_path: Path, photos: Path) -> None:
    first = pb.open(workspace).train(
        epochs=12, patience=12, lr=3e-3, precision="fp32"
    )  # auto measures, and may find either
    assert first.metrics["macro_f1"] > 0.8
    other = tmp_path / "other"
    other.mkdir()
    (other / "photobench.toml").write_text((workspace / "photobench.toml").read_text())
    second = pb.open(other).train(epochs=12, patience=12, lr=3e-3, precision="fp32")
    a, b = (load_file(run.folder / "model.safetensors") for run in (first, second))
    assert all(torch.equal(a[name], b[name]) for name in a)
    third = pb.open(other).train(epochs=12, patience=12, lr=3e-3, precision="fp32", seed=1)
    c = load_file(third.folder / "model.safetensors")
    assert any(not torch.equal(a[name], c[name]) for name in a)


def test_the_best_epoch_is_kept_and_patience_ends_it(workspace: Path) -> None:
    run = pb.open(workspace).train(epochs=30, patience=2, lr=3e-3)
    best = int(run.metrics["best_epoch"])
    assert run.history["macro_f1"].max() == run.metrics["macro_f1"] == run.history["macro_f1"][best - 1]
    assert len(run.history) == min(best + 2, 30)


def test_a_frozen_backbone_stays_as_it_was(workspace: Path) -> None:
    bench = pb.open(workspace)
    whole, frozen = bench.train(epochs=1), bench.train(epochs=1, **{"model.mode": "frozen"})
    spec = load_model(frozen.folder).spec
    torch.manual_seed(0)
    fresh = build_classifier(spec).state_dict()
    kept, moved = (load_file(run.folder / "model.safetensors") for run in (frozen, whole))
    assert all(torch.equal(kept[name], fresh[name]) for name in kept if name.startswith("backbone."))
    assert any(not torch.equal(kept[name], fresh[name]) for name in kept if name.startswith("heads."))
    assert any(not torch.equal(moved[name], fresh[name]) for name in moved if name.startswith("backbone."))


def test_an_identical_run_is_not_trained_again(workspace: Path, cli: Cli) -> None:
    assert cli("train", "-w", workspace).returncode == 0
    again = cli("train", "-w", workspace)
    assert "001-test_resnet is up to date" in again.stderr
    assert len(list((workspace / "runs").iterdir())) == 1
    assert cli("train", "-w", workspace, "--set", "train.seed=1").returncode == 0
    assert len(list((workspace / "runs").iterdir())) == 2


def test_joint_head_and_other_metric(workspace: Path) -> None:
    run = pb.open(workspace).train(head="joint", metric="accuracy")
    assert json.loads((run.folder / "model.json").read_text())["head"] == "joint"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "macro_f"}, 'no metric "macro_f". Did you mean "macro_f1"'),
        ({"preset": "lite"}, 'no augmentation "lite"'),
        ({"loss.name": "cross_entrpy"}, 'no loss "cross_entrpy". Did you mean "cross_entropy"'),
        ({"backbone": "resnet19"}, 'no model "resnet19". Nearest: .*resnet1'),
        ({"args": {"nonsense": 1}}, "model.args = .* do not suit test_resnet"),
    ],
)
def test_a_wrong_name_is_told_before_any_work(workspace: Path, options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        pb.open(workspace).train(**options)
    assert not (workspace / "runs").exists()


def test_the_numbers_of_a_tiny_run_stay_what_they_are(workspace: Path) -> None:
    """A refactoring must reproduce these losses. Loose enough for another processor's rounding, tight enough for another order."""
    run = pb.open(workspace).train(precision="fp32", epochs=3, patience=3)
    assert run.history["train_loss"].tolist() == pytest.approx([1.1799, 0.8870, 0.6414], rel=0.02)


def test_the_folder_of_a_run_says_how_to_train_it_again(workspace: Path, tmp_path: Path) -> None:
    """Its config.toml, copied anywhere, is a project that needs nothing of the old one, and comes to the same weights."""
    text = (workspace / "photobench.toml").read_text()
    near = text.replace(f'photos = "{(tmp_path / "photos").as_posix()}"', 'photos = "../photos"')
    assert near != text
    (workspace / "photobench.toml").write_text(near)
    run = pb.open(workspace).train()
    written = tomllib.loads((run.folder / "config.toml").read_text())
    record = json.loads((run.folder / "run.json").read_text())
    assert written["train"]["precision"] == record["environment"]["precision"] != "auto"
    assert written["train"]["device"] in ("cpu", "cuda", "mps")
    assert written["source"]["photos"] == (tmp_path / "photos").as_posix()
    assert pb.open(workspace).train().name == run.name  # nothing of it counts as another option
    other = tmp_path / "far" / "away"
    other.mkdir(parents=True)
    (other / "photobench.toml").write_text((run.folder / "config.toml").read_text())
    again = pb.open(other).train()
    a, b = (load_file(one.folder / "model.safetensors") for one in (run, again))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_every_path_of_a_project_is_written_whole(workspace: Path) -> None:
    options = pb.open(workspace).options
    given = options.model_copy(
        update={
            "source": options.source.model_copy(update={"photos": "p", "table": "t.csv"}),
            "model": options.model.model_copy(update={"weights": "w.pth"}),
            "crop": options.crop.model_copy(update={"method": "own.py:find", "detector_weights": "d.onnx"}),
            "submit": options.submit.model_copy(update={"sample": "s.csv"}),
            "recipe": "mine.toml",
        }
    )
    spec = make_spec(options.model, PackSpec(40, "crop"), ClassSpace((Attribute("a", ("x", "y")),)))
    written = tomllib.loads(run_toml(given, Path("/there"), spec, "cpu", "001"))
    assert written["source"]["photos"] == "/there/p"
    assert written["source"]["table"] == "/there/t.csv"
    assert written["model"]["weights"] == "/there/w.pth"
    assert written["crop"]["method"] == "/there/own.py:find"
    assert written["crop"]["detector_weights"] == "/there/d.onnx"
    assert written["submit"]["sample"] == "/there/s.csv"
    assert (written["recipe"], written["pack"]["side_px"]) == ("", 40)
    assert written["model"]["mean"] == list(spec.mean)
