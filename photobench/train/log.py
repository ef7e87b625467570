"""What a training tells while it runs. Every watcher is told the same; one that fails is told no more, and the training goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from photobench.learning import Jury, Standing, Verdict
from photobench.progress import say
from photobench.train.examples import Examples
from photobench.train.run import Run, TrainState
from photobench.train.watchers import Beginning, Watcher
from photobench.train.watchers.terminal import live_words


class TrainingLog:
    """Tells the watchers, and keeps in `watchers.json` how much each was told, so that a resumed training leaves no gap."""

    verdict = Verdict.GO_ON
    """Of the jury, where there is one, after the last epoch."""

    def __init__(
        self,
        run: Run,
        watchers: Mapping[str, Watcher],
        examples: Examples,
        metric: str,
        epochs: int,
        jury: Jury | None = None,
    ):
        self._run, self._watchers, self._examples = run, dict(watchers), examples
        self._metric, self._epochs, self._jury = metric, epochs, jury
        self._file = run.folder / "watchers.json"
        self._kept: dict[str, dict[str, Any]] = {}
        self._probs_NK = np.zeros((0, 0))

    def begin(self, state: TrainState, num_photos: int, num_batches: int) -> None:
        """Before the first step, of a fresh training or of one that is gone on with."""
        self._num_photos, self._num_batches = num_photos, num_batches
        if state.epoch or state.batch:
            self._kept = json.loads(self._file.read_text()) if self._file.exists() else {}
        self._examples.begin(state.epoch)
        self._standing = self._where(state)
        beginning = Beginning(self._run.record, self._run.folder, self._run.workspace.root, self._standing)
        for name in tuple(self._watchers):
            self._tell(name, lambda watcher, name=name: self._begin(name, watcher, beginning))  # type: ignore[misc]
        self._keep()
        for row in self._standing.history:
            self._judge(row)

    def step(self, state: TrainState, loss: float | None) -> str:
        """After every step; `loss` is the mean of the epoch so far, None where it is not known. Returns the words for the live line."""
        self._standing = replace(self._where(state), loss=loss)
        self._tell_all(lambda watcher: watcher.step(self._standing))
        return live_words(self._standing)

    def predicted(self, joint_NK: np.ndarray) -> None:
        """What the model says of the validation photos, just before its epoch ends."""
        self._probs_NK = joint_NK

    def epoch(self, row: dict[str, float], state: TrainState) -> None:
        """An epoch is whole and saved: its row of the history."""
        self._standing, number = self._where(state), int(row["epoch"])
        self._examples.hear(number, self._probs_NK)
        pixels = self._examples.picture(number)
        self._tell_all(lambda watcher: _tell_epoch(watcher, row, self._standing, pixels))
        for name in self._watchers:
            self._kept[name]["epoch"] = number
        self._keep()
        self._judge(row)

    def end(self, status: str) -> None:
        self._tell_all(lambda watcher: watcher.end(status))

    def _begin(self, name: str, watcher: Watcher, beginning: Beginning) -> None:
        kept = self._kept.get(name, {"id": "", "epoch": 0})
        self._kept[name] = {**kept, "id": watcher.begin(replace(beginning, told=kept["epoch"]), kept["id"])}
        for row in beginning.standing.history:
            if row["epoch"] > kept["epoch"]:  # killed between saving and telling, or told of this training only now
                _tell_epoch(watcher, row, beginning.standing, self._examples.picture(int(row["epoch"])))

    def _judge(self, row: dict[str, float]) -> None:
        if self._jury:
            self.verdict = self._jury(int(row["epoch"]), row[self._metric])

    def _tell_all(self, tell: Callable[[Watcher], None]) -> None:
        for name in tuple(self._watchers):
            self._tell(name, tell)

    def _tell(self, name: str, tell: Callable[[Watcher], None]) -> None:
        try:
            tell(self._watchers[name])
        except Exception as error:
            del self._watchers[name]
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            say(f"log: {name} failed and is told no more; the training goes on. The reason: {reason}")

    def _keep(self) -> None:
        self._run.workspace.write(self._file, json.dumps(self._kept))

    def _where(self, state: TrainState) -> Standing:
        history = self._run.record.history
        has_best = state.best_epoch >= 0 and not self._run.record.keeps_last
        share = state.batch / self._num_batches
        done = (state.epoch + share) / self._epochs
        last = history[-1] if history else {}
        seen = min(share, 1.0) * self._num_photos
        return Standing(
            epoch=state.epoch, epochs=self._epochs, share=share, metric=self._metric, history=history,
            loss=state.loss_sum / state.batch if state.batch else last.get("train_loss"),
            best=state.best if has_best else None, best_epoch=state.best_epoch + 1 if has_best else 0,
            images_per_s=seen / state.seconds if state.seconds else last.get("images_per_s"),
            left_s=state.total_s * (1 - done) / done if done else None, keeps_last=self._run.record.keeps_last,
        )  # fmt: skip


class SilentLog(TrainingLog):
    """Of a process that leaves the telling to another."""

    def __init__(self) -> None:
        """There is nobody to tell."""

    def begin(self, state: TrainState, num_photos: int, num_batches: int) -> None:
        """Nobody is told."""

    def step(self, state: TrainState, loss: float | None) -> str:
        """No words."""
        return ""

    def predicted(self, joint_NK: np.ndarray) -> None:
        """Nobody is told."""

    def epoch(self, row: dict[str, float], state: TrainState) -> None:
        """Nobody is told."""

    def end(self, status: str) -> None:
        """Nobody is told."""


def _tell_epoch(watcher: Watcher, row: dict[str, float], standing: Standing, pixels_HWC: np.ndarray | None) -> None:
    watcher.epoch(row, standing)
    if pixels_HWC is not None:
        watcher.picture("examples", pixels_HWC, int(row["epoch"]))
