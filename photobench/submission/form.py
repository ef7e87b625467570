"""The sample submission read as a form: which column names the photo, and what the others hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from photobench.errors import SubmissionError, unknown
from photobench.records import ClassSpace
from photobench.submission.meanings import Answer, guess_meaning, parse_meaning
from photobench.submission.tables import Style, read_table


@dataclass(frozen=True)
class Form:
    """The sample as text, cell by cell, and what it means."""

    style: Style
    frame: pd.DataFrame
    id_column: str
    answers: dict[str, Answer]

    @property
    def ids(self) -> list[str]:
        return self.frame[self.id_column].tolist()


def read_form(
    path: Path, space: ClassSpace, id_column: str, columns: Mapping[str, str], tails: Iterable[str] = ()
) -> Form:
    """The form of a sample submission.

    Args:
        id_column: the column that names the photo; empty finds it.
        columns: what the other columns hold, in the words of this module; those left out are found.
        tails: ways to write the photos that will be asked for, which help to find the id column.

    Raises:
        SubmissionError: naming every column that cannot be understood, with what to write in the project
        file.
    """
    frame, style = read_table(path, "sample submission")
    if frame.empty:
        raise SubmissionError(
            f"The sample submission {path} has no rows: the ids of the photos are needed. Download it again."
        )
    mistakes = [unknown("column", c, frame.columns) + " (submit.columns)" for c in columns if c not in frame.columns]
    if id_column and id_column not in frame.columns:
        raise _mistakes(path, [*mistakes, unknown("column", id_column, frame.columns) + " (submit.id_column)"])
    id_column = id_column or _find_id_column(frame, columns, set(tails))
    others = [c for c in frame.columns if c != id_column]
    if not others:
        mistakes.append(f'it has no column besides "{id_column}" to put an answer in')
    answers: dict[str, Answer] = {}
    for column in others:
        given = columns.get(column)
        found = parse_meaning(given, space) if given else guess_meaning(column, frame[column], space, len(others))
        if isinstance(found, str):
            mistakes.append(f'column "{column}": {found}')
        else:
            answers[column] = found
    if mistakes:
        raise _mistakes(path, mistakes)
    return Form(style, frame, id_column, answers)


def plain_id(text: str) -> str:
    """An id as a path relative to somewhere: forward slashes, no leading `./` or `/`."""
    return re.sub(r"^(\./|/)+", "", text.strip().replace("\\", "/"))


def _find_id_column(frame: pd.DataFrame, columns: Mapping[str, str], tails: set[str]) -> str:
    def likeness(column: str) -> tuple[float, bool, bool, bool]:
        cells = frame[column]
        known = float(cells.map(plain_id).isin(tails).mean()) if tails else 0.0
        looks_like_file = bool(cells.str.contains(r"\.(?:jpe?g|png|webp|bmp|gif|tiff?)$", case=False).mean() > 0.5)
        named = bool(re.search(r"id$|^id|image|img|file|photo|path", column, re.IGNORECASE))
        return known, looks_like_file, named and cells.is_unique, cells.is_unique

    return max((c for c in frame.columns if c not in columns), key=likeness, default=str(frame.columns[0]))


def _mistakes(path: Path, mistakes: list[str]) -> SubmissionError:
    if len(mistakes) == 1:
        return SubmissionError(f"The sample submission {path} is not understood: {mistakes[0]}")
    listed = "\n".join(f"  - {m}" for m in mistakes)
    return SubmissionError(f"The sample submission {path} is not understood, {len(mistakes)} mistakes:\n{listed}")
