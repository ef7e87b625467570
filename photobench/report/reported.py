"""Who a report is about: a run, or several trained models that answer under one name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from photobench.evaluation import NAN
from photobench.records import RunRecord


@dataclass(frozen=True)
class Reported:
    """A name, the trainings behind it, what it is in sentences (of a run nothing), the milliseconds in its models for a photo, and whether
    views, temperatures and rules can be put on top of it."""

    name: str
    trainings: Sequence[RunRecord]
    about: str = ""
    ms_per_photo: float = NAN
    can_be_refined: bool = False

    @property
    def first(self) -> RunRecord:
        return self.trainings[0]

    @property
    def is_one_training(self) -> bool:
        return len(self.trainings) == 1
