"""The demo's folder: whether it is there, how it appears all at once, and the tables in it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from photobench.errors import SourceError

MARKER = "demo.json"
STALE_S = 3600  # a half-made folder untouched for so long belongs to a killed run


def is_made(root: Path, parameters: Mapping[str, Any]) -> bool:
    """Whether this very demo is at `root`; raises SourceError where anything else is."""
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return False
    remedy = "Choose another folder, or remove this one first."
    try:
        found = json.loads((root / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SourceError(f"{root} exists already and is not a demo data set. {remedy}") from None
    if found != parameters:
        raise SourceError(
            f"{root} holds a demo made with other parameters ({_differences(found, parameters)}). {remedy}"
        )
    return True


def _differences(found: Any, wanted: Mapping[str, Any]) -> str:
    found = found if isinstance(found, dict) else {}
    return ", ".join(f"{k} {found.get(k)}, not {v}" for k, v in wanted.items() if found.get(k) != v) or "unknown ones"


@contextmanager
def appearing(root: Path) -> Iterator[Path]:
    """A sibling folder to fill, which takes the name `root` at the end and vanishes on any failure."""
    root = root.absolute()
    root.parent.mkdir(parents=True, exist_ok=True)
    for leftover in root.parent.glob(f".{root.name}.*.partial"):
        if time.time() - leftover.stat().st_mtime > STALE_S:
            shutil.rmtree(leftover, ignore_errors=True)
    partial_root = root.parent / f".{root.name}.{os.getpid()}.partial"
    partial_root.mkdir()
    try:
        yield partial_root
        if root.exists():
            root.rmdir()  # only an empty folder was let through
        partial_root.rename(root)
    except BaseException:
        shutil.rmtree(partial_root, ignore_errors=True)
        raise


def write_tables(root: Path, rows: list[dict], truth: list[dict], answers: list[dict]) -> None:
    """What the owner believes, the sample submission, and the truth of both halves."""
    _write_csv(root / "train" / "train.csv", rows)
    _write_csv(root / "eval" / "info.csv", [{"ImageID": a["ImageID"], "ans": 0} for a in answers])
    _write_csv(root / "truth" / "train.csv", truth)
    _write_csv(root / "truth" / "eval.csv", answers)


def _write_csv(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
