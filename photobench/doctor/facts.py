"""What was measured, as plain data. Times are in seconds, rates in photos per second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

LOADER_PARTS = {
    "read": "a photo out of the pack",
    "augment": "augment.preset",
    "collate": "the batch put together, augment.mix",
}
MODEL_PARTS = {
    "transfer": "the batch to the device",
    "apply": "what the loader leaves to the device: augment.preset, augment.mix",
    "forward": "the model's answer",
    "backward": "the loss and its gradients",
    "step": "the optimiser",
}


@dataclass(frozen=True)
class Machine:
    """Where it was measured."""

    device: str
    cores: int
    load: float | None
    """Processes that wanted a core in the last minute, before the measuring began; None where the system does not say."""


@dataclass(frozen=True)
class Setting:
    """What can be set without another model or other photos."""

    workers: int
    precision: str
    batch_size: int
    threads: int


@dataclass(frozen=True)
class Pace:
    """How fast an epoch goes: until its first batch is there, and from then on."""

    start_s: float
    rate: float

    def epoch_s(self, num_photos: int) -> float:
        return self.start_s + num_photos / self.rate


@dataclass(frozen=True)
class Trial:
    """A setting tried against the one before it, in turns: `ratios` says, for each round, how many times as fast it was."""

    option: str  # "train.workers"; "threads" is no option of the project
    old: Any
    new: Any
    ratios: tuple[float, ...]
    learns_the_same: bool = True
    """Else the choice is the person's."""

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def can_be_written(self) -> bool:
        """Into the project file, without a change of what is learned."""
        return self.learns_the_same and self.option != "threads"


@dataclass(frozen=True)
class Work:
    """What a run of the project has to do."""

    num_train: int
    num_valid: int
    epochs: int
    num_to_decode: int
    """Photos that are not in a pack yet."""


@dataclass(frozen=True)
class Case:
    """What is known before a training is measured."""

    machine: Machine
    model: str  # in words: "resnet18 at 224 px"
    preset: str  # of the augmentation
    stored_px: int
    """Side of the squares of the pack."""
    needed_px: int
    """Side at which nothing is resampled twice."""
    batch_size: int
    decode: float
    """Photos per second, from their files to the squares of the pack, in all threads."""
    work: Work


@dataclass(frozen=True)
class Measured:
    """Everything that the doctor has measured."""

    case: Case
    setting: Setting
    """As it was measured: with less threads than the machine's where they starve, with smaller batches where a step takes long."""
    parts: Mapping[str, float]
    """Seconds per photo of LOADER_PARTS and MODEL_PARTS, each alone; `apply` only where something is left to the device."""
    loader: float
    """Photos per second from the training's loader where nobody computes meanwhile."""
    training: Pace
    """Loader and model together."""
    trials: tuple[Trial, ...] = ()
    untried: tuple[str, ...] = ()
    too_large: tuple[str, ...] = ()  # for the memory here
    """Settings for which the time was too short."""

    @property
    def loader_parts(self) -> dict[str, float]:
        return {name: self.parts[name] for name in LOADER_PARTS}

    @property
    def model_parts(self) -> dict[str, float]:
        return {name: self.parts[name] for name in MODEL_PARTS if name in self.parts}

    @property
    def model_rate(self) -> float:
        """Photos per second of the model where batches are there already."""
        return 1 / sum(self.model_parts.values())
