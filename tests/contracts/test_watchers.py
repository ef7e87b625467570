"""What everything must do that can be named in `train.log`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from photobench.learning import Standing
from photobench.records import RunRecord
from photobench.train.watchers import WATCHERS, Beginning, Watcher
from photobench.train.watchers.table import EXTRAS

ROW = {"train_loss": 0.5, "valid_loss": 0.6, "macro_f1": 0.7, "mask/macro_f1": 0.8, "lr": 1e-3}
PIXELS = np.zeros((16, 24, 3), np.uint8)


@pytest.fixture(params=WATCHERS.names())
def name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param in EXTRAS:
        pytest.importorskip(request.param, reason=f"needs the extra photobench[{request.param}]")
    for variable in ("MLFLOW_TRACKING_URI", "WANDB_MODE", "WANDB_PROJECT"):
        monkeypatch.delenv(variable, raising=False)
    return request.param


def beginning(root: Path, epoch: int) -> Beginning:
    config = {"model": {"backbone": "resnet18", "args": {}}, "attributes": [{"name": "label"}], "train": {"lr": 0.1}}
    record = RunRecord("001-resnet18", "running", "", "", config, 0, "", "runs/001-resnet18")
    history = [{"epoch": float(number + 1), **ROW} for number in range(epoch)]
    folder = root / record.folder
    folder.mkdir(parents=True, exist_ok=True)
    return Beginning(record, folder, root, Standing(epoch, 4, 0.0, 0.5, "macro_f1", 0.7, 1, 100.0, 1.0, history))


def told(watcher: Watcher, start: Beginning, epochs: range, status: str, kept: str = "") -> str:
    kept = watcher.begin(start, kept)
    for epoch in epochs:
        watcher.step(start.standing)
        watcher.epoch({"epoch": float(epoch), **ROW}, start.standing)
        watcher.picture("examples", PIXELS, epoch)
    watcher.end(status)
    return kept


def test_it_keeps_what_it_is_told_and_goes_on_with_the_same(name: str, tmp_path: Path) -> None:
    kept = told(WATCHERS.build(name), beginning(tmp_path, 0), range(1, 3), "interrupted")
    begun = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert begun > 0
    assert told(WATCHERS.build(name), beginning(tmp_path, 2), range(3, 5), "finished", kept) == kept
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) > begun


def test_it_draws_nothing_from_chance(name: str, tmp_path: Path) -> None:
    before, before_numpy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    told(WATCHERS.build(name), beginning(tmp_path, 0), range(1, 3), "finished")
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == before_numpy).all()  # noqa: NPY002
