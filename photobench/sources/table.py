"""Photos anywhere below a folder, and a table with a row for each: CSV, TSV or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from photobench.errors import SourceError, did_you_mean
from photobench.sources.files import complaint, folder_problem, no_photos, photo_paths, source_rows, split_name
from photobench.sources.folder import no_predict, predict_paths
from photobench.sources.options import SourceOptions
from photobench.sources.reading import as_text, read_table, table_problem
from photobench.sources.resolve import WAYS, Resolver
from photobench.words import count, examples

_OURS = ("path", "group", "split", "reason", "table_row")


def scan(photos: Path, options: SourceOptions, table: Path | None) -> pd.DataFrame:
    """Rows with `path`, the table's columns, `reason`, and `group` and `split` where columns are named.

    `table_row` is the number of the row. A row whose photo is not on disk stays, with a reason. Of several rows for one photo the first stays. A
    column that has one of our names without that meaning gets a `_` behind it. Photos below `options.predict`
    are added, unlabelled.

    Raises:
        SourceError: the folder, table or a column is missing, a split is unknown, or no row has a photo.
    """
    problems = [folder_problem(photos), _no_table(table)]
    if any(problems) or table is None:
        raise complaint([p for p in problems if p])
    raw = read_table(table, options.encoding)
    _check_columns(raw, options, table)
    paths = photo_paths(photos)
    if not paths:
        raise SourceError(no_photos(photos))
    frame, notes = _resolved(raw, options, table, photos, paths)
    frame, conflicts, more = _without_repeats(frame)
    notes += more
    predict = predict_paths(paths, options.predict)
    if options.predict and not predict:
        raise SourceError(no_predict(photos, options.predict))
    known = set(frame["path"])
    if predict & known:  # the table names them too, without labels or with labels that are not to be learned from
        frame["split"] = (frame["split"] if "split" in frame else pd.Series("", index=frame.index)).mask(
            frame["path"].isin(predict), "predict"
        )
    unlabelled = sorted(predict - known)
    notes += _unnamed(set(paths) - known - predict, table)
    more_rows = pd.DataFrame({"path": unlabelled, "split": "predict", "reason": ""})
    joined = pd.concat([frame, more_rows], ignore_index=True) if unlabelled else frame
    return source_rows(joined, notes, conflicts)


def missing_column(option: str, column: str, known: list[str], where: str) -> str:
    """The sentence for a column that is not there."""
    hint = did_you_mean(column, known)
    return f'{where} has no column "{column}" ({option}).{hint} Its columns are: {examples(known, 12)}.'


def _no_table(table: Path | None) -> str | None:
    if table is None:
        return 'source.table is not set. kind = "table" needs the file with the labels.'
    return table_problem(table)


def _check_columns(raw: pd.DataFrame, options: SourceOptions, table: Path) -> None:
    wanted = {
        "source.path_column": options.path_column,
        "source.group_column": options.group_column,
        "source.split_column": options.split_column,
    }
    known = raw.columns.tolist()
    problems = [
        missing_column(option, name, known, str(table)) for option, name in wanted.items() if name and name not in known
    ]
    if options.split_column in known:
        words = as_text(raw[options.split_column]).dropna()
        strange = words[[not split_name(w) for w in words]].value_counts()
        if len(strange):
            shown = examples(f'"{value}" ({count(n, "row")})' for value, n in strange.items())
            problems.append(
                f'{table}, column "{options.split_column}" has values that name no split: {shown}. '
                "Write train, valid, test or predict, or leave source.split_column out."
            )
    if problems:
        raise complaint(problems)


def _resolved(
    raw: pd.DataFrame, options: SourceOptions, table: Path, photos: Path, paths: list[str]
) -> tuple[pd.DataFrame, list[str]]:
    cells = as_text(raw[options.path_column])
    notes = []
    if cells.isna().any():
        rows = cells.index[cells.isna()].tolist()
        notes.append(
            f'{count(len(rows), "row")} of {table.name} without a "{options.path_column}" left out: '
            f"{examples(f'row {r}' for r in rows)}."
        )
        raw, cells = raw[cells.notna()], cells[cells.notna()]
    resolver = Resolver(photos, paths, table)
    found = [resolver.find(cell) for cell in cells]
    missing = [path for path, reason in found if reason]
    if len(missing) == len(found):
        raise SourceError(_nothing_found(table, options.path_column, cells.tolist(), photos, paths))
    if missing:
        notes.append(f"{count(len(missing), 'row')} of {table.name} without a photo on disk: {examples(missing)}.")
    return _with_our_columns(raw, options, found), notes


def _with_our_columns(raw: pd.DataFrame, options: SourceOptions, found: list[tuple[str, str]]) -> pd.DataFrame:
    ours: dict[str, Any] = {"path": [path for path, _ in found], "reason": [reason for _, reason in found]}
    ours["table_row"] = raw.index  # for sentences that name a row
    if options.group_column:
        ours["group"] = as_text(raw[options.group_column])
    if options.split_column:
        ours["split"] = [split_name(w) if isinstance(w, str) else "" for w in as_text(raw[options.split_column])]
    meant = {"path": options.path_column, "group": options.group_column, "split": options.split_column}
    kept = raw.rename(columns={name: f"{name}_" for name in _OURS if meant.get(name) != name})
    return kept.assign(**ours)


def _nothing_found(table: Path, column: str, cells: list[str], photos: Path, paths: list[str]) -> str:
    return (
        f'None of the {count(len(cells), "row")} of {table} leads to a photo: column "{column}" holds '
        f"{examples(cells, 2)}, while {photos} holds {examples(paths, 2)}. "
        f"Tried {WAYS}. Set source.path_column or source.photos."
    )


def _without_repeats(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any], list[str]]:
    """The first row of each photo; per column, the photos whose rows disagree; a note on what was dropped."""
    again = frame["path"].duplicated()
    if not again.any():
        return frame, {}, []
    repeated = frame[frame["path"].duplicated(keep=False)]
    conflicts = {}
    for column in repeated.columns.difference(["path", "reason", "table_row"]):
        different = repeated.groupby("path")[column].nunique(dropna=False)
        clashing = different.index[different > 1].tolist()
        if clashing:
            shown = [_clash(repeated[repeated["path"] == path], column) for path in clashing[:3]]
            conflicts[column] = (len(clashing), shown)
    note = (
        f"{count(int(again.sum()), 'row')} named a photo that an earlier row names; the first counts: "
        f"{examples(frame.loc[again, 'path'])}."
    )
    return frame[~again], conflicts, [note]


def _clash(rows: pd.DataFrame, column: str) -> str:
    cells = ", ".join(f"row {number}: {value}" for number, value in rows[column].items())
    return f"{rows['path'].iloc[0]} ({cells})"


def _unnamed(paths: set[str], table: Path) -> list[str]:
    if not paths:
        return []
    return [
        f"{count(len(paths), 'photo')} on disk that no row of {table.name} names, not used: {examples(sorted(paths))}."
    ]
