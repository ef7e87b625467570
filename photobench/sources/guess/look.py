"""Which of the layouts it is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from photobench.errors import SourceError
from photobench.images import is_photo
from photobench.sources import aistages
from photobench.sources.clues import Guess
from photobench.sources.files import complaint, folder_problem, no_photos, photo_paths, split_name
from photobench.sources.guess.beside import TABLES
from photobench.sources.guess.competition import guess_aistages, home_of_aistages
from photobench.sources.guess.folders import guess_folder
from photobench.sources.guess.tables import find_table, guess_table
from photobench.sources.reading import table_problem


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
    home = home_of_aistages(photos)
    if home and (labels is None or labels.samefile(home / aistages.TRAIN_TABLE)):
        return guess_aistages(home)
    paths = photo_paths(photos)
    if not paths:
        raise SourceError(no_photos(photos))
    if labels:
        return guess_table(photos, paths, Path(os.path.normpath(labels.absolute())))
    table, remarks = find_table(photos, paths)
    if table and table.parent != photos and _has_test_beside(photos):
        return guess(photos.parent)
    if table:
        found = guess_table(photos, paths, table)
        return replace(found, warnings=(*remarks, *found.warnings))
    found = guess_folder(photos, paths)
    return replace(found, warnings=(*remarks, *found.warnings))


def _unwrapped(photos: Path) -> Path:
    """Goes down where an archive has wrapped everything in one folder."""
    try:
        entries = [p for p in photos.iterdir() if not p.name.startswith(".") and p.name != "__MACOSX"]
        inner = [p for p in entries if p.is_dir()]
        wanted = any(p.suffix.lower() in TABLES or is_photo(p) for p in entries)
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
