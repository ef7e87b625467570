"""The submission of a run, in the form of the competition's sample file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photobench import __version__
from photobench.errors import DatabaseError, LedgerError, SubmissionError
from photobench.progress import say
from photobench.records import fingerprint
from photobench.sources.options import class_space
from photobench.submit import make_submission, raise_problems, validate_submission, write_submission
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.bench import Bench
from photobench.workflow.contest.entering import bench_ledger, enter, entered_words, expected_of
from photobench.workflow.contest.sample import sample_file
from photobench.workflow.contest.sharing import with_note
from photobench.workspace import Ledger


@dataclass(frozen=True)
class HandedIn:
    """A submission that was made; printed, the file comes first, then what to do with it."""

    path: Path
    then: str

    def __str__(self) -> str:
        return f"{_has_form(self.path)}.\n{self.then}"


def submit(bench: Bench, name: str | None = None, folds: bool = False) -> Path:
    """As `hand_in`, which is said as part of a journey. Returns the file."""
    made = hand_in(bench, name, folds)
    _say(made)
    return made.path


def hand_in(bench: Bench, name: str | None = None, folds: bool = False) -> HandedIn:
    """Write the submission of whoever is meant (`find_answerer`), in the form of the sample, and enter it in the ledger.

    It takes its name only once the file is right.

    Raises:
        SubmissionError: no sample is set, or the file would not have its form (every way is named).
        DatabaseError: the ledger does not answer; nothing is written.
        PhotobenchError: nobody is meant.
    """
    sample_file(bench)
    return _entered(bench, bench_ledger(bench), find_answerer(bench, name, folds))


def submit_anyway(bench: Bench, name: str) -> Path:
    """As `submit`, at the end of a longer journey: a ledger that does not answer is said, and the file is there."""
    sample_file(bench)
    answerer = find_answerer(bench, name)
    try:
        made = _entered(bench, bench_ledger(bench), answerer)
    except (LedgerError, DatabaseError) as error:
        path = write(bench, answerer)
        say(f"submit: {_has_form(path)}")
        say(f"warning: {error} Enter the submission later with: photobench submit make --run {answerer.name}")
        return path
    _say(made)
    return made.path


def _entered(bench: Bench, ledger: Ledger, answerer: Answerer) -> HandedIn:
    path = write(bench, answerer)
    entry = enter(bench, ledger, path, answerer, expected_of(bench, answerer))
    return HandedIn(path, with_note(bench, entered_words(entry, answerer), ledger.read().submissions))


def _has_form(path: Path) -> str:
    return f"{path} has the form of the sample"


def _say(made: HandedIn) -> None:
    say(f"submit: {_has_form(made.path)}")
    say(f"submit: {made.then}")


def write(bench: Bench, answerer: Answerer) -> Path:
    """The file alone."""
    sample, options, path = sample_file(bench), bench.options.submit, submission_file(bench, answerer.name)
    predictions = answerer.predict()
    if predictions.space != class_space(bench.options.attributes):
        raise SubmissionError(
            f"The classes in photobench.toml, or their order, are not those that {predictions.run} was trained with: its answers "
            "would mean other classes. Train again with: photobench train"
        )
    key = fingerprint(__version__, predictions.to_bytes(), sample.read_bytes(), options.model_dump())
    if bench.workspace.is_current(path, key):
        say(f"submit: {path} is up to date")
        return path
    with bench.stage("submit"):
        submission = make_submission(predictions, sample, options)
        write_submission(submission, path, sample, predictions.space, options)
    bench.workspace.mark_current(path, key, submission.to_bytes())
    for note in submission.notes:
        say(f"submit: {note}")
    return path


def submission_file(bench: Bench, name: str) -> Path:
    """Of an answerer, by its name."""
    return bench.workspace.submissions / f"{name}.csv"


def check_submission(bench: Bench, path: Path) -> None:
    """Raises SubmissionError naming every way in which a file does not have the form of the sample."""
    if not path.exists():
        raise SubmissionError(f"There is no file {path} to check. Correct the path.")
    sample = sample_file(bench)
    raise_problems(
        validate_submission(path, sample, class_space(bench.options.attributes), bench.options.submit), sample
    )


def submission_facts(bench: Bench, name: str) -> dict[str, Any] | None:
    """What the report says of an answerer's submission; None where it has none."""
    path = submission_file(bench, name)
    if not path.exists() or not bench.options.submit.sample:
        return None
    space = class_space(bench.options.attributes)
    problems = validate_submission(path, sample_file(bench), space, bench.options.submit)
    rows = max(path.read_bytes().count(b"\n") - 1, 0)
    return {"file": bench.workspace.relative(path), "rows": rows, "valid": not problems, "notes": problems}
