"""What happens to a submission: sent, scored, taken back; and the list of all of them.

Whatever is written is checked while the ledger is held, so that several people who write at once cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from photobench.errors import DatabaseError, LedgerError
from photobench.ledger import words
from photobench.ledger.days import read_moment
from photobench.ledger.standing import (
    Entry,
    check_score,
    check_unscored,
    check_unsent,
    last_event,
    nth_of_day,
    numbered,
    standing,
    to_score,
    to_send,
)
from photobench.ledger.table import ledger_frame
from photobench.progress import say
from photobench.records import LedgerEvent
from photobench.workflow.bench import Bench
from photobench.workflow.contest.entering import bench_ledger, enter
from photobench.workflow.contest.handing_in import check_submission
from photobench.workflow.contest.leaderboard import draw_leaderboard
from photobench.workflow.contest.sharing import with_note
from photobench.workflow.contest.uploading import check_uploader, upload
from photobench.workflow.models.asking import write_table
from photobench.workflow.models.chosen import chosen_options
from photobench.workflow.signing import who
from photobench.workspace import Ledger, disk_errors, now, write_atomic

Pick = Callable[[Sequence[Entry]], Entry]
"""Which submission is meant."""


def record_score(
    bench: Bench,
    score: float,
    number: int | None = None,
    file: Path | None = None,
    at: str | datetime | None = None,
) -> str:
    """Write down what the leaderboard says of a submission; one that was not sent yet was sent now, or `at`.

    Args:
        number: of the submission; the only one that waits for a score where neither it nor a file is named.
        file: one that has the form of the sample; it is entered first where it is not in the ledger.
        at: when it was sent: 14:30, or 2026-03-01 14:30.

    Raises:
        LedgerError: the score is not in [0, 1], or there is one already; nothing is recorded.
    """
    check_score(score)
    moment = read_moment(at, _now())
    ledger = bench_ledger(bench)
    pick = _picked(bench, ledger, number, file, to_score)

    def event(entry: Entry) -> LedgerEvent:
        check_unscored(entry)
        if entry.sent and at is not None:
            raise LedgerError(
                f"Submission {entry.name} was sent on {entry.sent:%Y-%m-%d at %H:%M}: leave --at out, or take that back first with "
                f"photobench submit undo {entry.number}"
            )
        return _event(entry, "scored", entry.sent or moment, score=score)

    entry, entries = _add(ledger, pick, event)
    draw_leaderboard(bench, entries)
    text = [words.outcome(entry), *words.calibration_words(entries)[:1], *_day(bench, entries, entry)]
    return _told(bench, text, entries)


def send(bench: Bench, number: int | None = None, file: Path | None = None, at: str | datetime | None = None) -> str:
    """Write down that a submission was sent; with `ledger.uploader` it is uploaded. Arguments as those of `record_score`.

    Raises:
        LedgerError: it was sent already, or it could not be uploaded; then it does not count as sent.
    """
    moment = read_moment(at, _now())
    uploads = bench.options.ledger.uploader != "none"
    if uploads:
        check_uploader(at)
    ledger = bench_ledger(bench)
    pick = _picked(bench, ledger, number, file, to_send)

    def event(entry: Entry) -> LedgerEvent:
        check_unsent(entry)
        return _event(entry, "sent", moment)

    entry, entries = _add(ledger, pick, event)
    if uploads:
        _upload(bench, ledger, entry)
    done = "uploaded" if uploads else "written down as sent"
    text = [f"{entry.name}: {done}. Its score: photobench submit record SCORE --number {entry.number}"]
    return _told(bench, [*text, *_day(bench, entries, entry)], entries)


def _upload(bench: Bench, ledger: Ledger, entry: Entry) -> None:
    """It counts as sent before it is, so that a team's budget holds; where it fails that is taken back."""
    path = bench.workspace.submissions / entry.submission.file
    try:
        upload(bench.options.ledger, path.name, ledger.content(entry.number), entry.name)
    except (LedgerError, DatabaseError):
        _add(ledger, lambda entries: numbered(entries, entry.number), _undo)
        raise
    except KeyboardInterrupt:
        say(
            f"Stopped while {path.name} was being uploaded; it counts as sent. If the competition's page does not show it: "
            f"photobench submit undo {entry.number}"
        )
        raise


def undo_submission(bench: Bench, number: int) -> str:
    """Take back what was written down last of a submission: its score, or that it was sent. Both stay in the ledger, and so does the undo."""
    ledger = bench_ledger(bench)
    gone: list[LedgerEvent] = []

    def event(entry: Entry) -> LedgerEvent:
        gone.append(last_event(entry))
        return _undo(entry)

    entry, entries = _add(ledger, lambda entries: numbered(entries, number), event)
    draw_leaderboard(bench, entries)
    what = f"the score {gone[0].score:.4f}" if gone[0].score is not None else "that it was sent"
    stands = "It counts as sent." if entry.sent else "It does not count as sent."
    text = [f"{entry.name}: taken back: {what}. {stands}", words.budget(entries, bench.options.ledger, _now())]
    return _told(bench, text, entries)


def ledger_entries(bench: Bench) -> list[Entry]:
    """Every submission with what stands of it."""
    book = bench_ledger(bench).read()
    return standing(book.submissions, book.events)


def ledger_status(bench: Bench) -> str:
    """The day's budget, the list, and how validation and leaderboard go together; draws the figure where it is not that of today."""
    entries = ledger_entries(bench)
    drawn = draw_leaderboard(bench, entries)
    return _told(bench, [words.status(entries, bench.options.ledger, _now()), str(drawn or "")], entries)


def ledger_table(bench: Bench) -> pd.DataFrame:
    """A row per submission: number, file, answerer, kind, made, who, metric, expected, low, high, measured_on, sent, score, apart, runs, options, sha256."""
    return ledger_frame(ledger_entries(bench), chosen_options)


def export_ledger(bench: Bench, out: Path) -> int:
    """The same as .csv or .parquet. Returns how many rows."""
    frame = ledger_table(bench)
    write_table(frame, out)
    return len(frame)


def take_out(bench: Bench, number: int, out: Path) -> Entry:
    """Write the file of a submission as it was made, whoever in the team made it."""
    ledger = bench_ledger(bench)
    book = ledger.read()
    entry = numbered(standing(book.submissions, book.events), number)
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(out, ledger.content(number))
    return entry


def _picked(bench: Bench, ledger: Ledger, number: int | None, file: Path | None, only: Pick) -> Pick:
    if number is not None and file is not None:
        raise LedgerError("--number and --file both say which submission is meant: leave one of them out.")
    if file is not None:
        check_submission(bench, file)
        number = enter(bench, ledger, file).number
    if number is None:
        return only
    return lambda entries: numbered(entries, number)


def _add(ledger: Ledger, pick: Pick, event: Callable[[Entry], LedgerEvent]) -> tuple[Entry, list[Entry]]:
    """One more row, decided on while nobody else writes; the submission and all of them as they stand then."""
    with ledger.hold() as book:
        number = pick(standing(book.submissions, book.events)).number
        book.add(event(numbered(standing(book.submissions, book.events), number)))
        entries = standing(book.submissions, book.events)
    return numbered(entries, number), entries


def _event(entry: Entry, kind: str, at: datetime, score: float | None = None) -> LedgerEvent:
    when = at.isoformat(timespec="milliseconds")
    return LedgerEvent(0, entry.number, kind, when, who(), now(), score)  # type: ignore[arg-type]


def _undo(entry: Entry) -> LedgerEvent:
    gone = last_event(entry)
    return LedgerEvent(0, entry.number, "undone", gone.at, who(), now(), undoes=gone.number)


def _told(bench: Bench, lines: Sequence[str], entries: Sequence[Entry]) -> str:
    return with_note(bench, "\n".join(filter(None, lines)), (entry.submission for entry in entries))


def _day(bench: Bench, entries: Sequence[Entry], entry: Entry) -> list[str]:
    """What is left of the day, and a warning where the submission was one too many of its own."""
    options = bench.options.ledger
    assert entry.sent is not None
    nth = nth_of_day(entries, entry, options)
    return [line for line in (words.beyond(nth, entry.sent, options), words.budget(entries, options, _now())) if line]


def _now() -> datetime:
    return datetime.now().astimezone()
