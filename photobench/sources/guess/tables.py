"""A table with labels: which one it is where none is named, and which of its columns leads to the photos."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from photobench.errors import SourceError
from photobench.sources import folder
from photobench.sources.clues import Clue, Guess
from photobench.sources.columns import Columns, understand
from photobench.sources.files import split_name
from photobench.sources.guess.beside import TABLES, find_sample, guess_groups, is_sample
from photobench.sources.reading import as_text, read_table
from photobench.sources.resolve import WAYS, Resolver
from photobench.words import count, examples

_MIN_RESOLVED = 0.5  # of a column's cells, for it to be the path


def guess_table(photos: Path, paths: list[str], labels: Path) -> Guess:
    raw = read_table(labels)
    table = raw.apply(as_text)
    resolver = Resolver(photos, paths, labels)
    column, found = _path_column(table, resolver)
    if not column:
        raise SourceError(_no_path_column(labels, table, photos, paths))
    sure: Any = "certain" if len(found) == table[column].notna().sum() else "likely"
    evidence = f"{len(found):,} of {count(len(table), 'row')} lead to a photo"
    clues = [Clue(f'{labels.name} has the labels, and its column "{column}" the photos.', sure, evidence)]
    columns = understand(table, column)
    if not columns.attributes:
        why = " ".join(columns.warnings) or "It has no other column."
        raise SourceError(f'{labels} has no column that can be a label beside "{column}". {why}')
    source: dict[str, Any] = {"kind": "table", "photos": photos.as_posix(), "table": labels.as_posix()}
    settings = {
        "path_column": (column, "path"),
        "group_column": (columns.group, ""),
        "split_column": (columns.split, ""),
    }
    source |= {name: value for name, (value, default) in settings.items() if value != default}
    clues += columns.clues
    warnings = columns.warnings
    sample = find_sample(photos, labels.parent)
    _guess_predict(source, paths, set(found.values()), sample, clues)
    if not columns.group:
        texts = _label_texts(table, found, columns)
        guess_groups(source, sorted(texts), 0, texts, clues, warnings)
    if len(columns.attributes) > 1:
        sizes = " × ".join(str(len(a["values"])) for a in columns.attributes)
        warnings.append(
            f"Class ids follow the order of the attributes and of their values ({sizes}); "
            "compare them with what a submission wants."
        )
    if _is_folder_per_class(paths):
        warnings.append(f"There are class folders too; the labels are those of {labels.name}.")
    return Guess("table", source, columns.attributes, sample, tuple(clues), tuple(warnings))


def _path_column(table: pd.DataFrame, resolver: Resolver) -> tuple[str, dict[int, str]]:
    """The column whose cells lead to the most photos, and {row: photo}; ("", {}) where there is none."""
    best: tuple[str, dict[int, str]] = ("", {})
    for name in table.columns:
        cells = table[name].dropna()
        if not len(cells):
            continue
        sample = cells if len(cells) <= 200 else cells.sample(200, random_state=0)
        if sum(not resolver.find(cell)[1] for cell in sample) < _MIN_RESOLVED * len(sample) / 2:
            continue
        located = {row: resolver.find(cell) for row, cell in cells.items()}
        found = {int(row): path for row, (path, reason) in located.items() if not reason}
        enough = len(found) >= _MIN_RESOLVED * len(cells)
        if enough and len(set(found.values())) > len(set(best[1].values())):
            best = name, found
    return best


def _no_path_column(labels: Path, table: pd.DataFrame, photos: Path, paths: list[str]) -> str:
    shown = "; ".join(f"{name}: {examples(table[name].dropna(), 2)}" for name in table.columns[:6])
    return (
        f"No column of {labels} leads to the photos: it holds {shown}, while {photos} holds "
        f"{examples(paths, 2)}. "
        f"Tried {WAYS}. Give the folder that these paths start at."
    )


def _label_texts(table: pd.DataFrame, found: Mapping[int, str], columns: Columns) -> dict[str, str]:
    """{photo: all its labels}, for names that only repeat a label."""
    names = [str(a.get("column", a["name"])) for a in columns.attributes]
    rows = table.loc[list(found), names].fillna("")
    texts = rows[names[0]].astype(str)
    for name in names[1:]:
        texts = texts + "\t" + rows[name].astype(str)
    return dict(zip(found.values(), texts, strict=True))


def _is_folder_per_class(paths: list[str]) -> bool:
    names = {name for name in folder.class_folders(paths) if not split_name(name)}
    return 2 <= len(names) <= 50 and len(paths) >= 2 * len(names)


def _guess_predict(
    source: dict[str, Any], paths: list[str], labelled: set[str], sample: Path | None, clues: list[Clue]
) -> None:
    """The folder of the photos to predict: a test folder of which the table names nothing."""
    if sample:
        clues.append(Clue(f"{sample.name} is the sample submission.", "likely"))
    by_folder: dict[str, list[str]] = {}
    for path in paths:
        by_folder.setdefault(path.partition("/")[0] if "/" in path else "", []).append(path)
    for name, inside in by_folder.items():
        if split_name(name) in ("test", "predict") and not labelled.intersection(inside):
            source["predict"] = name
            evidence = f"{count(len(inside), 'photo')}, none of them in the table"
            clues.append(Clue(f"The photos in {name}/ are the ones to predict.", "likely", evidence))
            return


def find_table(photos: Path, paths: list[str]) -> tuple[Path | None, list[str]]:
    """The one table beside the photos that leads to them, and remarks on those that were not taken."""
    candidates = _tables_in(photos)
    if not candidates and all(map(split_name, folder.class_folders(paths))):  # none, or train/ and test/ only
        candidates = _tables_in(photos.parent)
    leading = [table for table in candidates if _leads_to_photos(photos, paths, table)]
    remarks = [
        f"{table.name} was not used: none of its columns leads to the photos."
        for table in candidates
        if table not in leading
    ]
    if len(leading) > 1:
        named = [t for t in leading if t.stem.lower().startswith(("train", "label", "metadata"))]
        if len(named) != 1:
            names = examples((t.name for t in leading), 6)
            raise SourceError(
                f"There are {len(leading)} tables beside the photos ({names}). "
                f"Say which one has the labels: photobench init {photos} --labels {leading[0].name}"
            )
        remarks += [f"{t.name} was not used: {named[0].name} has the labels." for t in leading if t not in named]
        leading = named
    return (leading[0] if leading else None), remarks


def _leads_to_photos(photos: Path, paths: list[str], table: Path) -> bool:
    try:
        cells = read_table(table).apply(as_text)
    except SourceError:
        return False
    column, found = _path_column(cells, Resolver(photos, paths, table))
    if not column:
        return False
    named = cells[column].dropna()
    chance = bool(named.str.fullmatch(r"\d+").all())  # small numbers are soon the name of some photo
    return not chance or len(found) > 0.9 * len(named)


def _tables_in(place: Path) -> list[Path]:
    """Tables that may hold labels: no sample submissions, and no test.csv."""
    try:
        files = sorted(p for p in place.iterdir() if p.suffix.lower() in TABLES and not p.name.startswith("."))
    except OSError:
        return []
    return [p for p in files if not is_sample(p) and split_name(p.stem) not in ("test", "predict")]
