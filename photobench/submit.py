"""From predictions to the file that a competition wants, in the form of its sample, and a check of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from photobench.config import Options
from photobench.errors import SubmissionError
from photobench.records import ClassSpace, Predictions
from photobench.submission.check import find_problems
from photobench.submission.form import Form, plain_id, read_form
from photobench.submission.meanings import Answer, value_names
from photobench.submission.tables import Style, as_text, is_integer, read_table, write_table
from photobench.words import examples
from photobench.workspace import disk_errors, write_atomic


class SubmitOptions(Options):
    """The file that the competition wants. Its form is read off the sample; what cannot be is said here."""

    sample: str = Field("", description="the sample submission, relative to this file's folder; empty is none")
    id_column: str = Field("", description="its column that names the photo; empty finds it")
    columns: dict[str, str] = Field(
        {},
        description='what its other columns hold, such as { ans = "class" }; empty finds it. '
        "class, name, ATTRIBUTE, ATTRIBUTE.code, a probability as ATTRIBUTE=LABEL or class=ID, or keep",
    )
    retired: ClassVar[Mapping[str, str]] = {
        "thresholds": "Class thresholds are one of the decision rules that `photobench refine` tries and measures"
    }


@dataclass(frozen=True)
class Submission:
    """The rows of a submission, in the order of the sample, and what was decided on the way, in sentences."""

    frame: pd.DataFrame
    notes: tuple[str, ...]
    style: Style
    id_column: str

    def to_bytes(self) -> bytes:
        """The file, with the sample's separator, encoding and line ends."""
        return write_table(self.frame, self.style)


def make_submission(predictions: Predictions, sample: Path, options: SubmitOptions) -> Submission:
    """The predictions in the form of the sample: its ids in its order, its columns, its way to write an
    answer.

    An id may be the photo's path, the end of it, or its name, with or without the ending. A photo that could
    not be read needs a row too: it gets the most frequent class, and the mean of the probabilities; a note
    says so.

    Raises:
        SubmissionError: a column of the sample is not understood, or photos of the sample have no prediction.
    """
    places = _places(predictions.paths)
    form = read_form(sample, predictions.space, options.id_column, options.columns, places)
    rows_N = _rows(form, places, sample)
    classes_N, joint_NK, notes = _with_broken_filled(predictions, rows_N)
    columns: dict[str, pd.Series] = {}
    for column in form.frame.columns:
        cells = form.frame[column]
        answer = form.answers.get(column, Answer("keep"))
        columns[column] = _fill(answer, cells, classes_N, joint_NK, predictions.space)
    unused = len(predictions) - len(np.unique(rows_N))
    if unused:
        notes.append(f"Of the predicted photos, {unused} are not in the sample and were left out.")
    meanings = [f'Column "{c}" holds {a.describe(predictions.space)}.' for c, a in form.answers.items()]
    notes = [f'Column "{form.id_column}" names the photo.', *meanings, *notes]
    return Submission(pd.DataFrame(columns), tuple(notes), form.style, form.id_column)


def validate_submission(
    submission: Path | pd.DataFrame, sample: Path, space: ClassSpace, options: SubmitOptions
) -> list[str]:
    """Every way in which a submission differs from the form of the sample, one sentence each; empty when it
    fits.

    Raises:
        SubmissionError: the sample itself is missing or not understood.
    """
    form = read_form(sample, space, options.id_column, options.columns)
    if isinstance(submission, pd.DataFrame):
        return find_problems(as_text(submission), form, space)
    try:
        frame, style = read_table(submission, "submission")
    except SubmissionError as error:
        return [str(error)]
    return find_problems(frame, form, space, style)


def write_submission(
    submission: Submission, path: Path, sample: Path, space: ClassSpace, options: SubmitOptions
) -> None:
    """Write the file whole, but only after what is on the disk was read again and fits the sample.

    Raises:
        SubmissionError: it does not fit, with every problem; an older file at `path` stays.
        WorkspaceError: the disk is full or read-only.
    """
    trial = path.with_name(f".{path.name}.{os.getpid()}.unchecked")
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_atomic(trial, submission.to_bytes())
            same_id = options.model_copy(update={"id_column": submission.id_column})
            raise_problems(validate_submission(trial, sample, space, same_id), sample)
            trial.replace(path)
        finally:
            trial.unlink(missing_ok=True)


def raise_problems(problems: list[str], sample: Path) -> None:
    """Raises SubmissionError with all problems, if there are any."""
    if problems:
        listed = "\n".join(f"  - {p}" for p in problems)
        raise SubmissionError(f"The submission does not have the form of {sample}:\n{listed}")


def _places(paths: list[str]) -> dict[str, int]:
    """Row of each way to write a photo: its path, any end of it, without the ending; −1 where several fit."""
    places: dict[str, int] = {plain_id(path): row for row, path in enumerate(paths)}
    shorter: dict[str, int] = {}
    for row, path in enumerate(paths):
        parts = PurePosixPath(plain_id(path)).parts
        ends = {"/".join(parts[start:]) for start in range(len(parts))}
        for end in ends | {_without_ending(end) for end in ends}:
            shorter[end] = row if shorter.get(end, row) == row else -1
    return shorter | places


def _without_ending(path: str) -> str:
    return str(PurePosixPath(path).with_suffix(""))


def _rows(form: Form, places: dict[str, int], sample: Path) -> np.ndarray:
    """The row among the predictions of each id of the sample."""
    plain = [plain_id(text) for text in form.ids]
    rows_N = np.array([places.get(p, places.get(_without_ending(p), -2) if p else -2) for p in plain], dtype=np.int64)
    problems = []
    missing = [text for text, row in zip(form.ids, rows_N, strict=True) if row == -2]
    if len(missing) == len(rows_N):
        problems.append(
            f'no value of its column "{form.id_column}" ({examples(missing)}) is one of the predicted photos '
            f"({examples(list(places)) or 'there are none'}). "
            "Predict the photos of the competition, or set submit.id_column"
        )
    elif missing:
        problems.append(
            f"{len(missing)} of {len(rows_N)} ids have no prediction: {examples(missing)}. Predict them too"
        )
    several = [text for text, row in zip(form.ids, rows_N, strict=True) if row == -1]
    if several:
        problems.append(
            f"{len(several)} ids fit several predicted photos: {examples(several)}. "
            "Predict the folder of the competition only"
        )
    twice = form.frame[form.id_column][form.frame[form.id_column].duplicated()].unique().tolist()
    if twice:
        problems.append(
            f'{len(twice)} values of its column "{form.id_column}" occur twice: {examples(twice)}. Set submit.id_column'
        )
    if problems:
        raise SubmissionError(f"The sample submission {sample} cannot be filled: " + "; ".join(problems) + ".")
    return rows_N


def _with_broken_filled(predictions: Predictions, rows_N: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Class and probabilities of each asked photo, those of unreadable ones filled in, and notes."""
    classes_N, joint_NK = predictions.classes()[rows_N], predictions.joint_NK[rows_N].astype(np.float64)
    broken_N = classes_N < 0
    if not broken_N.any():
        return classes_N, joint_NK, []
    names = [predictions.paths[row] for row in rows_N[broken_N]]
    if broken_N.all():
        raise SubmissionError(
            f"None of the photos could be predicted: {examples(names)}: {predictions.reasons[rows_N[0]]}."
        )
    most = int(np.bincount(classes_N[~broken_N]).argmax())
    classes_N[broken_N], joint_NK[broken_N] = most, joint_NK[~broken_N].mean(axis=0)
    name = predictions.space.class_names[most]
    photos = "1 photo" if len(names) == 1 else f"{len(names)} photos"
    note = f'{photos} could not be read and got the most frequent class, "{name}": {examples(names)}.'
    return classes_N, joint_NK, [note]


def _fill(
    answer: Answer, cells: pd.Series, classes_N: np.ndarray, joint_NK: np.ndarray, space: ClassSpace
) -> pd.Series:
    """One column, from the class or the probabilities of each photo."""
    if answer.kind == "keep":
        return _typed(cells)
    of = answer.attribute
    if answer.kind == "probability":
        probs = joint_NK if of is None else space.marginal(joint_NK, of)
        return pd.Series(probs[:, answer.value])
    ids_N = classes_N if of is None else space.decompose(classes_N)[:, of]
    if answer.kind == "id":
        return pd.Series(ids_N)
    return _typed(pd.Series(np.array(value_names(space, of), dtype=object)[ids_N], dtype=object))


def _typed(cells: pd.Series) -> pd.Series:
    """Whole numbers as such, as long as they are written the same (not `007`); else text."""
    if is_integer(cells).all() and (cells.map(lambda c: str(int(c))) == cells).all() and cells.str.len().max() < 18:
        return cells.astype(np.int64)
    return cells
