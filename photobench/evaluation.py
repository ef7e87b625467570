"""The record of an evaluation: figures and their intervals, of the joint class and of each attribute.

NaN is null in JSON.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

METRIC_NAMES = ("accuracy", "macro_f1", "macro_precision", "macro_recall", "auc")
CLASS_NAMES = ("precision", "recall", "f1", "auc")
"""The figures of each class, in the order of a row."""

NAN = float("nan")


@dataclass(frozen=True)
class Figure:
    """A number and the interval it lies in; NaN where undefined or not known."""

    value: float
    low: float = NAN
    high: float = NAN

    @property
    def is_known(self) -> bool:
        """There is an interval."""
        return self.low <= self.high

    def interval(self, between: str = " to ", sign: str = "") -> str:
        """`0.701 to 0.781`, or with a sign `+0.010 to +0.052`; empty where there is none."""
        return f"{self.low:{sign}.3f}{between}{self.high:{sign}.3f}" if self.is_known else ""

    def text(self, between: str = " to ", sign: str = "") -> str:
        """`0.742 (0.701 to 0.781)`, without the interval where there is none; `–` where nothing is known."""
        if math.isnan(self.value):
            return "–"
        return f"{self.value:{sign}.3f}" + (f" ({self.interval(between, sign)})" if self.is_known else "")

    def extent(self) -> str:
        """The interval of a difference whose side is told in words: `0.010 to 0.052`, its nearer end first."""
        near, far = sorted((abs(self.low), abs(self.high)))
        return f"{near:.3f} to {far:.3f}"

    def to_json(self) -> dict[str, float | None]:
        return {"value": _null(self.value), "low": _null(self.low), "high": _null(self.high)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Figure:
        return cls(*(NAN if data[key] is None else float(data[key]) for key in ("value", "low", "high")))


@dataclass(frozen=True)
class ClassFigures:
    """One class: how many photos it has, and how well it is told."""

    name: str
    support: int
    precision: Figure
    recall: Figure
    f1: Figure
    auc: Figure

    def to_json(self) -> dict[str, Any]:
        figures = {key: getattr(self, key).to_json() for key in CLASS_NAMES}
        return {"name": self.name, "support": self.support, **figures}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClassFigures:
        figures = {key: Figure.from_json(data[key]) for key in CLASS_NAMES}
        return cls(str(data["name"]), int(data["support"]), **figures)


@dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence: how many, the mean of it, the share of them that is right, and the interval of that."""

    photos: int
    promised: float
    right: float
    low: float
    high: float


@dataclass(frozen=True)
class Reliability:
    """Whether the confidence of answers is the share of them that is right: the calibration error, lower is better, and its bins."""

    ece: Figure
    bins: tuple[Bin, ...]

    def to_json(self) -> dict[str, Any]:
        return {"ece": self.ece.to_json(), "bins": [asdict(one) for one in self.bins]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reliability:
        return cls(Figure.from_json(data["ece"]), tuple(Bin(**one) for one in data["bins"]))


@dataclass(frozen=True)
class Scores:
    """One thing that was told from the photos: the joint class, or an attribute."""

    names: list[str]
    metrics: dict[str, Figure]  # by METRIC_NAMES
    per_class: list[ClassFigures]
    confusion: np.ndarray  # (K, K) photos by truth (rows) and prediction (columns)
    reliability: Reliability | None = None  # of an evaluation that was kept before there was such a thing

    def to_json(self) -> dict[str, Any]:
        return {
            "names": list(self.names),
            "metrics": {name: figure.to_json() for name, figure in self.metrics.items()},
            "per_class": [row.to_json() for row in self.per_class],
            "confusion": self.confusion.tolist(),
            "reliability": self.reliability.to_json() if self.reliability else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Scores:
        return cls(
            names=list(data["names"]),
            metrics={name: Figure.from_json(figure) for name, figure in data["metrics"].items()},
            per_class=[ClassFigures.from_json(row) for row in data["per_class"]],
            confusion=np.array(data["confusion"], dtype=np.int64),
            reliability=Reliability.from_json(data["reliability"]) if data.get("reliability") else None,
        )


@dataclass(frozen=True)
class Evaluation:
    """How good a run is on a split. `num_left_out` photos are unreadable or lack a label."""

    run: str
    split: str
    num_photos: int
    num_groups: int
    num_left_out: int
    has_groups: bool
    joint: Scores
    attributes: dict[str, Scores]

    def to_json(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "split": self.split,
            "num_photos": self.num_photos,
            "num_groups": self.num_groups,
            "num_left_out": self.num_left_out,
            "has_groups": self.has_groups,
            "joint": self.joint.to_json(),
            "attributes": {name: scores.to_json() for name, scores in self.attributes.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Evaluation:
        scores = {name: Scores.from_json(one) for name, one in data["attributes"].items()}
        plain = {key: data[key] for key in ("run", "split", "num_photos", "num_groups", "num_left_out", "has_groups")}
        return cls(joint=Scores.from_json(data["joint"]), attributes=scores, **plain)


def _null(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
