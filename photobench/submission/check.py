"""What is wrong with a submission: every difference from the form of the sample, one sentence each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from photobench.errors import did_you_mean, nearest
from photobench.records import ClassSpace
from photobench.submission.form import Form
from photobench.submission.meanings import value_names
from photobench.submission.tables import Style, is_integer, is_number
from photobench.words import count, examples, quotes

SUM_TOLERANCE = 1e-3


def find_problems(frame: pd.DataFrame, form: Form, space: ClassSpace, style: Style | None = None) -> list[str]:
    """Problems of a submission, whose cells are text, in the order: file, columns, rows, values."""
    problems = list(_style_problems(style, form.style)) if style else []
    problems += _column_problems(list(frame.columns), list(form.frame.columns))
    if form.id_column in frame.columns:
        problems += _row_problems(frame[form.id_column], form.frame[form.id_column])
    for column, answer in form.answers.items():
        if column not in frame.columns:
            continue
        if answer.kind == "probability":
            problems += _probability_problems(column, frame[column])
        elif answer.kind == "id":
            problems += _id_problems(column, frame[column], len(value_names(space, answer.attribute)))
        elif answer.kind == "name":
            problems += _name_problems(column, frame[column], value_names(space, answer.attribute))
        elif len(frame) == len(form.frame):
            problems += _kept_problems(column, frame[column], form.frame[column])
    return problems + list(_sum_problems(frame, form))


def _style_problems(style: Style, wanted: Style) -> Iterator[str]:
    if style.separator != wanted.separator:
        yield f"Cells are separated by {_sign(style.separator)}, in the sample by {_sign(wanted.separator)}."
    if style.encoding != wanted.encoding and "utf-8" not in (style.encoding, wanted.encoding):
        yield f"The file is written in {style.encoding}, the sample in {wanted.encoding}."
    elif style.encoding == "utf-8-sig" != wanted.encoding:
        yield "The file starts with a byte order mark, unlike the sample: save it as UTF-8 without one."


def _column_problems(columns: list[str], wanted: list[str]) -> list[str]:
    missing, extra = [c for c in wanted if c not in columns], [c for c in columns if c not in wanted]
    problems = []
    for column in list(missing):
        alike = [c for c in nearest(column, extra, limit=1) if c in extra]
        if alike:
            problems.append(f'Column "{column}" is called "{alike[0]}" here: rename it.')
            missing.remove(column)
            extra.remove(alike[0])
    problems += [f'Column "{c}" is missing.' for c in missing]
    problems += [f'Column "{c}" is not in the sample: remove it.' for c in extra]
    if not problems and columns != wanted:
        problems.append(f"The columns are in the order {', '.join(columns)}; the sample has {', '.join(wanted)}.")
    return problems


def _row_problems(ids: pd.Series, wanted: pd.Series) -> list[str]:
    duplicate = ids[ids.duplicated()].unique().tolist()
    missing = wanted[~wanted.isin(ids)].unique().tolist()
    extra = ids[~ids.isin(wanted)].unique().tolist()
    problems = [
        f"{count(len(found), 'id')} {what}: {examples(quotes(found))}."
        for found, what in (
            (duplicate, "more than once"),
            (missing, "of the sample missing"),
            (extra, "not in the sample"),
        )
        if found
    ]
    if not problems and ids.tolist() != wanted.tolist():
        row = int(np.flatnonzero(ids.to_numpy() != wanted.to_numpy())[0])
        problems.append(
            f"The rows are in another order than in the sample: "
            f'row {row + 1} is "{ids[row]}", expected "{wanted[row]}".'
        )
    return problems


def _id_problems(column: str, cells: pd.Series, num: int) -> Iterator[str]:
    rule = f"expected whole numbers 0 … {num - 1}"
    yield from _empty_problems(column, cells)
    known = cells[~_empty(cells)]
    whole = is_integer(known)
    floats = known[~whole & is_number(known)]
    text = known[~whole & ~is_number(known)]
    outside = known[whole][known[whole].map(lambda c: not 0 <= int(c) < num).astype(bool)]
    if len(floats):
        yield f'Column "{column}" has {count(len(floats), "number")} with a point, {rule}: {_where(floats)}.'
    if len(text):
        yield f'Column "{column}" has {count(len(text), "text")}, {rule}: {_where(text)}.'
    if len(outside):
        number = count(len(outside), "number")
        yield f'Column "{column}" has {number} outside the classes, {rule}: {_where(outside)}.'


def _kept_problems(column: str, cells: pd.Series, wanted: pd.Series) -> Iterator[str]:
    changed = cells[(cells != wanted).to_numpy()]
    if len(changed):
        yield f'Column "{column}" differs from the sample in {count(len(changed), "row")}: {_where(changed)}.'


def _name_problems(column: str, cells: pd.Series, names: list[str]) -> Iterator[str]:
    known = cells[~_empty(cells) | cells.isin(names)]
    yield from _empty_problems(column, cells[~cells.isin(names)])
    strange = known[~known.isin(names)]
    if len(strange):
        hint = did_you_mean(strange.iloc[0], names) or f" There is: {', '.join(names[:12])}."
        yield f'Column "{column}" has {count(len(strange), "cell")} that is no label: {_where(strange)}.{hint}'


def _probability_problems(column: str, cells: pd.Series) -> Iterator[str]:
    yield from _empty_problems(column, cells)
    known = cells[~_empty(cells)]
    text = known[~is_number(known)]
    if len(text):
        yield f'Column "{column}" has {count(len(text), "text")}, expected probabilities: {_where(text)}.'
    numbers = known[is_number(known)]
    outside = numbers[~numbers.astype(np.float64).between(0, 1)]
    if len(outside):
        yield f'Column "{column}" has {count(len(outside), "number")} outside 0 … 1: {_where(outside)}.'


def _empty_problems(column: str, cells: pd.Series) -> Iterator[str]:
    empty = cells[_empty(cells)]
    if len(empty):
        yield f'Column "{column}" is empty or NaN in {count(len(empty), "row")}: {_where(empty)}.'


def _sum_problems(frame: pd.DataFrame, form: Form) -> Iterator[str]:
    """Probabilities of one thing must sum to 1 where those of the sample do."""
    together: dict[int | None, list[str]] = defaultdict(list)
    for column, answer in form.answers.items():
        if answer.kind == "probability":
            together[answer.attribute].append(column)
    for columns in together.values():
        if len(columns) < 2 or not set(columns) <= set(frame.columns) or not _sums_to_one(form.frame[columns]).all():
            continue
        wrong = frame.index[~_sums_to_one(frame[columns])]
        if len(wrong):
            rows = f"{count(len(wrong), 'row')}, the first is row {wrong[0] + 1}"
            yield f"The probabilities {examples(quotes(columns))} do not sum to 1, unlike in the sample, in {rows}."


def _sums_to_one(cells: pd.DataFrame) -> pd.Series:
    sums = cells.apply(lambda column: pd.to_numeric(column, errors="coerce")).sum(axis=1)
    return (sums - 1).abs() <= SUM_TOLERANCE


def _empty(cells: pd.Series) -> pd.Series:
    return cells.str.casefold().isin(["", "nan", "na", "null", "none", "<na>"])


def _where(cells: pd.Series) -> str:
    shown = [f'row {int(row) + 1}: "{cell}"' for row, cell in cells.head(3).items()]
    return "; ".join(shown) + ("; …" if len(cells) > 3 else "")


def _sign(separator: str) -> str:
    return "tabs" if separator == "\t" else f'"{separator}"'
