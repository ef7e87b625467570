"""A trial of a search as the rest of the program sees it, and what is said to a training that is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

FINISHED, GIVEN_UP, RUNNING, IMPOSSIBLE = "finished", "given up", "running", "impossible"


@dataclass(frozen=True)
class Trial:
    """One set of values, and what came of it. `score` is that of its best epoch, or of its last one where it was given up."""

    number: int
    status: str  # finished | given up | running | impossible
    values: Mapping[str, Any]  # by the key of the option; of the default, those of the project
    score: float | None = None
    is_default: bool = False
    epochs: int = 0
    seconds: float = 0.0
    run: str = ""  # its name in `place`
    place: str = ""  # the machine and the workspace in which it was trained
    why: str = ""  # why it is impossible
    history: Mapping[int, float] = field(default_factory=dict)  # epoch → metric
    answers: str = ""  # what it says of the validation photos, `packed`; empty where it did not finish

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from the project; nothing of the default."""
        return {} if self.is_default else dict(self.values)


def ranking(trials: Sequence[Trial]) -> list[Trial]:
    """The finished ones, the best first; of equals the earlier."""
    finished = [t for t in trials if t.status == FINISHED and t.score is not None]
    return sorted(finished, key=lambda t: (-(t.score or 0.0), t.number))


def rank_of_default(trials: Sequence[Trial]) -> int | None:
    """1 where no finished trial is better than the default; None while it is not finished."""
    default = next((t for t in ranking(trials) if t.is_default), None)
    return None if default is None else 1 + sum((t.score or 0) > (default.score or 0) for t in ranking(trials))


def trials_frame(trials: Sequence[Trial]) -> pd.DataFrame:
    """A row per trial: number, status, score, rank among the finished, epochs, seconds, run, and a column per option of the space."""
    place = {t.number: rank for rank, t in enumerate(ranking(trials), 1)}
    rows = [
        {
            "trial": t.number,
            "status": t.status,
            "score": t.score,
            "rank": place.get(t.number),
            "epochs": t.epochs,
            "seconds": round(t.seconds, 1),
            "run": t.run,
            **t.values,
            "why": t.why,
        }
        for t in trials
    ]
    return pd.DataFrame(rows).astype({"rank": "Int64"}) if rows else pd.DataFrame()
