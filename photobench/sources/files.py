"""What lies in a photos folder, and the small rules that every source shares."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from photobench.errors import SourceError
from photobench.images import IMAGE_SUFFIXES, is_photo
from photobench.words import count, examples

NO_FILE = "no such file"
NO_LABEL = "no label"

_SPLIT_OF = {
    **dict.fromkeys(("train", "training", "trainset"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "dev"), "valid"),
    **dict.fromkeys(("test", "testing", "testset", "eval", "evaluation"), "test"),
    **dict.fromkeys(("predict", "pred", "prediction", "inference"), "predict"),
}
_FILLERS = {
    "images",
    "image",
    "imgs",
    "img",
    "photos",
    "set",
    "data",
    "dataset",
}  # of "train_images", "training set"
_SKIPPED_FOLDERS = {"__MACOSX", "$RECYCLE.BIN", "System Volume Information"}


def photo_paths(photos: Path) -> list[str]:
    """Every photo below the folder, hidden ones left out: posix paths relative to it, sorted.

    A linked folder is followed once, and not at all where it leads back into the photos.

    Raises:
        SourceError: the folder cannot be listed, or a photo's name is not valid Unicode.
    """
    root_real = os.path.realpath(photos)
    found: list[str] = []
    followed: set[str] = set()
    pending = [(os.fspath(photos), "")]
    while pending:
        folder, prefix = pending.pop()
        for entry in _entries(folder):
            if _is_folder(entry):
                if _is_wanted_folder(entry, root_real, followed):
                    pending.append((entry.path, f"{prefix}{entry.name}/"))
            elif is_photo(entry.name):
                found.append(prefix + entry.name)
    _check_names(found)
    return sorted(found)


def folder_problem(photos: Path) -> str | None:
    """What is wrong with the photos folder, as a sentence; None when it is a folder."""
    try:
        if photos.is_dir():
            return None
    except OSError as error:
        return f"The photos folder {photos} cannot be entered ({error.strerror})."
    what = "is a file, not a folder" if photos.exists() else "does not exist"
    near = next((p for p in photos.parents if p.is_dir()), None)
    hint = f" The nearest folder that exists is {near}." if near and not photos.exists() else ""
    return (
        f"The photos folder {photos} {what}.{hint} Name the folder that holds the photos (in a project: source.photos)."
    )


def no_photos(photos: Path) -> str:
    """The sentence for a folder without a single photo."""
    return (
        f"There is no photo in {photos} or below it (looked for {', '.join(sorted(IMAGE_SUFFIXES))}). "
        "Name the folder that holds them (in a project: source.photos)."
    )


def split_name(text: str) -> str:
    """`"Validation"` → `"valid"`, `"train_images"` → `"train"`; empty for a word that names no split."""
    words = [word for word in re.split(r"[\s_.-]+", text.strip().lower()) if word and word not in _FILLERS]
    return _SPLIT_OF.get(words[0], "") if len(words) == 1 else ""


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Sorts "class 2" before "class 10"."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", text) if part]


def source_rows(
    frame: pd.DataFrame, notes: Iterable[str] = (), conflicts: dict[str, Any] | None = None
) -> pd.DataFrame:
    """The rows of a source in their final form: sorted by path, with notes and conflicts in `attrs`."""
    frame = frame.sort_values("path", kind="stable").reset_index(drop=True)
    frame.attrs = {"notes": list(notes), "conflicts": conflicts or {}}
    return frame


def complaint(problems: Sequence[str]) -> SourceError:
    """One error that holds every problem."""
    if len(problems) == 1:
        return SourceError(problems[0])
    return SourceError(
        f"{len(problems)} problems with the photos and their labels:\n" + "\n".join(f"  - {p}" for p in problems)
    )


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise SourceError(
            f"{folder} cannot be listed ({error.strerror}). Give yourself the right to read it, or "
            "move it out of the photos."
        ) from None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself; if it is named like a photo, reading it gives the reason
        return False


def _is_wanted_folder(entry: os.DirEntry[str], root_real: str, followed: set[str]) -> bool:
    if entry.name.startswith(".") or entry.name in _SKIPPED_FOLDERS:
        return False
    if not entry.is_symlink():
        return True
    real = os.path.realpath(entry.path)
    related = os.path.commonpath([real, root_real]) in (real, root_real)
    if related or real in followed:
        return False
    followed.add(real)
    return True


def _check_names(paths: list[str]) -> None:
    broken = [p for p in paths if not p.isascii() and any("\ud800" <= c <= "\udfff" for c in p)]
    if broken:
        shown = examples(p.encode("utf-8", "backslashreplace").decode() for p in broken)
        raise SourceError(
            f"{count(len(broken), 'photo has a name', 'photos have names')} that are not UTF-8 "
            f"({shown}). Rename them, for example with convmv."
        )
