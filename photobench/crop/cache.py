"""What detectors have found, kept: a line per look at a photo, appended batch by batch. A kill loses the batch in flight.

A batch is one write at the end of the file, so that several processes may add to it and others read it meanwhile. Nothing is ever rewritten: a line
that a kill has cut stays, and says nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np

from photobench.crop.choose import Look
from photobench.crop.found import Found
from photobench.images import may_pass
from photobench.records import fingerprint
from photobench.workspace import disk_errors

Version = tuple[str, int, int]
"""A photo's path, bytes and mtime_ns: another version of a file is another photo."""


class LookCache:
    """The looks of one detector with one set of its options."""

    def __init__(self, folder: Path, detector: str):
        self.path = folder / f"{fingerprint(detector)}.jsonl"
        self.detector = detector
        self._looks = self._read()

    def __contains__(self, version: Version) -> bool:
        return version in self._looks

    def __getitem__(self, version: Version) -> Look:
        return self._looks[version]

    def add(self, looks: Mapping[Version, Look]) -> None:
        """Keep a batch. What may succeed the next time, such as a detector that failed, is kept for this time only."""
        self._looks |= looks
        lasting = {v: look for v, look in looks.items() if not look.failed and not may_pass(look.trouble)}
        lines = "".join(json.dumps(_line(version, look)) + "\n" for version, look in lasting.items())
        with disk_errors(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+", buffering=0) as file:
                data = _line_end(file) + lines.encode()
                while data:  # a disk that gets full takes a part, and refuses the rest
                    data = data[file.write(data) :]

    def _read(self) -> dict[Version, Look]:
        if not self.path.exists():
            return {}
        looks = {}
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
                looks[entry["path"], entry["bytes"], entry["mtime_ns"]] = _look(entry)
            except (ValueError, KeyError, TypeError):
                continue  # cut by a kill; the photo is looked at again
        return looks


def _line_end(file: FileIO) -> bytes:
    """What a last line lacks that a kill has cut."""
    if not file.seek(0, os.SEEK_END):
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"


def _line(version: Version, look: Look) -> dict[str, Any]:
    found = look.found
    return {
        **dict(zip(("path", "bytes", "mtime_ns"), version, strict=True)),
        "trouble": look.trouble,
        "width": look.width,
        "height": look.height,
        "boxes": found.boxes_F4.tolist(),
        "scores": found.scores_F.tolist(),
        "landmarks": found.landmarks_FP2.tolist(),
    }


def _look(entry: dict[str, Any]) -> Look:
    num = len(entry["boxes"])
    found = Found(
        np.array(entry["boxes"], np.float64).reshape(num, 4),
        np.array(entry["scores"], np.float64),
        np.array(entry["landmarks"], np.float64).reshape(num, -1, 2) if num else np.zeros((0, 0, 2), np.float64),
    )
    return Look(entry["width"], entry["height"], found, entry["trouble"])
