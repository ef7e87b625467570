"""What `refine` found: what it tried, what each was worth, what is kept, and what it is worth together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from photobench.evaluation import Figure, Reliability
from photobench.records import ClassSpace, Predictions
from photobench.refine.decisions import Decision
from photobench.refine.options import Metric
from photobench.refine.temperature import Temperatures
from photobench.refine.told import PLAIN

VIEWS, TEMPERATURES, DECISION = "views", "temperatures", "decision"
"""The parts of a refinement, in the order in which they are applied."""


@dataclass(frozen=True)
class Chosen:
    """Views that are averaged, temperatures on their mean, and how the class is decided on from that."""

    views: tuple[str, ...]
    temperatures: Temperatures | None
    decision: Decision

    def probs(self, seen_NK: np.ndarray, space: ClassSpace) -> np.ndarray:
        """(N, K) from the mean of the views."""
        return self.temperatures.apply(seen_NK, space) if self.temperatures else seen_NK

    @property
    def changes_answers(self) -> bool:
        return self.views != (PLAIN,) or not self.decision.is_plain

    def to_json(self) -> dict[str, Any]:
        return {
            "views": list(self.views),
            "temperatures": self.temperatures.to_json() if self.temperatures else None,
            "decision": self.decision.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Chosen:
        heat = data["temperatures"]
        return cls(
            tuple(data["views"]), Temperatures.from_json(heat) if heat else None, Decision.from_json(data["decision"])
        )


@dataclass(frozen=True)
class Tried:
    """One refinement by itself: what it gains in the metric (temperatures: what they take off the log-loss), on photos that it was not
    fitted to; whether it is used, and why or why not."""

    part: str
    name: str
    gain: Figure
    used: bool
    why: str

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "gain": self.gain.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tried:
        return cls(**{**data, "gain": Figure.from_json(data["gain"])})


@dataclass(frozen=True)
class Refinement:
    """What is kept on top of `base`. `gain`, `after` and `loss_after` are of photos that nothing of it was chosen on, in turns."""

    base: str
    metric: Metric
    num_photos: int
    num_groups: int
    chosen: Chosen
    tried: tuple[Tried, ...]
    gain: Figure
    before: Reliability
    after: Reliability
    loss_before: float
    loss_after: float
    notes: tuple[str, ...] = ()
    looks: tuple[tuple[str, int], ...] = ()
    """How often a model looks at a photo for each view that was tried."""
    ms_per_look: float = float("nan")
    answers: str = ""
    """The fingerprint of what it says of the held-out photos, which lies beside it; of an older one it is not known."""

    @property
    def times(self) -> int:
        """As much time as the base takes, so many times."""
        return sum(number for name, number in self.looks if name in self.chosen.views) or 1

    def apply(self, seen: Predictions, name: str) -> Predictions:
        """From the base's predictions with the views of this."""
        good, joint_NK = seen.ok(), seen.joint_NK.copy()
        joint_NK[good] = self.chosen.probs(seen.joint_NK[good].astype(np.float64), seen.space)
        said = replace(seen, joint_NK=joint_NK, run=name)
        if self.chosen.decision.is_plain:
            return said
        decided_N = np.full(len(seen), -1, dtype=np.int64)
        decided_N[good] = self.chosen.decision.classes(joint_NK[good], seen.space)
        return replace(said, decided_N=decided_N)

    def to_json(self) -> dict[str, Any]:
        plain = {key: getattr(self, key) for key in _PLAIN_FIELDS}
        return {
            **plain,
            "chosen": self.chosen.to_json(),
            "tried": [one.to_json() for one in self.tried],
            "gain": self.gain.to_json(),
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "notes": list(self.notes),
            "looks": dict(self.looks),
            "answers": self.answers,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Refinement:
        return cls(
            **{key: data[key] for key in _PLAIN_FIELDS},
            chosen=Chosen.from_json(data["chosen"]),
            tried=tuple(map(Tried.from_json, data["tried"])),
            gain=Figure.from_json(data["gain"]),
            before=Reliability.from_json(data["before"]),
            after=Reliability.from_json(data["after"]),
            notes=tuple(data["notes"]),
            looks=tuple(data["looks"].items()),
            answers=data.get("answers", ""),
        )


_PLAIN_FIELDS = ("base", "metric", "num_photos", "num_groups", "loss_before", "loss_after", "ms_per_look")
