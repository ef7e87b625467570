"""What goes wrong in the middle of a training: no number, no memory, no disk."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

import photobench as pb
from photobench.errors import Interrupted, ModelError, PhotobenchError
from photobench.workspace import Workspace
from tests.conftest import Cli, Start

WILD = {"optimizer": "sgd", "lr": 10.0, "weight_decay": 1.0, "precision": "fp32", "epochs": 4, "patience": 9}


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def test_a_loss_that_is_no_number_goes_back_and_on_at_a_lower_rate(workspace: Path, capfd) -> None:
    run = pb.open(workspace).train(**WILD)
    record = Workspace(workspace).find_run()
    assert record.notes
    assert "going back to the start of the epoch with a learning rate of 0.5 times what is scheduled" in record.notes[0]
    assert f"train: {record.notes[0]}" in capfd.readouterr().err
    assert all(torch.isfinite(tensor).all() for tensor in weights(run.folder).values())
    assert run.history["epoch"].tolist() == [1, 2, 3, 4]
    assert run.history["valid_loss"].notna().all()


def test_it_gives_up_with_a_remedy(workspace: Path, tmp_path: Path) -> None:
    wild = {
        name: tensor * 1e30
        for name, tensor in timm.create_model("test_resnet").state_dict().items()
        if tensor.is_floating_point()
    }
    save_file({**timm.create_model("test_resnet").state_dict(), **wild}, tmp_path / "wild.safetensors")
    bench = pb.open(workspace)
    with pytest.raises(
        PhotobenchError, match=r"In epoch 1 .* though the learning rate was halved 3 times\. Lower train\.lr"
    ):
        bench.train(precision="fp32", weights=str(tmp_path / "wild.safetensors"))
    assert bench.runs()["status"].tolist() == ["failed"]


class Hungry(torch.nn.Module):
    """Has memory for some photos only, as a device has; and is stopped where a test says so."""

    photos, stop_after, refused, steps = 3, 0, 0, 0

    def __init__(self, inner: str = "test_resnet", **options: object):
        super().__init__()
        self.inner = timm.create_model(inner, **options)
        self.num_features = self.inner.num_features

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.training:
            if len(images) > Hungry.photos:
                Hungry.refused += 1
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
            Hungry.steps += 1
            if Hungry.steps == Hungry.stop_after:
                os.kill(os.getpid(), signal.SIGINT)
        return self.inner(images)


@timm.models.register_model
def hungry_net(pretrained: bool = False, pretrained_cfg=None, pretrained_cfg_overlay=None, **options: object) -> Hungry:
    return Hungry(**options)


@timm.models.register_model
def hungry_vit(pretrained: bool = False, pretrained_cfg=None, pretrained_cfg_overlay=None, **options: object) -> Hungry:
    """Without batch norm."""
    return Hungry("test_vit", img_size=32, **options)


@pytest.fixture
def hungry(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    for name, value in {"photos": 3, "stop_after": 0, "refused": 0, "steps": 0}.items():
        monkeypatch.setattr(Hungry, name, value)
    return {"backbone": "hungry_net", "batch_size": 8, "precision": "fp32", "epochs": 2}


def test_a_batch_that_does_not_fit_is_learned_in_parts(workspace: Path, hungry: dict) -> None:
    run = pb.open(workspace).train(**hungry)
    assert Hungry.refused == 2  # of 8, then of 4
    notes = Workspace(workspace).find_run().notes
    assert [note.split(":")[0] for note in notes] == [
        "out of memory with 8 photos at once",
        "out of memory with 4 photos at once",
    ]
    assert "going on with 2" in notes[1]
    assert len(run.history) == 2


def test_the_parts_add_up_to_the_batch(workspace: Path, hungry: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = pb.open(workspace)
    plain = {**hungry, "backbone": "hungry_vit", "epochs": 1, "optimizer": "sgd", "lr": 0.1}
    parts = weights(bench.train(**plain).folder)
    monkeypatch.setattr(Hungry, "photos", 99)
    whole = weights(bench.train(**plain, weight_decay=0.0201).folder)  # nearly the same, and another run
    assert all(torch.allclose(parts[name], whole[name], atol=1e-3) for name in whole)


def test_what_fits_is_remembered(workspace: Path, twin: Path, hungry: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pb.open(twin).train(**hungry)
    monkeypatch.setattr(Hungry, "steps", 0)
    monkeypatch.setattr(Hungry, "stop_after", 10)
    with pytest.raises(Interrupted):
        pb.open(workspace).train(**hungry)
    monkeypatch.setattr(Hungry, "refused", 0)
    resumed = pb.open(workspace).train(**hungry)
    assert Hungry.refused == 0
    assert all(
        torch.equal(a, b) for a, b in zip(weights(whole.folder).values(), weights(resumed.folder).values(), strict=True)
    )
    assert Workspace(workspace).find_run().notes == Workspace(twin).find_run().notes


def test_a_model_that_never_fits_is_told(workspace: Path, hungry: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hungry, "photos", 1)
    with pytest.raises(ModelError, match="hungry_net at 32 px does not fit even with two photos at once"):
        pb.open(workspace).train(**hungry)


def test_a_checkpoint_that_cannot_be_written_loses_nothing(workspace: Path, twin: Path, cli: Cli, start: Start) -> None:
    """A limit on the size of files lets the checkpoint of the start through, and not the one with the optimiser's state."""
    options = ("--set", "train.precision=fp32", "--set", "train.optimizer=adamw")
    assert cli("train", "-w", twin, *options).returncode == 0
    limit = weights_bytes(Workspace(twin).root) * 2
    full = start("train", "-w", workspace, *options, before="tests.train.small_files", LIMIT_BYTES=str(limit))
    code, (_, err) = full.wait(), full.read()
    assert code == 2, err
    assert "checkpoint.pt" in err.splitlines()[-1]
    assert "MB) is larger than files may be here" in err
    assert "Traceback" not in err
    folder = next((workspace / "runs").iterdir())
    assert not list(folder.glob(".*.partial"))
    assert torch.load(folder / "checkpoint.pt", weights_only=True)["state"]["epoch"] == 0
    done = cli("train", "-w", workspace, *options)
    assert done.returncode == 0, done.stderr
    assert "going on with 001-test_resnet" in done.stderr
    ours, theirs = (weights(Workspace(root).root / Workspace(root).find_run().folder) for root in (workspace, twin))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def weights_bytes(root: Path) -> int:
    return (root / Workspace(root).find_run().folder / "model.safetensors").stat().st_size
