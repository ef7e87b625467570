"""A run while it is written: its folder, its record, and the checkpoint that a kill leaves behind.

runs/003-resnet18/
  config.toml          every option as it was resolved
  checkpoint.pt        an unfinished training at the start of its epoch; gone when it is finished
  within.pt            the latest state within that epoch, where it takes long; gone with the epoch
  best.safetensors     the weights that are kept so far; gone when it is finished
  history.csv          a row per epoch
  tensorboard/         the same, for TensorBoard
  dynamics.npz         how each training photo was learned; not of frozen backbones
  model.safetensors, model.json      the model: weights, and what a photo goes through before them
  run.json             the record; written last, so its presence means that the run is whole
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors.torch import load_file, save

from photobench.errors import GivenUp, Interrupted, WorkspaceError
from photobench.predict import save_model
from photobench.records import DYNAMICS_FILE, Dynamics, RunRecord
from photobench.vision.model import Classifier
from photobench.workspace import Workspace


@dataclass
class TrainState:
    """Where a training is, besides the tensors: enough to go on as if nothing had happened."""

    epoch: int = 0
    batch: int = 0  # the next batch of the epoch
    loss_sum: float = 0.0  # over the epoch's batches so far
    best: float = float("-inf")  # of the epoch that is kept so far: the best, or the latest
    best_epoch: int = -1
    seconds: float = 0.0  # of this epoch so far
    total_s: float = 0.0
    rollbacks: int = 0  # how often the loss was no number
    notes: list[str] = field(default_factory=list)  # of the record
    compiled: bool | None = None  # the model is; None: it was not asked yet
    compiling_s: float = 0.0  # that it took to find out, beside total_s

    @property
    def rate(self) -> float:
        """Of the learning rate that is scheduled."""
        return 0.5**self.rollbacks

    def progress(self) -> tuple[int, int, int]:
        """Larger is later."""
        return (self.rollbacks, self.epoch, self.batch)

    def start_epoch(self) -> None:
        self.epoch, self.batch, self.loss_sum, self.seconds = self.epoch + 1, 0, 0.0, 0.0


class Run:
    """Writes one training into the workspace. What it leaves is a RunRecord and a folder."""

    def __init__(self, workspace: Workspace, record: RunRecord):
        self.workspace, self.record = workspace, record
        self.folder = workspace.root / record.folder

    checkpoint = property(lambda self: self.folder / "checkpoint.pt")
    within = property(lambda self: self.folder / "within.pt")
    best_weights = property(lambda self: self.folder / "best.safetensors")

    def start(self, config_toml: str) -> None:
        self.workspace.write(self.folder / "config.toml", config_toml)
        self.save(status="running")

    def save(self, **changes: Any) -> None:
        self.record = replace(self.record, **changes)
        self.workspace.save_run(self.record)

    @contextmanager
    def ends_are_told(self) -> Iterator[None]:
        """Inside, whatever ends the run before it is whole is in its record. `Interrupted` and `GivenUp` have told it themselves."""
        try:
            yield
        except (Interrupted, GivenUp):
            raise
        except KeyboardInterrupt:
            self.save(status="interrupted")
            raise
        except Exception:
            with suppress(WorkspaceError):  # where the disk is full, the first error says so
                self.save(status="failed")
            raise

    def save_checkpoint(self, tensors: dict[str, Any], state: TrainState) -> None:
        """Replace the checkpoint, atomically. That of the start of the epoch stays beside one of within it."""
        buffer = io.BytesIO()
        torch.save({"tensors": tensors, "state": vars(state), "history": self.record.history}, buffer)
        self.workspace.write(self.within if state.batch else self.checkpoint, buffer.getvalue())
        if not state.batch:
            self.within.unlink(missing_ok=True)

    def load_checkpoint(self) -> tuple[dict[str, Any], TrainState] | None:
        """What the last attempt left; None for a fresh start, whose history is empty whatever an attempt had begun."""
        self._tidy()
        found = [self._read(path) for path in (self.checkpoint, self.within) if path.exists()]
        if not found:
            self.record = replace(self.record, history=[], notes=[])
            return None
        return self._go_on(
            *max(found, key=lambda saved: saved[1].progress())
        )  # one of an epoch that is over may be left

    def _tidy(self) -> None:
        for leftover in self.folder.glob(".*.partial"):  # of a kill in the middle of a write
            leftover.unlink()

    def load_epoch_start(self) -> tuple[dict[str, Any], TrainState]:
        """Where the epoch began."""
        return self._go_on(*self._read(self.checkpoint))

    def _read(self, path: Path) -> tuple[dict[str, Any], TrainState, list[dict[str, float]]]:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        return saved["tensors"], TrainState(**saved["state"]), saved["history"]

    def _go_on(
        self, tensors: dict[str, Any], state: TrainState, history: list[dict[str, float]]
    ) -> tuple[dict[str, Any], TrainState]:
        self.record = replace(self.record, history=history, notes=list(state.notes))
        return tensors, state

    def save_best(self, model: Classifier) -> None:
        self.workspace.write(self.best_weights, save({n: t.contiguous().cpu() for n, t in model.state_dict().items()}))

    def load_best(self, model: Classifier) -> None:
        model.load_state_dict(load_file(self.best_weights), strict=True)

    def save_dynamics(self, dynamics: Dynamics) -> None:
        self.workspace.write(self.folder / DYNAMICS_FILE, dynamics.to_bytes())

    def add_epoch(self, row: dict[str, float]) -> None:
        self.add_epochs([row])

    def add_epochs(self, rows: list[dict[str, float]]) -> None:
        self.save(history=[*self.record.history, *rows])
        self.workspace.write(self.folder / "history.csv", pd.DataFrame(self.record.history).to_csv(index=False))

    def finish(self, model: Classifier, metrics: dict[str, float], timings: dict[str, float]) -> RunRecord:
        """The model, then the record, then the database; what was only for resuming goes last."""
        self.workspace.write(self.folder / "config.json", json.dumps(self.record.config, indent=1, ensure_ascii=False))
        save_model(model, self.folder)
        done = replace(self.record, status="finished", metrics=metrics, timings=timings)
        self.workspace.write(self.folder / "run.json", json.dumps(done.to_json(), indent=1, ensure_ascii=False))
        self.save(status="finished", metrics=metrics, timings=timings)
        self.checkpoint.unlink(missing_ok=True)
        self.within.unlink(missing_ok=True)
        self.best_weights.unlink(missing_ok=True)
        return self.record


def slim(workspace: Workspace, record: RunRecord, status: str) -> None:
    """Leave how a training went, and nothing that could be asked or gone on with: all that is large."""
    workspace.save_run(replace(record, status=status))
    for name in ("checkpoint.pt", "within.pt", "best.safetensors", "model.safetensors", DYNAMICS_FILE, "run.json"):
        (workspace.root / record.folder / name).unlink(missing_ok=True)


class UnwrittenRun(Run):
    """A run that this process does not write: another one does, or nobody, where only some steps are tried."""

    def save(self, **changes: Any) -> None:
        self.record = replace(self.record, **changes)

    def save_checkpoint(self, tensors: dict[str, Any], state: TrainState) -> None:
        """Left to the one that writes."""

    def save_best(self, model: Classifier) -> None:
        """Left to the one that writes."""

    def add_epochs(self, rows: list[dict[str, float]]) -> None:
        self.save(history=[*self.record.history, *rows])

    def _tidy(self) -> None:
        """Left to the one that writes."""
