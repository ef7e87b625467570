"""The records of a search for slices, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from photobench.evaluation import Figure
from photobench.words import percent


@dataclass(frozen=True)
class Slice:
    """A kind of photos of which more are answered wrongly than of the others.

    Attributes:
        words: what they are, after "Photos that".
        error: share of them that is wrong; `error_elsewhere` of all others.
        macro_f1, accuracy: what is lost: how much higher the figure would be if they were answered as well as the others. Their
            intervals hold for all slices that were looked at together.
        chance: the probability that chance alone shows any as clear among all that were looked at.
        mostly: the label that is wrong most often in them, and how often; empty of a single label.
        paths: those that are wrong, the surest answers first.
    """

    words: str
    num_photos: int
    num_wrong: int
    error: float
    error_elsewhere: float
    macro_f1: Figure
    accuracy: Figure
    chance: float
    mostly: str
    paths: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """How many are wrong, against how many elsewhere, and what that costs."""
        mostly = f", mostly {self.mostly}" if self.mostly else ""
        return (
            f"Photos that {self.words}: {self.num_wrong:,} of {self.num_photos:,} are wrong ({percent(self.error)}{mostly}), "
            f"against {percent(self.error_elsewhere)} of the others. {self.cost}"
        )

    @property
    def cost(self) -> str:
        """What is lost by it, in macro-F1 and in accuracy."""
        span = f" ({self.macro_f1.interval()})" if self.macro_f1.is_known else ""
        points = f"{100 * self.accuracy.value:.1f} points of accuracy"
        return (
            f"Answered as well as the others, they would be worth {self.macro_f1.value:+.3f} macro-F1{span}, {points}."
        )


@dataclass(frozen=True)
class Slices:
    """The slices beyond chance, the most costly first, and how many were looked at. `why_not`: why none could be looked for."""

    found: tuple[Slice, ...]
    num_looked: int
    num_photos: int
    num_wrong: int
    num_groups: int
    has_groups: bool
    confidence: float
    run: str
    split: str
    why_not: str = ""

    @property
    def heading(self) -> str:
        """On what it was looked."""
        who = f" in {self.num_groups:,} groups" if self.has_groups else ""
        return (
            f'{self.run} on "{self.split}": {self.num_wrong:,} of {self.num_photos:,} photos{who} are answered wrongly.'
        )

    @property
    def verdict(self) -> str:
        """Whether it fails somewhere, and how sure that is."""
        looked = f"Of {self.num_looked:,} kinds of photos that were looked at (labels, light, sharpness, size, cut, origin, and pairs of them)"
        if self.why_not:
            return self.why_not
        if not self.found:
            return f"{looked}, none is worse than the others beyond what chance explains. That does not say that there is none."
        number = len(self.found)
        alarm = f"where nothing is worse, chance alone would name one in {percent(1 - self.confidence)} of the cases"
        is_are = "one is" if number == 1 else f"{number} are"
        return f"{looked}, {is_are} worse than the others beyond what chance explains; {alarm}."

    def __str__(self) -> str:
        lines = [f"{n}. {one.sentence}" for n, one in enumerate(self.found, 1)]
        return "\n".join([self.heading, self.verdict, *lines])

    def to_frame(self) -> pd.DataFrame:
        """A row per slice, the most costly first."""
        return pd.DataFrame([_row(one) for one in self.found], columns=list(_COLUMNS))


_COLUMNS = (
    "photos that", "photos", "wrong", "error", "error_elsewhere", "macro_f1_lost", "macro_f1_low", "macro_f1_high",
    "accuracy_lost", "accuracy_low", "accuracy_high", "chance",
)  # fmt: skip


def _row(one: Slice) -> dict[str, Any]:
    f1, accuracy = one.macro_f1, one.accuracy
    values = (
        one.words, one.num_photos, one.num_wrong, one.error, one.error_elsewhere, f1.value, f1.low, f1.high,
        accuracy.value, accuracy.low, accuracy.high, one.chance,
    )  # fmt: skip
    return dict(zip(_COLUMNS, values, strict=True))
