"""What was made for a leaderboard, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

NAN = float("nan")


@dataclass(frozen=True)
class Submission:
    """A file that was made to be sent, and what was expected of it. Never changed: what happens to it are events."""

    number: int  # 1, 2, … in the order in which they were entered
    file: str  # its name
    answerer: str  # who answers in it, by name; empty for a file made elsewhere
    kind: str  # of the answerer, such as "runs"
    sha256: str  # of its bytes
    answers: str  # a hash of its cells: the same for files that say the same
    made: str  # ISO 8601 with the offset to UTC
    who: str
    metric: str = ""
    expected: float = NAN  # of the metric, on photos that were not learned from
    low: float = NAN
    high: float = NAN
    measured_on: str = ""  # the split of these photos
    num_photos: int = 0  # so many
    configs: dict[str, Any] = field(default_factory=dict)  # the resolved options of each run behind it, by its name


@dataclass(frozen=True)
class LedgerEvent:
    """Something that happened to a submission. Rows are only ever added: a mistake is taken back by a later one."""

    number: int
    submission: int
    kind: Literal["sent", "scored", "undone"]  # scored says that it was sent, too
    at: str  # when it was sent, ISO 8601 with the offset to UTC
    who: str
    when: str  # when this was written down
    score: float | None = None
    undoes: int | None = None  # the number of another event
