"""A pack is made: begun anew or gone on with, filled in threads, finished.

While it is made, the folder is called `<fingerprint>.partial` and holds a journal with a line per photo that is done, written after
the photo's pixels; a kill loses the chunk in flight and nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import asdict, astuple
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from photobench import images
from photobench.data.pack import VERSION_COLUMNS, Pack, PackSpec, pack_bytes, pack_key
from photobench.errors import ImageError, PackError
from photobench.parallel import ahead
from photobench.progress import progress
from photobench.records import BOX_COLUMNS, Box, Manifest
from photobench.words import size_text
from photobench.workspace import disk_errors, write_atomic

CHUNK = 128
"""Photos between two journal writes."""
SPARE_BYTES = 64 << 20
"""Left free on the disk."""


def open_pack(manifest: Manifest, spec: PackSpec, packs: Path) -> Pack | None:
    """The pack of a manifest, whatever another process does; None where there is none.

    Raises:
        PackError: it is damaged.
    """
    folder = packs / pack_key(manifest, spec)
    try:
        return Pack(folder) if folder.exists() else None
    except (PackError, OSError):
        if folder.exists():
            raise
        return None  # a newer pack took its place in this moment


def is_settled(pack: Pack) -> bool:
    """No photo was left out for a reason that may be gone, such as a missing permission or a drive that failed."""
    return not any(images.may_pass(reason) for reason in pack.table["reason"].unique())


def build_pack(manifest: Manifest, spec: PackSpec, packs: Path, workers: int = 0) -> Pack:
    """The pack of a manifest: opened where it exists, gone on with where it was begun, else made. One process at a time.

    Raises:
        PackError: the disk lacks the space (how much is needed), or a finished pack is damaged.
    """
    key = pack_key(manifest, spec)
    folder, partial = packs / key, packs / f"{key}.partial"
    with disk_errors(packs):
        pack = open_pack(manifest, spec, packs)
        if pack and not is_settled(pack):
            _reopen(pack, partial)
        if not folder.exists():
            partial.mkdir(parents=True, exist_ok=True)
            done = _journal(partial)
            _reserve(partial / "pixels.u8", len(manifest), spec)
            done |= _reuse(manifest, spec, packs, partial, done)
            _fill(manifest, spec, partial, done, workers or os.cpu_count() or 1)
            _finish(manifest, spec, partial, folder)
            _tidy(folder, spec)
    return Pack(folder)


def _reserve(path: Path, num_photos: int, spec: PackSpec) -> None:
    """Allocate the whole store before the first photo, so that a full disk is found now and not in the middle."""
    need = pack_bytes(num_photos, spec)
    have = path.stat().st_blocks * 512 if path.exists() else 0
    free = shutil.disk_usage(path.parent).free
    if need - have + SPARE_BYTES > free:
        raise PackError(
            f"The pack of {num_photos:,} photos at {spec.size_px} px needs {size_text(need)}, what comes after it at least "
            f"{size_text(SPARE_BYTES)} more, and {path.parent.parent} has {size_text(free)} free. "
            "Free some space, choose a workspace on another disk, or set a smaller model.size_px."
        )
    with path.open("ab") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, max(need, 1))
        file.truncate(max(need, 1))


def _writable(path: Path, num_photos: int, spec: PackSpec) -> np.memmap:
    return np.memmap(path, dtype=np.uint8, mode="r+", shape=(num_photos, spec.size_px, spec.size_px, 3))


def _fill(manifest: Manifest, spec: PackSpec, folder: Path, done: dict[int, dict[str, Any]], workers: int) -> None:
    todo = [row for row in range(len(manifest)) if row not in done]
    if not todo:
        return
    frame = manifest.frame
    paths, boxes = frame["path"].tolist(), manifest.boxes()
    pixels = _writable(folder / "pixels.u8", len(manifest), spec)
    with (
        (folder / "journal.jsonl").open("a") as journal,
        progress(len(manifest), "pack", done=len(done)) as bar,
    ):

        def work(row: int) -> dict[str, Any]:
            pixels[row], facts = _read(manifest.root / paths[row], boxes[row], spec)
            return {"row": row, **facts}

        results = ahead(work, todo, workers, window=4 * workers)
        while chunk := list(islice(results, CHUNK)):
            pixels.flush()  # the pixels are on disk before the journal says so
            journal.writelines(json.dumps(line) + "\n" for line in chunk)
            journal.flush()
            bar.advance(len(chunk))


def _read(path: Path, box: Box, spec: PackSpec) -> tuple[np.ndarray, dict[str, Any]]:
    """The pixels and what reading told. Whether a photo has a label is no matter here: it may get one tomorrow."""
    try:
        data, photo = spec.pixels(path, box)
        facts = {"sha256": photo.sha256, "width": photo.width, "height": photo.height, "reason": "", "note": photo.note}
    except ImageError as error:
        data = np.zeros((spec.size_px, spec.size_px, 3), np.uint8)
        facts = {"sha256": "", "width": 0, "height": 0, "reason": str(error), "note": ""}
    return data, {**facts, "crc32": zlib.crc32(data.tobytes())}


def _reopen(pack: Pack, partial: Path) -> None:
    """Make a finished pack an unfinished one, in which what could not be read is still to be done."""
    lines = [
        json.dumps({"row": row, **facts})
        for row, facts in enumerate(pack.table.drop(columns=VERSION_COLUMNS).to_dict("records"))
        if not images.may_pass(facts["reason"])
    ]
    shutil.rmtree(partial, ignore_errors=True)
    pack.folder.rename(partial)  # before anything in it changes: whoever opens it meanwhile finds all of it, or no pack
    write_atomic(partial / "journal.jsonl", "".join(f"{line}\n" for line in lines).encode())
    (partial / "pack.json").unlink()


def _journal(partial: Path) -> dict[int, dict[str, Any]]:
    """Rows done by an earlier, unfinished attempt. A last line cut by the kill is ignored, and removed."""
    path = partial / "journal.jsonl"
    if not path.exists():
        return {}
    done, whole = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            break
        done[entry["row"]] = entry
        whole.append(line + "\n")
    write_atomic(path, "".join(whole).encode())
    return done


def _reuse(
    manifest: Manifest, spec: PackSpec, packs: Path, partial: Path, done: dict[int, Any]
) -> dict[int, dict[str, Any]]:
    """Copies from an older pack the photos that have not changed since, so that a new photo costs one photo."""
    for old in _finished(packs, spec):
        whole = (old.table["reason"] == "").tolist()
        rows = {key: i for i, key in enumerate(_versions(old.table)) if whole[i]}
        pairs = [
            (new, rows[key])
            for new, key in enumerate(_versions(_made_from(manifest)))
            if new not in done and key in rows
        ]
        if not pairs:
            continue
        facts = old.table.drop(columns=VERSION_COLUMNS).to_dict("records")
        pixels, entries = _writable(partial / "pixels.u8", len(manifest), spec), {}
        for new, row in pairs:
            pixels[new] = old.pixels[row]
            entries[new] = {"row": new, **facts[row]}
        pixels.flush()
        with (partial / "journal.jsonl").open("a") as journal:
            journal.writelines(json.dumps(entry) + "\n" for entry in entries.values())
        return entries
    return {}


def _versions(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(table[VERSION_COLUMNS].itertuples(index=False, name=None))


def _made_from(manifest: Manifest) -> pd.DataFrame:
    """The columns of a pack's table that say which version of which photo, and which part of it, a row is."""
    boxes = pd.DataFrame(map(astuple, manifest.boxes()), columns=list(BOX_COLUMNS))
    return manifest.frame[["path", "bytes", "mtime_ns"]].reset_index(drop=True).join(boxes)


def _finished(packs: Path, spec: PackSpec) -> Iterator[Pack]:
    for meta in sorted(packs.glob("*/pack.json")):
        try:
            pack = Pack(meta.parent)
        except (PackError, OSError):
            continue
        if pack.spec == spec:
            yield pack


def _tidy(folder: Path, spec: PackSpec) -> None:
    """Remove what a new pack has taken over: older packs of the same kind, and stores that were begun and given up."""
    others = [other.folder for other in _finished(folder.parent, spec) if other.folder != folder]
    for other in others:
        other.rename(other.with_name(f"{other.name}.partial"))  # a kill in the middle leaves no half of a finished pack
    for given_up in folder.parent.glob("*.partial"):
        shutil.rmtree(given_up)


def _finish(manifest: Manifest, spec: PackSpec, partial: Path, folder: Path) -> None:
    entries = _journal(partial)
    table = pd.DataFrame([entries[row] for row in range(len(manifest))]).drop(columns="row", errors="ignore")
    _made_from(manifest).join(table).to_parquet(partial / "rows.parquet")
    meta = {"num_photos": len(manifest), **asdict(spec)}
    write_atomic(partial / "pack.json", json.dumps(meta).encode())
    (partial / "journal.jsonl").unlink(missing_ok=True)
    partial.rename(folder)
