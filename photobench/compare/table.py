"""Runs beside each other: a line for each, and only those options in which they differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from photobench.config import flat, shown
from photobench.evaluation import NAN, Figure

SILENT = ("evaluate.", "submit.", "audit.", "recipe", "split.fold", "split.repeat", "pack.workers", "train.workers",
          "train.checkpoint_s", "train.log")  # fmt: skip
"""Options, or their beginnings, that say nothing of how a run was trained, or that its line shows in another way."""

UNKNOWN = Figure(NAN)


@dataclass(frozen=True)
class RunLine:
    """A run, or several put together under one name, as a table shows it.

    `status` is empty where it is finished; `on` are the photos behind the scores, and `within` the set of which a run is a fold.
    """

    name: str
    kind: str
    status: str
    begun: str
    on: str = ""
    num_photos: int = 0
    macro_f1: Figure = UNKNOWN
    accuracy: Figure = UNKNOWN
    seconds: float = NAN
    size_bytes: int = 0
    epochs: int = 0
    within: str = ""
    tags: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


def what_differs(configs: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """For each of several resolved options `"train.lr = 0.001"`, where most of the others have another value.

    An option that one of them does not know yet does not differ there. Of values that are equally frequent the first is the usual one.
    """
    told = [{k: v for k, v in _chosen(config).items() if not k.startswith(SILENT)} for config in configs]
    usual: dict[str, str] = {}
    for key in dict.fromkeys(key for one in told for key in one):
        counts = Counter(_exact(one[key]) for one in told if key in one)
        usual[key] = counts.most_common(1)[0][0]
    return [[f"{key} = {shown(value)}" for key, value in one.items() if _exact(value) != usual[key]] for one in told]


def unlike(config: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """`"train.lr = 0.001"` for each option that has another value in the other one."""
    mine, theirs = _chosen(config), _chosen(other)
    return [f"{key} = {shown(value)}" for key, value in mine.items() if value != theirs.get(key, value)]


def highest(lines: Sequence[RunLine]) -> RunLine | None:
    """The one with the highest macro-F1; None with fewer than two to choose from."""
    scored = [line for line in lines if line.macro_f1.value == line.macro_f1.value]
    return max(scored, key=lambda line: line.macro_f1.value) if len(scored) > 1 else None


def _chosen(config: Mapping[str, Any]) -> dict[str, Any]:
    """Its options, flat; where `train.keep` is what "auto" stands for in this run it is "auto", for nobody chose it."""
    found = flat(config)
    if found.get("train.keep") == ("last" if found.get("split.folds") else "best"):
        found["train.keep"] = "auto"
    return found


def _exact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
