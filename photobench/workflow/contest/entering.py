"""A file that was made for the leaderboard is entered in the ledger, with what is expected of it."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from photobench.evaluation import Figure
from photobench.ledger.standing import Entry, standing
from photobench.records import Submission
from photobench.submission.likeness import answers_key
from photobench.submission.tables import read_table
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import KINDS
from photobench.workflow.bench import Bench
from photobench.workflow.contest.sample import sample_form
from photobench.workflow.signing import who
from photobench.workspace import Book, Ledger, now


@dataclass(frozen=True)
class Expected:
    """What validation says: the leaderboard's metric with its interval, on how many photos of which split."""

    figure: Figure
    split: str
    num_photos: int


def bench_ledger(bench: Bench) -> Ledger:
    """Where this project's submissions are kept. Raises DatabaseError where a shared one does not answer."""
    return bench.workspace.ledger(bench.options.ledger.url)


def expected_of(bench: Bench, answerer: Answerer) -> Expected:
    """On photos that it did not learn from."""
    evaluation = next(iter(answerer.evaluations().values()), None)
    if evaluation is None:
        return Expected(Figure(math.nan), "", 0)
    found = evaluation.joint.metrics[bench.options.ledger.metric]
    return Expected(found, evaluation.split, evaluation.num_photos)


def enter(
    bench: Bench, ledger: Ledger, path: Path, answerer: Answerer | None = None, expected: Expected | None = None
) -> Entry:
    """Enter a submission that has the form of the sample; where the same answers are there already, that entry is meant.

    Args:
        answerer: who made it; None for a file made elsewhere.
    """
    draft, content = _draft(bench, path, answerer, expected)
    with ledger.hold() as book:
        return same_answers(book, draft.answers) or Entry(book.enter(draft, content))


def entered_words(entry: Entry, answerer: Answerer) -> str:
    """What to do with a submission that was made, or why not to send it again."""
    if entry.sent:
        return (
            f"Its answers are those of submission {entry.name}, which was sent on {entry.sent:%Y-%m-%d at %H:%M}: sending them again would "
            "teach nothing"
        )
    same = (
        f", whose answers are those of {entry.submission.answerer}"
        if entry.submission.answerer != answerer.name
        else ""
    )
    return f"It is number {entry.number}{same}. Upload it, then: photobench submit record SCORE --number {entry.number}"


def made_by(entry: Entry, answerer: Answerer) -> bool:
    """Whether a submission is of this answerer, and not of one with its name on another machine."""
    return entry.submission.answerer == answerer.name and entry.submission.configs == _configs(answerer)


def _configs(answerer: Answerer) -> dict[str, Any]:
    return {record.name: record.config for record in answerer.runs}


def same_answers(book: Book, answers: str) -> Entry | None:
    """The entry whose cells are these (`submission.likeness.answers_key`), where there is one."""
    return next((e for e in standing(book.submissions, book.events) if e.submission.answers == answers), None)


def kind_of(bench: Bench, name: str) -> str:
    """The kind of an answerer: a key of KINDS."""
    return next((kind for kind, entry in KINDS.items() if name in entry.names(bench)), "")


def _draft(bench: Bench, path: Path, answerer: Answerer | None, expected: Expected | None) -> tuple[Submission, bytes]:
    """A submission without its number, and its bytes."""
    content, (frame, _) = path.read_bytes(), read_table(path, "submission")
    draft = Submission(
        number=0,
        file=path.name,
        answerer=answerer.name if answerer else "",
        kind=kind_of(bench, answerer.name) if answerer else "",
        sha256=hashlib.sha256(content).hexdigest(),
        answers=answers_key(frame, sample_form(bench)),
        made=now(),
        who=who(),
        metric=bench.options.ledger.metric,
        configs=_configs(answerer) if answerer else {},
    )
    if expected:
        one = expected.figure
        draft = replace(
            draft,
            expected=one.value,
            low=one.low,
            high=one.high,
            measured_on=expected.split,
            num_photos=expected.num_photos,
        )
    return draft, content
