"""A folder per class, with the splits that folders give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from photobench.errors import SourceError
from photobench.sources import folder
from photobench.sources.clues import Clue, Guess
from photobench.sources.files import natural_key, split_name
from photobench.sources.guess.beside import find_sample, guess_groups
from photobench.sources.options import SourceOptions
from photobench.words import count, examples


def guess_folder(photos: Path, paths: list[str]) -> Guess:
    clues: list[Clue] = []
    names = sorted(folder.class_folders(paths), key=natural_key)
    if not names:
        raise SourceError(folder.flat_folder(photos, len(paths)))
    if len(names) == 1:
        raise SourceError(
            f'{photos} has one class folder only, "{names[0]}", and nothing to tell it from. '
            "Add a folder for each other class, or give a table: photobench init PHOTOS --labels labels.csv"
        )
    if all(map(split_name, names)):
        raise SourceError(
            f"The folders in {photos} ({examples(names)}) name splits and no classes, so nothing says what is in a photo. "
            "Give a table: photobench init PHOTOS --labels labels.csv"
        )
    given = folder.has_given_splits(paths)
    labelled, to_predict = _folder_labels(photos)
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
    guess_groups(source, paths, 2 if given else 1, labelled, clues, warnings)
    sample = find_sample(photos)
    if sample:
        clues.append(Clue(f"{sample.name} is the sample submission.", "likely"))
    attributes = [{"name": folder.COLUMN, "values": names}]
    return Guess("folder", source, attributes, sample, tuple(clues), tuple(warnings))


def _folder_labels(photos: Path) -> tuple[dict[str, str], list[str]]:
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
