"""The one interface of all that is told how a training goes: terminal, live page, TensorBoard, MLflow, W&B."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photobench.learning import Standing
from photobench.records import RunRecord


@dataclass(frozen=True)
class Beginning:
    """What is known before the first step, of a fresh training or of one that is gone on with."""

    record: RunRecord
    folder: Path  # of the run
    workspace: Path
    standing: Standing
    told: int = 0  # epochs that this watcher was told before


class Watcher(ABC):
    """Is told how a training goes. It may fail: it is then told no more, and the training goes on.

    Nothing here may draw from torch's or numpy's global random state: a training that is watched is the same training.
    """

    @abstractmethod
    def begin(self, beginning: Beginning, kept: str) -> str:
        """Before the first step. `kept`: what this returned when the training was begun, empty for a fresh one.

        Returns:
            What a resumed training needs to go on with the same record elsewhere, such as an id.
        """

    def step(self, standing: Standing) -> None:  # noqa: B027 (whom it does not concern leaves it out)
        """After every step: at once, or only now and then."""

    @abstractmethod
    def epoch(self, row: dict[str, float], standing: Standing) -> None:
        """After every epoch: its row of the history. Of a resumed training, also the rows that were not told before a kill."""

    def picture(self, name: str, pixels_HWC: np.ndarray, epoch: int) -> None:  # noqa: B027 (whom it does not concern leaves it out)
        """A picture (H, W, 3) uint8 after an epoch."""

    def end(self, status: str) -> None:  # noqa: B027 (whom it does not concern leaves it out)
        """The training is over: RunRecord.status, "running" where it was cut off in the middle of a step."""
