"""What stands today: events that were not taken back, added up for each submission; and which of them may follow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from photobench.errors import LedgerError
from photobench.ledger.days import day_of
from photobench.ledger.options import LedgerOptions
from photobench.records import LedgerEvent, Submission


@dataclass(frozen=True)
class Entry:
    """A submission and what stands of what happened to it, the oldest first."""

    submission: Submission
    events: tuple[LedgerEvent, ...] = ()

    @property
    def number(self) -> int:
        return self.submission.number

    @property
    def name(self) -> str:
        """`"3 (002-resnet18)"`."""
        return f"{self.number} ({self.submission.answerer or self.submission.file})"

    @property
    def sent(self) -> datetime | None:
        """In the time of this machine, wherever it was sent."""
        return datetime.fromisoformat(self.events[0].at).astimezone() if self.events else None

    @property
    def score(self) -> float | None:
        return next((event.score for event in self.events if event.score is not None), None)

    @property
    def expected(self) -> float | None:
        return None if math.isnan(self.submission.expected) else self.submission.expected

    @property
    def is_paired(self) -> bool:
        """Both what was expected and what came are known."""
        return self.score is not None and self.expected is not None


def standing(submissions: Sequence[Submission], events: Sequence[LedgerEvent]) -> list[Entry]:
    """Every submission with the events that were not taken back."""
    gone = {event.undoes for event in events}
    left = [event for event in events if event.kind != "undone" and event.number not in gone]
    return [Entry(one, tuple(e for e in left if e.submission == one.number)) for one in submissions]


def sent_on(entries: Sequence[Entry], day: date, options: LedgerOptions) -> int:
    """How many were sent on a day of the competition."""
    return sum(entry.sent is not None and day_of(entry.sent, options) == day for entry in entries)


def nth_of_day(entries: Sequence[Entry], entry: Entry, options: LedgerOptions) -> int:
    """Whether a sent submission was the first, the second, … of its day that was written down."""
    assert entry.sent is not None
    day, own = day_of(entry.sent, options), entry.events[0].number
    earlier = [one for one in entries if one.sent is not None and one.events[0].number <= own]
    return sent_on(earlier, day, options)


def check_score(score: float) -> None:
    """Raises LedgerError where a score cannot be one of a leaderboard whose metric lies in [0, 1]."""
    if 0 <= score <= 1:
        return
    hint = f" As a share, {score:g} % is {score / 100:g}." if 1 < score <= 100 else ""
    raise LedgerError(f"A score of {score:g} is not between 0 and 1.{hint} Nothing was recorded.")


def numbered(entries: Sequence[Entry], number: int) -> Entry:
    """Raises LedgerError where there is no such submission."""
    for entry in entries:
        if entry.number == number:
            return entry
    there = f" There are 1 to {entries[-1].number}." if entries else " There is none yet: photobench submit"
    raise LedgerError(f"There is no submission {number}.{there} See: photobench submit status")


NONE = "No submission was made yet. Make one"


def to_score(entries: Sequence[Entry]) -> Entry:
    """The one whose score is meant where none is named: the only one that was sent and waits for it, or the only one without.

    Raises:
        LedgerError: there is none, or several could be meant.
    """
    open_ = [entry for entry in entries if entry.score is None]
    waiting = [entry for entry in open_ if entry.sent is not None]
    return _only(waiting or open_, "score", "Every submission has its score. Make another" if entries else NONE)


def to_send(entries: Sequence[Entry]) -> Entry:
    """The only one that was not sent.

    Raises:
        LedgerError: there is none, or several could be meant.
    """
    unsent = [entry for entry in entries if entry.sent is None]
    return _only(unsent, "sending", "Every submission was sent. Make another" if entries else NONE)


def _only(found: Sequence[Entry], what: str, none: str) -> Entry:
    if not found:
        raise LedgerError(f"{none} with: photobench submit")
    if len(found) > 1:
        names = ", ".join(entry.name for entry in found[-5:])
        more = f", and {len(found) - 5} older" if len(found) > 5 else ""
        raise LedgerError(f"{len(found)} submissions wait for their {what}: {names}{more}. Say which, with --number.")
    return found[0]


def check_unsent(entry: Entry) -> None:
    """Raises LedgerError where the same answers were sent already: the leaderboard would say the same again."""
    if entry.sent is not None:
        score = f", and its score is {entry.score:.4f}" if entry.score is not None else ""
        raise LedgerError(
            f"Submission {entry.name} was sent on {entry.sent:%Y-%m-%d at %H:%M}{score}: the same answers again would teach nothing. "
            f"If it was not sent: photobench submit undo {entry.number}"
        )


def check_unscored(entry: Entry) -> None:
    """Raises LedgerError where it has a score."""
    if entry.score is not None:
        last = entry.events[-1]
        raise LedgerError(
            f"Submission {entry.name} has its score, {entry.score:.4f}, recorded on {last.when[:10]} by {last.who}. If that is wrong: "
            f"photobench submit undo {entry.number}, then record it again."
        )


def last_event(entry: Entry) -> LedgerEvent:
    """What an undo takes back. Raises LedgerError where nothing stands."""
    if not entry.events:
        raise LedgerError(
            f"Nothing stands of submission {entry.name} that could be taken back: it was made and not sent."
        )
    return entry.events[-1]
