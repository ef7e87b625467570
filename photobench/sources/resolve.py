"""From the cell of a table to the photo it means."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from photobench.images import IMAGE_SUFFIXES
from photobench.sources.files import NO_FILE, split_name

WAYS = (
    "relative to the photos folder, relative to the table's folder, and by a file name that is unique; "
    "with and without an ending"
)
"""What `Resolver.find` tries, for messages."""


class Resolver:
    """Finds the photo that a cell names. Case, `\\`, and how Hangul or accents are composed do not matter."""

    def __init__(self, photos: Path, paths: list[str], table: Path):
        self._photos = os.path.normpath(photos.absolute())
        self._table_folder = os.path.normpath(table.absolute().parent)
        self._preferred = split_name(table.stem.split("_")[0])  # of train.csv, train_labels.csv: look in train/ first
        self._exact = {unicodedata.normalize("NFC", p): p for p in paths}
        self._by_path: dict[str, list[str]] = defaultdict(list)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._folders: set[str] = set()
        for path in paths:
            self._add(path)

    def find(self, cell: str) -> tuple[str, str]:
        """(path of the photo, "") or (the cell as a path, why there is none)."""
        text = unicodedata.normalize("NFC", cell.replace("\\", "/")).removeprefix("./")
        if text in self._exact:
            return self._exact[text], ""
        for place in self._places(text):
            found = self._choose(self._by_path.get(place.casefold(), []))
            if found:
                return found, ""
        candidates = self._named(text.casefold())
        found = self._choose(candidates)
        if found:
            return found, ""
        shown = text.lstrip("/") or text
        return shown, f"several files have this name: {', '.join(candidates[:3])}" if candidates else NO_FILE

    def _add(self, path: str) -> None:
        key = _key(path)
        folder, _, name = key.rpartition("/")
        stem, dot, ending = name.rpartition(".")
        self._by_path[key].append(path)
        self._by_name[name].append(path)
        if stem and dot + ending in IMAGE_SUFFIXES:
            self._by_path[f"{folder}/{stem}" if folder else stem].append(path)
            self._by_name[stem].append(path)
        if folder and folder not in self._folders:
            self._folders.update(parent.name for parent in [PurePosixPath(folder), *PurePosixPath(folder).parents])
            self._folders.add(folder)

    def _places(self, text: str) -> Iterable[str]:
        """The cell as a path relative to the photos, read in both ways."""
        for base in (self._photos, self._table_folder):
            place = os.path.normpath(f"{base}/{text}" if not text.startswith("/") else text)
            if place.startswith(f"{self._photos}/"):
                yield place[len(self._photos) + 1 :]

    def _named(self, text: str) -> list[str]:
        """Photos of that name; where the cell has folders, those that share the longest tail with it.

        A photo in another folder is not taken when the cell's own folder exists: "cats/1.jpg" is never
        "dogs/1.jpg".
        """
        *folders, name = [part for part in text.split("/") if part not in ("", ".", "..")] or [""]
        candidates = self._by_name.get(name, [])
        if not folders or not candidates:
            return candidates
        shared = [_shared_tail(folders, _key(c).split("/")[:-1]) for c in candidates]
        if max(shared) == 0 and folders[-1] in self._folders:
            return []
        return [c for c, depth in zip(candidates, shared, strict=True) if depth == max(shared)]

    def _choose(self, candidates: list[str]) -> str:
        if len(candidates) > 1 and self._preferred:
            candidates = [c for c in candidates if any(split_name(p) == self._preferred for p in c.split("/")[:-1])]
        return candidates[0] if len(candidates) == 1 else ""


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _shared_tail(one: list[str], other: list[str]) -> int:
    depth = 0
    while depth < min(len(one), len(other)) and one[-1 - depth] == other[-1 - depth]:
        depth += 1
    return depth
