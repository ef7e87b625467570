"""The photos of a review: known by their row number, as long as they are the same photos.

Shape legend: N photos, A attributes, G groups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from photobench.data.pack import Pack, pack_key
from photobench.decisions.fields import Photos
from photobench.errors import PhotobenchError, WorkspaceError
from photobench.progress import say
from photobench.records import GIVEN, SPLITS, Manifest
from photobench.workflow.bench import Bench
from photobench.workflow.photos.preparing import prepare, project_way

SPLIT_CODES = ("", *SPLITS)


class ReviewPhotos:
    """The photos with the labels that the source gives: what people decided since is not in them."""

    def __init__(self, manifest: Manifest, pack: Pack):
        """`manifest`: as prepared, decisions applied; row i of `pack` is its row i."""
        self.manifest, self.pack = _as_given(manifest), pack
        frame = self.manifest.frame
        self.paths: list[str] = frame["path"].tolist()
        self.row_of = {path: row for row, path in enumerate(self.paths)}
        self.codes_NA = self.manifest.codes()
        self.groups: list[str] = frame["group"].tolist()
        self.known = Photos(self.manifest)
        self._readable = (pack.table["reason"] == "").to_numpy()

    def __len__(self) -> int:
        return len(self.paths)

    @cached_property
    def rows_of_group(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for row, group in enumerate(self.groups):
            found[group].append(row)
        return found

    @cached_property
    def _folded(self) -> list[str]:
        """What a search looks at."""
        return [f"{path}\n{group}".casefold() for path, group in zip(self.paths, self.groups, strict=True)]

    def is_readable(self, row: int) -> bool:
        return bool(self._readable[row])

    def given(self, row: int) -> dict[str, str | None]:
        """The labels of a photo as the source gives them; None where there is none."""
        attributes = self.manifest.space.attributes
        codes = self.codes_NA[row].tolist()
        return {a.name: a.values[code] if code >= 0 else None for a, code in zip(attributes, codes, strict=True)}

    def search(self, text: str) -> list[int]:
        """All photos whose path or group holds the text, without regard to case."""
        wanted = text.casefold()
        return [row for row, folded in enumerate(self._folded) if wanted in folded]

    def columns(self) -> Mapping[str, Any]:
        """Of all photos: codes of labels and splits, numbers of groups, whether the photo can be read."""
        frame, names = self.manifest.frame, [a.name for a in self.manifest.space.attributes]
        code_of = {split: code for code, split in enumerate(SPLIT_CODES)}
        number_of = {group: number for number, group in enumerate(dict.fromkeys(self.groups))}
        return {
            "labels": {name: self.codes_NA[:, place].tolist() for place, name in enumerate(names)},
            "split": [code_of.get(split, 0) for split in frame["split"]],
            "group": [number_of[group] for group in self.groups],
            "usable": self._readable.astype(int).tolist(),
        }

    def facts(self, row: int) -> dict[str, Any]:
        """What is known of one photo besides its labels."""
        line = self.manifest.frame.iloc[row]
        box = self.manifest.part(np.array([row])).boxes()[0]
        width, height = (int(self.pack.table[name].iloc[row]) for name in ("width", "height"))
        return {
            "path": self.paths[row],
            "split": line["split"],
            "reason": line["reason"],
            "width": width,
            "height": height,
            "group": self.groups[row],
            "group_photos": [other for other in self.rows_of_group[self.groups[row]] if other != row],
            "box": [round(value, 5) for value in (*box.corners, box.angle)],
            "box_how": box.how,
        }


def _as_given(manifest: Manifest) -> Manifest:
    """With the labels of the source; groups stay merged."""
    names = [a.name for a in manifest.space.attributes if GIVEN + a.name in manifest.frame]
    return manifest.with_columns(**{name: manifest.frame[GIVEN + name] for name in names})


def review_photos(bench: Bench) -> ReviewPhotos:
    """The photos as they are today; while another process works, as they were when it began.

    Raises:
        WorkspaceError: another process holds the workspace, and the photos were never read before.
    """
    try:
        prepared = prepare(bench)
    except WorkspaceError as busy:
        kept = _kept(bench)
        if kept is None:
            raise
        say(f"note: {busy} Until then photos are shown, and decided on, as they were when it began.")
        return kept
    return ReviewPhotos(prepared.manifest, prepared.pack)


def _kept(bench: Bench) -> ReviewPhotos | None:
    """The manifest and the pack that were written last, where they belong to each other."""
    try:
        manifest = Manifest.read(bench.workspace.manifest_file)
        return ReviewPhotos(manifest, Pack(bench.workspace.packs / pack_key(manifest, project_way(bench).pack)))
    except PhotobenchError:
        return None
