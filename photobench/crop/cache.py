"""What detectors have found, kept: a line per look at a photo, appended batch by batch. A kill loses the batch in flight."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from photobench.crop.choose import Look
from photobench.crop.found import Found
from photobench.images import may_pass
from photobench.records import fingerprint
from photobench.workspace import disk_errors, write_atomic

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
        lines = [json.dumps(_line(version, look)) + "\n" for version, look in lasting.items()]
        with disk_errors(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(lines)

    def _read(self) -> dict[Version, Look]:
        if not self.path.exists():
            return {}
        looks, whole = {}, []
        text = self.path.read_text(encoding="utf-8")
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                looks[entry["path"], entry["bytes"], entry["mtime_ns"]] = _look(entry)
            except (ValueError, KeyError, TypeError):
                continue  # cut by a kill; the photo is looked at again
            whole.append(line + "\n")
        if "".join(whole) != text:
            write_atomic(self.path, "".join(whole).encode())
        return looks


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
