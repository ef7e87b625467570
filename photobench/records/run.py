"""A training, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class RunRecord:
    """One training: what it was given, and what came of it. The live handle that writes it is `train.run.Run`."""

    name: str
    status: str  # running | finished | interrupted | failed; of trials also pruned (given up early) | tried (weights not kept)
    created: str  # ISO 8601 with the offset to UTC
    fingerprint: str  # of everything that decides the result: data, options, seed
    config: dict[str, Any]
    seed: int
    dataset: str  # Manifest.fingerprint()
    folder: str  # relative to the workspace
    metrics: dict[str, float] = field(default_factory=dict)  # of the epoch that was kept, on `valid`
    history: list[dict[str, float]] = field(default_factory=list)  # a row per epoch
    timings: dict[str, float] = field(default_factory=dict)  # seconds
    environment: dict[str, str] = field(default_factory=dict)  # versions, device, precision
    purpose: str = ""  # "audit": trained for that alone, and never the run that is meant where none is named
    notes: list[str] = field(default_factory=list)  # what was done in training to go on, such as a lower learning rate

    @property
    def keeps_last(self) -> bool:
        """Whether the last epoch is kept, whatever the validation photos say. Runs of before there was the option kept the best."""
        return self.config.get("train", {}).get("keep") == "last"

    @property
    def chose_epoch(self) -> bool:
        """Whether the validation photos chose among its epochs, so that what it reaches on them is a little too good."""
        return not self.keeps_last and len(self.history) != 1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RunRecord:
        return cls(**data)
