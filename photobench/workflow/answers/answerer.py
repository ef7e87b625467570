"""What everyone who answers can do: a run, or several trained models put together, under one name.

What is told of photos, how good that is, what is submitted, compared and reported need not know which of them it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from photobench.evaluation import Evaluation
from photobench.records import Predictions, RunRecord
from photobench.workflow.models.held_out import HeldOut


@dataclass(frozen=True)
class EachModel:
    """What each model of an answerer says of photos that none of them learned from. No label of theirs is looked at.

    `together`: so many models tell a held-out photo; a new photo is told by all.
    """

    said: Sequence[Predictions]
    together: int


class Answerer(Protocol):
    """Someone who can be asked about photos."""

    @property
    def name(self) -> str:
        """By which it is found, and after which its files are named."""

    @property
    def runs(self) -> Sequence[RunRecord]:
        """The trainings behind it, the first of which says how photos are read."""

    @property
    def about(self) -> str:
        """What it is, and why its answers to held-out photos are honest, in sentences; empty of a run, whose name says it."""

    def ms_per_photo(self) -> float:
        """Milliseconds in its models for a photo that is decoded already, measured once on this device; NaN where that is not known."""

    def held_out(self) -> HeldOut:
        """Of photos whose labels are known and that it did not learn from: what may be chosen on."""

    def evaluations(self) -> dict[str, Evaluation]:
        """How good that is, and how good it is on the test photos, where there are some; by the name of the split."""

    def predict(self, paths: Sequence[str | Path] = ()) -> Predictions:
        """Of photos, folders of photos or tables of paths; of the evaluation set where nothing is named."""

    def test(self) -> HeldOut | None:
        """Of the test photos, where there are some: nothing is chosen on them."""

    def each_model(self) -> EachModel | None:
        """Where a new photo is told by more models than a held-out one, how far they are apart; None where that cannot be known, too."""

    def with_views(self, views: tuple[str, ...]) -> Answerer | None:
        """The same, whose answer is the mean over these views of each photo; None of one that cannot be asked so."""


Find = Callable[[str], Answerer]
"""By its whole name. Raises Gone where there is none. Those that are made of others find them by it."""
