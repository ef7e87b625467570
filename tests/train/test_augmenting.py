"""A training whose photos are augmented on the device."""

from __future__ import annotations

from pathlib import Path

import pytest

import photobench as pb
from photobench.workspace import Workspace
from tests.conftest import QUICK, Cli


def test_it_learns_what_it_learns_from_the_loader(workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The same draws, and pixels that differ by less than a level in the mean."""
    chosen = {**QUICK, "epochs": 3, "preset": "light", "erasing": 0.3, "mix": "cutmix"}
    bench = pb.open(workspace)
    by_loader, on_device = (bench.train(**chosen, on=on) for on in ("loader", "device"))
    assert by_loader.name != on_device.name
    assert on_device.history["train_loss"].tolist() == pytest.approx(by_loader.history["train_loss"].tolist(), abs=0.02)
    assert on_device.history["valid_loss"].tolist() == pytest.approx(by_loader.history["valid_loss"].tolist(), abs=0.05)
    assert capfd.readouterr().err.count("photos are augmented on the device, a batch at once (augment.on)") == 1


def test_what_only_the_loader_can_do_is_refused_before_any_work(workspace: Path, cli: Cli) -> None:
    with (workspace / "photobench.toml").open("a") as file:
        file.write('[augment]\non = "device"\npipeline = [{ name = "ISONoise" }]\n')
    done = cli("train", "-w", workspace)
    assert done.returncode == 2
    assert 'augment.on = "device", and only the loader can do ISONoise as augment.pipeline has it' in done.stderr
    assert not Workspace(workspace).list_runs()
    assert not list(workspace.glob("packs/*"))
