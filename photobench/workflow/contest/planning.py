"""What to send next: everyone who answers and was not sent, held against what was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from photobench.compare import difference
from photobench.errors import InUse, PhotobenchError
from photobench.evaluation import Figure
from photobench.ledger import words
from photobench.ledger.planning import Beside, Candidate, Proposal, best, propose
from photobench.ledger.standing import Entry, standing
from photobench.paired import COMPARED
from photobench.progress import progress, say
from photobench.records import Predictions
from photobench.submission.form import Form
from photobench.submission.likeness import answers_key, changed_share, fits
from photobench.submission.tables import parse_table
from photobench.submit import make_submission
from photobench.words import listed
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import KINDS
from photobench.workflow.bench import Bench
from photobench.workflow.contest.entering import bench_ledger, expected_of, made_by
from photobench.workflow.contest.sample import sample_file, sample_form
from photobench.workflow.contest.sharing import with_note
from photobench.workspace import Ledger

_TRAINED = ("runs", "sets of folds")
"""The kinds that another command may have trained for itself; the others are made where a person asks for them."""


@dataclass(frozen=True)
class Plan:
    """What to send next, what is worth most first: `print` says why, `.frame` is a table."""

    proposals: list[Proposal]
    text: str

    @property
    def frame(self) -> pd.DataFrame:
        """A row per candidate: name, kind, expected, low, high, hoped, chance, gain, changed, nearest, lesson, worth_it."""
        rows = [
            {
                "name": p.candidate.name,
                "kind": p.candidate.kind,
                "expected": p.candidate.expected.value,
                "low": p.candidate.expected.low,
                "high": p.candidate.expected.high,
                "hoped": p.hoped.value,
                "chance": p.chance,
                "gain": p.gain,
                "changed": p.candidate.changed,
                "nearest": p.candidate.nearest,
                "lesson": p.lesson,
                "worth_it": p.is_worth_it,
            }
            for p in self.proposals
        ]
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        return self.text


def plan_submissions(bench: Bench) -> Plan:
    """Everyone whose answers were not sent, ranked by the chance to beat the best score, how much they change, and what is learned.

    Who was not asked about the evaluation photos yet is not asked now, which may take long: how much it changes is then not known.

    Raises:
        SubmissionError: no sample is set.
        DatabaseError: the ledger does not answer.
        InUse: photos have to be read, and another process holds the workspace.
    """
    ledger, form = bench_ledger(bench), sample_form(bench)
    sent = _Sent(bench, ledger, form)
    candidates = list(_candidates(bench, sent))
    proposals = propose(candidates, sent.entries, len(form.ids), bench.options.evaluate.confidence)
    now = datetime.now().astimezone()
    text = words.plan(proposals, sent.entries, bench.options.ledger, now)
    unasked = [one.name for one in candidates if one.changed is None]
    if unasked and sent.files:
        text += (
            f"\nnote: how much {listed(unasked, 2)} would change is not known before the evaluation photos are predicted: "
            "photobench submit make --run NAME"
        )
    return Plan(proposals, with_note(bench, text, (one.submission for one in sent.entries)))


class _Sent:
    """What was sent, as tables, and who answered it, where the score is known."""

    def __init__(self, bench: Bench, ledger: Ledger, form: Form):
        book = ledger.read()
        self.form, self.entries = form, standing(book.submissions, book.events)
        self.files = {
            e.number: (e, parse_table(ledger.content(e.number), e.submission.file)[0]) for e in self.entries if e.sent
        }
        self.keys = {e.submission.answers for e in self.entries if e.sent}
        self.best = best(self.entries)
        answerers = [one for _, one in _answerers(bench)] if self.best else []
        scored = [entry for entry in self.entries if entry.score is not None]
        self.scored = {entry.number: one for entry in scored for one in answerers if made_by(entry, one)}

    def changed(self, frame: pd.DataFrame) -> dict[int, float]:
        """The share of labels that are not those of a file that was sent, by its number; the smallest first."""
        fitting = {number: sent for number, (_, sent) in self.files.items() if fits(sent, self.form)}
        shares = {number: changed_share(frame, sent, self.form) for number, sent in fitting.items()}
        return dict(sorted(shares.items(), key=lambda pair: pair[1]))

    def telling(self, changed: dict[int, float]) -> list[tuple[Entry, Answerer]]:
        """The best submission and the one that is answered most alike: what says most of a candidate's score."""
        near = next((number for number in changed if number in self.scored), None)
        top = self.best.number if self.best else None
        return [
            (entry, self.scored[entry.number])
            for entry in self.entries
            if entry.number in self.scored and entry.number in (near, top)
        ]


def _answerers(bench: Bench) -> Iterator[tuple[str, Answerer]]:
    """All of every kind that can be opened: an unfinished run, or one that lost its files, cannot."""
    for kind, entry in KINDS.items():
        for name in entry.names(bench):
            try:
                yield kind, entry.open(bench, name)
            except InUse:
                raise
            except PhotobenchError:
                continue


def _candidates(bench: Bench, sent: _Sent) -> Iterator[Candidate]:
    found = [(kind, one) for kind, one in _answerers(bench) if not _is_a_part(kind, one)]
    with progress(len(found), "plan", "answerers") as bar:
        for kind, one in found:
            try:
                candidate = _candidate(bench, kind, one, sent)
            except InUse:  # of them all, so that a plan without them would be none
                raise
            except PhotobenchError as error:  # of other classes, or of photos that are gone
                say(f"plan: {one.name} is left out: {error}")
                candidate = None
            bar.advance()
            if candidate:
                yield candidate


def _is_a_part(kind: str, one: Answerer) -> bool:
    """A fold, whose set is the candidate, or what was trained for something else; an ensemble of such was asked for by itself."""
    if kind not in _TRAINED:
        return False
    first = one.runs[0]
    return any(run.purpose for run in one.runs) or (
        len(one.runs) == 1 and bool(first.config.get("split", {}).get("folds"))
    )


def _candidate(bench: Bench, kind: str, one: Answerer, sent: _Sent) -> Candidate | None:
    """None where the same answers were sent."""
    frame = _as_sent(bench, one.predict()) if _was_asked(bench, one) else None
    if frame is not None and answers_key(frame, sent.form) in sent.keys:
        return None
    if frame is None and any(made_by(entry, one) for entry, _ in sent.files.values()):
        return None  # its name was sent, and nothing says that its answers have changed since
    changed = sent.changed(frame) if frame is not None else {}
    expected, beside = expected_of(bench, one), tuple(_beside(bench, one, sent, changed))
    number, share = next(iter(changed.items()), (0, None))
    nearest = sent.files[number][0].name if number else ""
    return Candidate(one.name, kind, expected.figure, expected.split, expected.num_photos, beside, share, nearest)


def _was_asked(bench: Bench, one: Answerer) -> bool:
    """Every run behind it has said something of the evaluation photos already, which is kept."""
    folders = [bench.workspace.root / run.folder for run in one.runs]
    return all((folder / "predictions-predict.parquet").exists() for folder in folders)


def _as_sent(bench: Bench, predictions: Predictions) -> pd.DataFrame:
    """The cells of the submission that it would be, as text."""
    made = make_submission(predictions, sample_file(bench), bench.options.submit)
    return parse_table(made.to_bytes(), "submission")[0]


def _beside(bench: Bench, one: Answerer, sent: _Sent, changed: dict[int, float]) -> Iterator[Beside]:
    """What submissions say of the candidate that were held out on the same photos."""
    metric, mine = bench.options.ledger.metric, one.held_out()
    for entry, other in sent.telling(changed) if metric in COMPARED else ():
        theirs = other.held_out()
        if mine.split == theirs.split and mine.predictions.paths == theirs.predictions.paths and one.name != other.name:
            options = bench.options.evaluate
            ahead = difference(mine.manifest, mine.predictions, theirs.predictions, mine.split, options)[metric]
            if np.array_equal(mine.predictions.classes(), theirs.predictions.classes()):
                ahead = Figure(0.0, 0.0, 0.0)
            yield Beside(entry.name, entry.score or 0.0, ahead, changed.get(entry.number))
