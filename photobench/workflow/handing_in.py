"""The submission of a run, in the form of the competition's sample file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from photobench import __version__
from photobench.errors import SubmissionError
from photobench.progress import say
from photobench.records import Predictions, RunRecord, fingerprint
from photobench.sources.options import class_space
from photobench.submit import make_submission, raise_problems, validate_submission, write_submission
from photobench.workflow.answering import FoldSet, find_answerer
from photobench.workflow.bench import Bench
from photobench.workflow.folding import find_folds, predict_folds


def submit(bench: Bench, name: str | None = None) -> Path:
    """Write the submission of a run, or whoever has that name, in the form of the sample; it takes its name only once the file is right.

    Raises:
        SubmissionError: no sample is set, or the file would not have its form (every way is named).
    """
    sample_file(bench)
    answerer = find_answerer(bench, name)
    if isinstance(answerer, FoldSet):
        return submit_folds(bench, answerer.name)
    with bench.workspace.lock("photobench submit"):
        return _submit(bench, answerer.predict(), bench.workspace.submissions / f"{answerer.name}.csv")


def submit_folds(bench: Bench, name: str | None = None) -> Path:
    """Write the submission of the average of all fold models; with the thresholds where `submit.thresholds` asks for them.

    Raises:
        SubmissionError: as `submit`.
        PhotobenchError: no set of folds is complete.
    """
    sample_file(bench)
    with bench.workspace.lock("photobench submit"):
        folded, predictions = find_folds(bench, name), predict_folds(bench, (), name)
        path = bench.workspace.submissions / f"{folded.folder.name}.csv"
        if bench.options.submit.thresholds:
            say(f"submit: {folded.thresholds}")
            if folded.thresholds.is_worth_it:
                predictions = folded.thresholds.decide(predictions)
                path = path.with_stem(f"{path.stem}-thresholds")
        return _submit(bench, predictions, path)


def _submit(bench: Bench, predictions: Predictions, path: Path) -> Path:
    sample, options = sample_file(bench), bench.options.submit
    with bench.workspace.lock("photobench submit"):
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
        bench.workspace.mark_current(path, key)
    for note in submission.notes:
        say(f"submit: {note}")
    return path


def submission_file(bench: Bench, record: RunRecord) -> Path:
    return bench.workspace.submissions / f"{record.name}.csv"


def check_submission(bench: Bench, path: Path) -> None:
    """Raises SubmissionError naming every way in which a file does not have the form of the sample."""
    if not path.exists():
        raise SubmissionError(f"There is no file {path} to check. Correct the path.")
    sample = sample_file(bench)
    raise_problems(
        validate_submission(path, sample, class_space(bench.options.attributes), bench.options.submit), sample
    )


def submission_facts(bench: Bench, record: RunRecord) -> dict[str, Any] | None:
    """What the report says of a run's submission; None where it has none."""
    path = submission_file(bench, record)
    if not path.exists() or not bench.options.submit.sample:
        return None
    space = class_space(bench.options.attributes)
    problems = validate_submission(path, sample_file(bench), space, bench.options.submit)
    rows = max(path.read_bytes().count(b"\n") - 1, 0)
    return {"file": bench.workspace.relative(path), "rows": rows, "valid": not problems, "notes": problems}


def sample_file(bench: Bench) -> Path:
    if not bench.options.submit.sample:
        raise SubmissionError("submit.sample is not set: name the competition's sample submission in photobench.toml.")
    sample = bench.project.path(bench.options.submit.sample)
    if not sample.is_file():
        raise SubmissionError(f"There is no sample submission {sample}: correct submit.sample in photobench.toml.")
    return sample
