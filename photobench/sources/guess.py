"""What a pile of photos is, without being told: layout, labels, groups, splits, the sample submission."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from photobench.errors import SourceError
from photobench.images import is_photo
from photobench.progress import count
from photobench.sources import aistages, folder, groups
from photobench.sources.clues import Clue, Guess
from photobench.sources.columns import Columns, understand
from photobench.sources.files import (
    complaint,
    folder_problem,
    natural_key,
    no_photos,
    photo_paths,
    split_name,
)
from photobench.sources.options import SourceOptions
from photobench.sources.reading import as_text, read_table, table_problem
from photobench.sources.resolve import WAYS, Resolver
from photobench.words import examples

_TABLES = {".csv", ".tsv", ".parquet"}  # that are looked at without being named
_MIN_RESOLVED = 0.5  # of a column's cells, for it to be the path


def guess(photos: Path, labels: Path | None = None) -> Guess:
    """Look at a photos folder, and a label table where one is given, and say what they are.

    Raises:
        SourceError: there are no photos, no labels, or several tables that could be meant.
    """
    photos = Path(os.path.normpath(photos.absolute()))
    problems = [p for p in (folder_problem(photos), table_problem(labels) if labels else None) if p]
    if problems:
        raise complaint(problems)
    photos = photos if labels else _unwrapped(photos)
    home = _aistages_home(photos)
    if home and (labels is None or labels.samefile(home / aistages.TRAIN_TABLE)):
        return _guess_aistages(home)
    paths = photo_paths(photos)
    if not paths:
        raise SourceError(no_photos(photos))
    if labels:
        return _guess_table(photos, paths, Path(os.path.normpath(labels.absolute())))
    table, remarks = _find_table(photos, paths)
    if table and table.parent != photos and _has_test_beside(photos):
        return guess(photos.parent)
    if table:
        found = _guess_table(photos, paths, table)
        return replace(found, warnings=(*remarks, *found.warnings))
    found = _guess_folder(photos, paths)
    return replace(found, warnings=(*remarks, *found.warnings))


# --- AI Stages ---------------------------------------------------------------------------------------------


def _aistages_home(photos: Path) -> Path | None:
    """The folder that holds train/ and eval/, also when train/ or train/images was given."""
    homes = [photos]
    if photos.name == "train":
        homes.append(photos.parent)
    if photos.name == "images" and photos.parent.name == "train":
        homes.append(photos.parent.parent)
    return next((home for home in homes if aistages.recognises(home)), None)


def _guess_aistages(home: Path) -> Guess:
    sample = home / aistages.SAMPLE
    source = {"kind": "aistages", "photos": home.as_posix()}
    attributes = [a.model_dump(mode="json", exclude_defaults=True) for a in aistages.ATTRIBUTES]
    people = len(read_table(home / aistages.TRAIN_TABLE))
    clues = [
        Clue(
            "This is the AI Stages mask competition: mask × gender × age, 18 classes.",
            "certain",
            f"{aistages.TRAIN_TABLE} with {count(people, 'person', 'people')}, and train/images",
        ),
        Clue("All photos of a person stay together.", "certain", "a folder per person"),
    ]
    warnings = []
    if sample.is_file():
        clues.append(Clue(f"{aistages.SAMPLE} is the sample submission.", "certain"))
    else:
        warnings.append(f"There is no {aistages.SAMPLE}, so nothing is to be predicted.")
    return Guess("aistages", source, attributes, sample if sample.is_file() else None, tuple(clues), tuple(warnings))


# --- folders -----------------------------------------------------------------------------------------------


def _guess_folder(photos: Path, paths: list[str]) -> Guess:
    clues: list[Clue] = []
    names = sorted(folder.class_folders(paths), key=natural_key)
    if not names:
        raise SourceError(folder.flat_folder(photos, len(paths)))
    if len(names) == 1:
        raise SourceError(
            f'{photos} has one class folder only, "{names[0]}", and nothing to tell it from. '
            "Add a folder for each other class, or give a table: photobench init PHOTOS --labels labels.csv"
        )
    given = folder.has_given_splits(paths)
    labelled, to_predict = _folder_labels(photos, paths)
    sizes = Counter(labelled.values())
    shown = examples((f"{name} {sizes[name]:,}" for name in names), 6)
    text = f"A folder per class: {count(len(names), 'class', 'classes')}."
    clues.append(Clue(text, "certain" if given or len(names) <= 50 else "likely", shown))
    if given:
        tops = Counter(path.split("/")[0] for path in paths if "/" in path)
        known = (f"{top}/ {n:,}" for top, n in sorted(tops.items()) if split_name(top))
        clues.append(Clue("The split is given by folders and kept.", "certain", ", ".join(known)))
    warnings = _small_classes(sizes)
    if to_predict:
        text = "Photos without class folders are the ones to predict."
        clues.append(Clue(text, "likely", f"{count(len(to_predict), 'photo')}: {examples(to_predict)}"))
    source: dict[str, Any] = {"kind": "folder", "photos": photos.as_posix()}
    _guess_groups(source, paths, 2 if given else 1, labelled, clues, warnings)
    sample = _find_sample(photos)
    if sample:
        clues.append(Clue(f"{sample.name} is the sample submission.", "likely"))
    attributes = [{"name": folder.COLUMN, "values": names}]
    return Guess("folder", source, attributes, sample, tuple(clues), tuple(warnings))


def _unwrapped(photos: Path) -> Path:
    """Goes down where an archive has wrapped everything in one folder."""
    try:
        entries = [p for p in photos.iterdir() if not p.name.startswith(".") and p.name != "__MACOSX"]
        inner = [p for p in entries if p.is_dir()]
        wanted = any(p.suffix.lower() in _TABLES or is_photo(p) for p in entries)
        if len(inner) != 1 or wanted or not any(p.is_dir() for p in inner[0].iterdir()):
            return photos
    except OSError:
        return photos  # whoever lists the photos says what is wrong
    return _unwrapped(inner[0])


def _has_test_beside(photos: Path) -> bool:
    """Whether this is the train folder of a competition, and its table and test folder lie beside it."""
    return split_name(photos.name) == "train" and any(
        p.is_dir() and split_name(p.name) == "test" for p in photos.parent.iterdir()
    )


def _folder_labels(photos: Path, paths: list[str]) -> tuple[dict[str, str], list[str]]:
    """({path: class} of the labelled photos, the photos to predict)."""
    rows = folder.scan(photos, SourceOptions(kind="folder"))
    labelled = rows.dropna(subset=[folder.COLUMN])
    to_predict = rows.loc[rows["split"] == "predict", "path"].tolist()
    return dict(zip(labelled["path"], labelled[folder.COLUMN], strict=True)), to_predict


def _small_classes(sizes: Mapping[str, int]) -> list[str]:
    small = [f"{name} ({n})" for name, n in sizes.items() if n < 5]
    if not small:
        return []
    return [f"{count(len(small), 'class has', 'classes have')} fewer than 5 photos: {examples(small)}."]


# --- tables ------------------------------------------------------------------------------------------------


def _guess_table(photos: Path, paths: list[str], labels: Path) -> Guess:
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
    sample = _find_sample(photos, labels.parent)
    _guess_predict(source, paths, set(found.values()), sample, clues)
    if not columns.group:
        texts = _label_texts(table, found, columns)
        _guess_groups(source, sorted(texts), 0, texts, clues, warnings)
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


def _find_table(photos: Path, paths: list[str]) -> tuple[Path | None, list[str]]:
    """The one table beside the photos that leads to them, and remarks on those that were not taken."""
    candidates = _tables_in(photos)
    if not candidates and not folder.class_folders(paths):
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
        files = sorted(p for p in place.iterdir() if p.suffix.lower() in _TABLES and not p.name.startswith("."))
    except OSError:
        return []
    return [p for p in files if not _is_sample(p) and split_name(p.stem) not in ("test", "predict")]


# --- samples, predictions, groups --------------------------------------------------------------------------


def _is_sample(path: Path) -> bool:
    return path.suffix.lower() == ".csv" and "submission" in path.stem.lower()


def _find_sample(*places: Path) -> Path | None:
    """sample_submission.csv, eval/info.csv and their like."""
    for place in places:
        found = sorted(p for p in place.glob("*.csv") if _is_sample(p))
        found += [p for p in (place / aistages.SAMPLE,) if p.is_file()]
        if found:
            return min(found, key=lambda p: ("sample" not in p.stem.lower(), p.name))
    return None


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


def _guess_groups(
    source: dict[str, Any],
    paths: Sequence[str],
    depth: int,
    labels: Mapping[str, str],
    clues: list[Clue],
    warnings: list[str],
) -> None:
    proposal = groups.propose(paths, depth, labels)
    if proposal:
        source["group_pattern"] = proposal.pattern
        text = f"The path says who or what is in {count(proposal.num_photos, 'photo')}; such photos stay together."
        clues.append(Clue(text, "likely" if proposal.sure == "likely" else "guess", proposal.evidence))
    else:
        warnings.append(
            "Groups are unknown: if several photos show the same person or object, scores will look better "
            "than they are. Set source.group_column or source.group_pattern."
        )
    altered = groups.augmented(paths)
    if altered:
        warnings.append(
            f"{count(len(altered), 'photo looks', 'photos look')} like an altered copy of another by name "
            f"({examples(altered)}); which one cannot be told, so copies may fall on both sides of the split."
        )
