"""Each lever does what it says, alone. Together and interrupted, they are in test_resume."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import photobench as pb
from photobench.errors import ConfigError
from photobench.predict import load_model, predict_files
from photobench.records import Manifest
from photobench.train.average import epoch_mean
from photobench.train.options import TrainOptions
from photobench.train.sam import climbed
from photobench.train.schedule import Schedule, make_optimizer, scaled_rates
from photobench.train.sizes import side_px
from photobench.vision import zoo

PLAIN = {"precision": "fp32", "epochs": 3, "patience": 9}


def test_the_rate_falls_when_the_metric_stands_still() -> None:
    options = TrainOptions(schedule="plateau", plateau_epochs=1, epochs=9, lr=0.1)
    optimizer = make_optimizer(torch.nn.Linear(2, 2), options)
    schedule = Schedule(optimizer, options, steps_per_epoch=2)
    rates = []
    for metric in (0.5, 0.5, 0.5, 0.5, 0.6, 0.6, 0.6):
        for _ in range(2):
            optimizer.step()
            schedule.step()
        schedule.judged(metric)
        rates.append(schedule.rate())
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001])


def test_a_lower_rate_for_a_step_leaves_the_schedule_alone() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.3)
    with scaled_rates(optimizer, 0.5):
        assert optimizer.param_groups[0]["lr"] == 0.15
    assert optimizer.param_groups[0]["lr"] == 0.3


def test_the_mean_of_epochs_is_their_mean() -> None:
    model = torch.nn.Linear(1, 1)
    mean = epoch_mean(model, first_epoch=2)
    for epoch, value in enumerate([100.0, 50.0, 1.0, 2.0, 6.0]):
        with torch.no_grad():
            model.weight.fill_(value)
        mean.after_step()
        mean.after_epoch(epoch)
    with mean.in_place():
        assert model.weight.item() == pytest.approx(3.0)
    assert model.weight.item() == 6.0


def test_averaged_weights_get_their_own_norms(workspace: Path, photos: Path) -> None:
    run = pb.open(workspace).train(**PLAIN, swa_share=1.0, preset="none", batch_size=9)  # 45 photos: five equal batches
    model = load_model(run.folder, "cpu")
    manifest = Manifest.read(run.folder / "manifest.parquet")
    rows = manifest.rows("train")
    assert len(rows) == 45
    seen: list[torch.Tensor] = []
    norm = next(module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d))
    norm.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].mean(dim=(0, 2, 3))))
    predict_files(model, [photos / path for path in manifest.frame["path"].iloc[rows]])
    assert torch.allclose(norm.running_mean, torch.stack(seen).mean(dim=0), atol=1e-3)


def test_sam_takes_the_gradient_uphill_and_comes_back() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False), torch.nn.BatchNorm1d(1))
    linear, norm = model
    torch.nn.init.constant_(linear.weight, 3.0)
    linear.weight.grad = torch.full((1, 1), 5.0)
    model.train()
    model(torch.randn(8, 1))
    before = norm.running_mean.clone()
    with climbed(model, 0.25):
        assert linear.weight.item() == pytest.approx(3.25)
        assert linear.weight.grad is None
        model(torch.randn(8, 1) + 9)
        (linear.weight**2).sum().backward()
    assert linear.weight.item() == 3.0
    assert linear.weight.grad.item() == pytest.approx(6.5)
    assert torch.equal(norm.running_mean, before)
    assert norm.momentum == 0.1


@pytest.mark.parametrize("lever", [{"sam": 0.1}, {"layer_decay": 0.5}, {"swa_share": 0.7}, {"start_share": 0.5}])
def test_a_lever_changes_what_is_learned(workspace: Path, lever: dict) -> None:
    bench = pb.open(workspace, size_px=64)
    without, with_it = bench.train(**PLAIN), bench.train(**PLAIN, **lever)
    a, b = (load_file(run.folder / "model.safetensors") for run in (without, with_it))
    assert any(not torch.equal(a[name], b[name]) for name in a)
    assert with_it.history["train_loss"].iloc[-1] < 1.2


@pytest.mark.parametrize("backbone", ["test_resnet", "test_vit"])
def test_layers_learn_more_slowly_the_lower_they_lie(backbone: str) -> None:
    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.backbone = zoo.create(backbone, {})
            self.heads = torch.nn.Linear(self.backbone.num_features, 3)

    model = Whole()
    groups = make_optimizer(model, TrainOptions(layer_decay=0.5, lr=0.1, weight_decay=0.3)).param_groups
    rate = {id(p): group["lr"] for group in groups for p in group["params"]}
    assert set(rate) == {id(p) for p in model.parameters()}
    assert rate[id(model.heads.weight)] == rate[id(model.heads.bias)] == 0.1
    first, *_, last = (rate[id(p)] for p in model.backbone.parameters())
    assert first < 0.01 < last
    assert all(group["weight_decay"] == (0.3 if group["params"][0].ndim > 1 else 0.0) for group in groups[-2:])


def test_the_backbone_is_frozen_first_and_trained_then(workspace: Path) -> None:
    bench = pb.open(workspace)
    thawed, frozen, free = (bench.train(**{**PLAIN, "epochs": 3}, freeze_epochs=n) for n in (1, 2, 0))
    losses = [run.history["train_loss"].to_numpy() for run in (thawed, frozen, free)]
    assert losses[0][0] == losses[1][0] != losses[2][0]
    assert losses[0][1] != losses[1][1]


def test_photos_grow_in_steps_to_their_full_side() -> None:
    assert [side_px(epoch, 9, 0.5, 224) for epoch in range(9)] == [112, 128, 144, 160, 192, 208, 224, 224, 224]
    assert {side_px(epoch, 9, 1.0, 100) for epoch in range(9)} == {100}
    assert [side_px(epoch, 3, 0.1, 96) for epoch in range(3)] == [32, 48, 96]
    assert side_px(0, 3, 0.5, 20) == 20
    assert np.all(np.diff([side_px(epoch, 30, 0.1, 64) for epoch in range(30)]) >= 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"average": 0.9, "swa_share": 0.5}, "average and swa_share each keep an average"),
        ({"freeze_epochs": 3, "epochs": 3}, "freeze_epochs = 3 leaves none of 3 epochs"),
        (
            {"schedule": "plateau", "plateau_epochs": 5, "patience": 5, "epochs": 9},
            "before plateau_epochs = 5 lowers the rate",
        ),
        ({"schedule": "plateau", "plateau_epochs": 5, "patience": 5}, "never pass within epochs = 2"),
        ({"model.mode": "frozen", "freeze_epochs": 1}, "freezes the backbone in every epoch"),
        ({"model.mode": "frozen", "layer_decay": 0.5}, "trains none of its layers"),
        ({"backbone": "test_vit", "start_share": 0.5}, "test_vit sees photos of one size"),
    ],
)
def test_contradictions_are_refused_before_any_work(workspace: Path, options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        pb.open(workspace).train(**options)
    assert not (workspace / "packs").exists()
