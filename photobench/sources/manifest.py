"""From a source's rows to the manifest: labels encoded, groups named, every problem in one message."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from photobench.errors import nearest
from photobench.records import GIVEN_COLUMNS, Manifest
from photobench.sources.files import NO_FILE, NO_LABEL, complaint
from photobench.sources.options import AttributeOptions, SourceOptions, class_space
from photobench.sources.reading import as_text
from photobench.sources.table import missing_column
from photobench.sources.table_of_sources import SOURCES
from photobench.words import count, examples

BLANKS = {"", "nan", "<na>", "na", "n/a", "null"}
"""Cells that mean "not labelled", in any case, unless they are a declared value."""


def build_manifest(
    options: SourceOptions, attributes: tuple[AttributeOptions, ...], root: Path, box_columns: Sequence[str] = ()
) -> Manifest:
    """Every photo that the source names, with its labels, group and given split; none has been opened yet.

    A row that cannot be used (no such file, no label) stays, with its reason. What was repaired or left out
    is in `notes`. `sha256`, `width` and `height` are filled by the pack.

    Args:
        root: the folder that relative paths in the options start at.
        box_columns: the source's columns that hold the box; carried as text, as GIVEN_COLUMNS.

    Raises:
        SourceError: with every problem of photos, table and labels, each with counts and examples.
    """
    photos = absolute(root, options.photos)
    table = absolute(root, options.table) if options.table else None
    raw = SOURCES.get(options.kind).build(photos, options, table)
    notes: list[str] = list(raw.attrs["notes"])
    problems = _conflicts(raw, options, attributes)

    frame = pd.DataFrame({"path": raw["path"].astype("string").astype(object)})
    split = _text_or_empty(raw, "split")
    clean = []
    for attribute in attributes:
        frame[attribute.name], found = _labels(raw, attribute, options.kind, split)
        problems += found
        clean += [] if found else [attribute]
    frame["group"], has_groups, found, group_notes = _groups(raw, options)
    problems += found
    frame["split"] = _with_unlabelled_test(frame, attributes, split)
    frame["bytes"], frame["mtime_ns"] = _stats(photos, frame["path"])
    frame["sha256"], frame["width"], frame["height"] = "", 0, 0
    problems += _carry_boxes(raw, frame, box_columns, options.kind)
    frame["reason"] = _reasons(frame, attributes, _text_or_empty(raw, "reason"))
    counted = ("", NO_LABEL) if problems else ("",)  # another attribute's problem leaves this one's labels
    problems += _empty_classes(frame[frame["reason"].isin(counted) & (frame["split"] != "predict")], clean)
    if problems:
        raise complaint(problems)
    notes += group_notes + _notes(frame, attributes)
    return Manifest(frame, class_space(attributes), photos, has_groups, tuple(notes))


def _carry_boxes(raw: pd.DataFrame, frame: pd.DataFrame, columns: Sequence[str], kind: str) -> list[str]:
    """Add the box's cells to the frame, as they stand in the source; the problems where it has no such columns."""
    known = [c for c in raw.columns if c not in ("path", "group", "split", "reason", "table_row")]
    missing = [column for column in columns if column not in known]
    if missing:
        return [missing_column("crop.box_columns", column, known, f"The {kind} source") for column in missing]
    for name, column in zip(GIVEN_COLUMNS, columns, strict=False):
        frame[name] = as_text(raw[column])
    if columns and "table_row" in raw:
        frame["table_row"] = raw["table_row"].fillna(-1).astype(int)
    return []


def absolute(root: Path, text: str) -> Path:
    """A path of the project file; a relative one starts at `root`."""
    return Path(os.path.normpath(root.absolute() / Path(text).expanduser()))


def band(numbers: np.ndarray, bins: Iterable[float]) -> np.ndarray:
    """The code of each number: how many bins are not above it, so 30 of [30, 60] is in the second band."""
    return np.searchsorted(np.asarray(list(bins), dtype=float), numbers, side="right")


# --- labels ------------------------------------------------------------------------------------------------


def _labels(raw: pd.DataFrame, attribute: AttributeOptions, kind: str, split: pd.Series) -> tuple[pd.Series, list[str]]:
    """The labels as declared values, missing where there is none, and what is wrong with them."""
    nothing = pd.Series(pd.NA, index=raw.index, dtype="string")
    column = attribute.column or attribute.name
    known = [c for c in raw.columns if c not in ("path", "group", "split", "reason", "table_row")]
    if column not in known:
        sentence = missing_column(f'of the attribute "{attribute.name}"', column, known, f"The {kind} source")
        return nothing, [f'{sentence} Write column = "…" under the attribute.']
    text = as_text(raw[column])
    text = text.mask(text.str.lower().isin(BLANKS) & ~text.isin(attribute.values))
    text = text.mask((split == "predict") | text.isin(attribute.left_out))
    if attribute.bins:
        return _banded(raw["path"], text, attribute, column)
    whole = text.str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)  # "1.0" of a column that once had gaps
    text = text.where(text.isin(attribute.values) | ~whole.isin(attribute.values), whole)
    return text, _strange_labels(raw["path"], text, attribute, column)


def _banded(paths: pd.Series, text: pd.Series, attribute: AttributeOptions, column: str) -> tuple[pd.Series, list[str]]:
    numbers = pd.to_numeric(text, errors="coerce").astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    strange = text.notna().to_numpy() & np.isnan(numbers)
    problems = []
    if strange.any():
        shown = examples(f'"{value}" ({path})' for value, path in zip(text[strange], paths[strange], strict=True))
        problems.append(
            f'Column "{column}" of the attribute "{attribute.name}" is cut at {list(attribute.bins)}, '
            f"but {count(int(strange.sum()), 'cell is', 'cells are')} "
            f"no number: {shown}. Correct them, empty them, or leave bins out."
        )
    codes = band(np.nan_to_num(numbers), attribute.bins)
    labels = np.array(attribute.values, dtype=object)[codes]
    return pd.Series(labels, index=text.index, dtype="string").mask(np.isnan(numbers)), problems


def _strange_labels(paths: pd.Series, text: pd.Series, attribute: AttributeOptions, column: str) -> list[str]:
    strange = text.notna() & ~text.isin(attribute.values)
    if not strange.any():
        return []
    counts = text[strange].value_counts()
    numeric = pd.to_numeric(text[strange], errors="coerce").notna().all()
    shown = "; ".join(
        _strange_value(str(value), int(n), paths[text == value], attribute.values)
        for value, n in list(counts.items())[:3]
    )
    more = f"; and {count(len(counts) - 3, 'more value')}" if len(counts) > 3 else ""
    remedy = (
        "Add bins = […] to cut numbers into bands"
        if numeric and len(counts) > 3
        else "Correct the labels, or add them to values or to left_out"
    )
    return [
        f'Attribute "{attribute.name}" (column "{column}"): '
        f"{count(int(strange.sum()), 'label is', 'labels are')} none of its values "
        f"({examples(attribute.values, 8)}): {shown}{more}. {remedy}."
    ]


def _strange_value(value: str, number: int, paths: pd.Series, values: tuple[str, ...]) -> str:
    near = nearest(value, values, limit=1)
    hint = f', did you mean "{near[0]}"?' if near else ""
    return f'"{value}" ({count(number, "photo")}: {examples(paths)}{hint})'


def _conflicts(raw: pd.DataFrame, options: SourceOptions, attributes: tuple[AttributeOptions, ...]) -> list[str]:
    """Photos named twice with different labels. Columns that are not used may differ."""
    used = {a.column or a.name for a in attributes} | {c for c in (options.group_column, options.split_column) if c}
    return [
        f'Column "{column}": {count(number, "photo is", "photos are")} named more than once with '
        f"different labels: {'; '.join(shown)}. Keep one row of each."
        for column, (number, shown) in raw.attrs["conflicts"].items()
        if column in used
    ]


def _empty_classes(labelled: pd.DataFrame, attributes: Sequence[AttributeOptions]) -> list[str]:
    return [sentence for a in attributes if (sentence := _empty_class(labelled[a.name], a))]


def _empty_class(labels: pd.Series, attribute: AttributeOptions) -> str:
    counts = labels.value_counts()
    empty = [f'"{value}"' for value in map(str, attribute.values) if value not in counts]
    if not empty:
        return ""
    found = examples((f"{value} {n:,}" for value, n in counts.items()), 6) or "no labels at all"
    remedy = "Move a bin, or merge bands" if attribute.bins else "Remove it from values, or correct the labels"
    return (
        f'Attribute "{attribute.name}": no usable photo has the value {examples(empty, 6)}. Found: {found}. {remedy}.'
    )


# --- groups ------------------------------------------------------------------------------------------------


def _groups(raw: pd.DataFrame, options: SourceOptions) -> tuple[pd.Series, bool, list[str], list[str]]:
    """(group per photo, whether groups are known, problems, notes). A photo without a group is its own."""
    paths = raw["path"].astype(object)
    found: pd.Series | None = None
    if options.group_column:
        found = _group_column(raw, options.group_column)
        if found is None:
            known = [c for c in raw.columns if c not in ("path", "split", "reason")]
            sentence = missing_column("source.group_column", options.group_column, known, f"The {options.kind} source")
            return paths, False, [f"{sentence} Use source.group_pattern to take the group from the path."], []
    elif options.group_pattern:
        pattern = re.compile(options.group_pattern)
        found = pd.Series([_first_group(pattern, path) for path in paths], index=raw.index, dtype="string")
        if found.isna().all():
            return paths, False, [_no_match(options.group_pattern, paths)], []
    elif "group" in raw:
        found = as_text(raw["group"])
    if found is None:
        return paths, False, [], []
    alone = found.isna()
    notes = []
    told = alone & (_text_or_empty(raw, "split") != "predict")  # who is in a photo to predict does not matter
    if told.any():
        notes.append(
            f"{count(int(told.sum()), 'photo')} without a group, each taken as a group of its own: "
            f"{examples(paths[told])}."
        )
    if found.nunique() == len(found):
        notes.append("Every photo is a group of its own: the groups join nothing.")
    return found.astype(object).where(~alone, paths), True, [], notes


def _group_column(raw: pd.DataFrame, column: str) -> pd.Series | None:
    """The table source has copied the column to `group` already; the others have it, or not, as it is."""
    name = "group" if "group" in raw else column
    return as_text(raw[name]) if column in raw else None


def _first_group(pattern: re.Pattern[str], path: str) -> str | None:
    """What the first group that took part in the match holds: of `(a)|(b)` either."""
    match = pattern.search(path)
    return next((g for g in match.groups() if g), None) if match else None


def _no_match(pattern: str, paths: pd.Series) -> str:
    return (
        f"source.group_pattern = '{pattern}' names a group in none of the {len(paths):,} paths, such "
        f"as {examples(paths, 2)}. Correct it: the part in parentheses is the group, and the path is "
        "relative to the photos folder."
    )


# --- the rest of the row -----------------------------------------------------------------------------------


def _text_or_empty(raw: pd.DataFrame, column: str) -> pd.Series:
    if column not in raw:
        return pd.Series("", index=raw.index, dtype=object)
    return raw[column].astype("string").fillna("").astype(object)


def _with_unlabelled_test(frame: pd.DataFrame, attributes: tuple[AttributeOptions, ...], split: pd.Series) -> pd.Series:
    """A test set without a single label is there to be predicted."""
    test = split == "test"
    unlabelled = frame.loc[test, [a.name for a in attributes]].isna().all(axis=None)
    return split.mask(test, "predict") if test.any() and unlabelled else split


def _stats(photos: Path, paths: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Bytes and modification time of each file, 0 where there is none."""
    stats = np.zeros((2, len(paths)), dtype=np.int64)
    for row, path in enumerate(paths):
        try:
            info = Path(photos, path).stat()
        except (OSError, ValueError):
            continue
        stats[:, row] = info.st_size, info.st_mtime_ns
    return stats[0], stats[1]


def _reasons(frame: pd.DataFrame, attributes: tuple[AttributeOptions, ...], reason: pd.Series) -> pd.Series:
    unlabelled = frame[[a.name for a in attributes]].isna().any(axis=1) & (frame["split"] != "predict")
    reason = reason.mask((reason == "") & (frame["mtime_ns"] == 0), NO_FILE)
    return reason.mask((reason == "") & unlabelled, NO_LABEL)


def _notes(frame: pd.DataFrame, attributes: tuple[AttributeOptions, ...]) -> list[str]:
    notes = []
    left_out = frame[frame["reason"] == NO_LABEL]
    if len(left_out):
        missing = {a.name: int(left_out[a.name].isna().sum()) for a in attributes}
        each = ", ".join(f"{name} {n:,}" for name, n in missing.items() if n)
        notes.append(
            f"{count(len(left_out), 'photo')} without a label left out ({each}): {examples(left_out['path'])}."
        )
    usable = frame[(frame["reason"] == "") & (frame["split"] != "predict")]
    space = class_space(attributes)
    if len(attributes) > 1:
        present = {tuple(row) for row in usable[[a.name for a in attributes]].itertuples(index=False)}
        if len(present) < space.num_classes:
            notes.append(
                f"{space.num_classes - len(present)} of the {space.num_classes} classes that the "
                "attributes compose have no photo."
            )
    return notes
