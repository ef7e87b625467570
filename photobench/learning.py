"""What is known of a training while it runs: where it stands, and what it says of a few photos. Records, like those in `records`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

EXAMPLES_FILE = "examples.json"


@dataclass(frozen=True)
class Standing:
    """Where a training is. What is not known before the first epoch has ended is None.

    There is no best epoch, and its number is 0, where the last one is kept. Then all epochs are gone through; else it may stop early."""

    epoch: int  # epochs that are whole
    epochs: int  # in all, or at the most
    share: float  # of the next one
    loss: float | None  # mean over the steps of the epoch in hand so far, or of the last one
    metric: str  # what selects the best epoch
    best: float | None
    best_epoch: int
    images_per_s: float | None
    left_s: float | None  # to the end of all epochs
    history: list[dict[str, float]]  # a row per whole epoch
    keeps_last: bool = False


class Verdict(Enum):
    """What becomes of a training after an epoch."""

    GO_ON = "go on"
    GIVE_UP = "give up"  # it is worth no more
    PAUSE = "pause"  # the next call goes on from there


Jury = Callable[[int, float], Verdict]
"""Hears the number of each epoch, from 1 on, and what the metric was after it."""


@dataclass(frozen=True)
class Guess:
    """What was said of a photo after an epoch: the most probable joint class."""

    label: int
    probability: float


@dataclass(frozen=True)
class ExamplePredictions:
    """What a training said of the same few validation photos after its epochs: `examples.json` of a run."""

    paths: list[str]  # in the manifest
    truth: list[int]  # joint class of each
    epochs: dict[int, list[Guess]]  # a guess per photo

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, folder: Path) -> ExamplePredictions | None:
        """Those of a run's folder; None where it has none."""
        path = folder / EXAMPLES_FILE
        if not path.exists():
            return None
        data = json.loads(path.read_text(encoding="utf-8"))
        epochs = {int(epoch): [Guess(**guess) for guess in guesses] for epoch, guesses in data["epochs"].items()}
        return cls(data["paths"], data["truth"], epochs)
