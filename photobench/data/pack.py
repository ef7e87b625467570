"""The pack: photos decoded once, upright, resized, in a memory-mapped uint8 store.

    packs/<fingerprint>/
      pixels.u8      N × S × S × 3, row i is photo i of the manifest
      rows.parquet   path, sha256, width, height, reason, note, crc32
      pack.json      what it is; written last, so its presence means that the pack is whole

`data/packing.py` makes it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from photobench import images
from photobench.crop import geometry
from photobench.errors import PackError
from photobench.images import Fit
from photobench.records import BOX_COLUMNS, WHOLE, Box, Manifest, fingerprint

VERSION = 2


@dataclass(frozen=True)
class PackSpec:
    """What decides the pixels besides the photos themselves and their boxes."""

    size_px: int
    fit: Fit
    margin: float = 0.0
    aspect: float = 0.0
    version: int = VERSION

    def pixels(self, path: str | Path, box: Box = WHOLE) -> tuple[np.ndarray, images.Photo]:
        """One photo as it stands in the pack, (S, S, 3) uint8: the only way from a file to what a model sees.

        Raises:
            ImageError: the photo cannot be read.
        """
        photo = images.read_photo(path, min_side_px=geometry.min_side_px(box, self.size_px))
        window = geometry.region(box, photo.width, photo.height, self.margin, self.aspect)
        height, width = photo.pixels.shape[:2]
        x, y = width / photo.width, height / photo.height  # a JPEG may have been decoded at a part of its size
        window = window[0] * x, window[1] * y, window[2] * x, window[3] * y
        return geometry.cut(photo.pixels, box, window, self.size_px, self.fit), photo


SPEC_FIELDS = tuple(field.name for field in fields(PackSpec))
VERSION_COLUMNS = ["path", "bytes", "mtime_ns", *BOX_COLUMNS]
"""What a row of pixels was made from, besides the spec."""


class Pack:
    """A finished pack, opened for reading. `pixels` is (N, S, S, 3) uint8, memory-mapped."""

    def __init__(self, folder: Path):
        self.folder = folder
        meta = _read_meta(folder)
        self.spec = PackSpec(**{name: meta[name] for name in SPEC_FIELDS})
        missing = [name for name in ("rows.parquet", "pixels.u8") if not (folder / name).is_file()]
        if missing:
            raise PackError(
                f"The pack {folder} is damaged: it has lost {' and '.join(missing)}. Delete the folder and run again."
            )
        self.table = _read_rows(folder)
        shape = (meta["num_photos"], self.spec.size_px, self.spec.size_px, 3)
        if (folder / "pixels.u8").stat().st_size != max(int(np.prod(shape)), 1) or len(self.table) != shape[0]:
            raise PackError(f"The pack {folder} is damaged: its size is wrong. Delete the folder and run again.")
        self.pixels = (
            np.memmap(folder / "pixels.u8", dtype=np.uint8, mode="r", shape=shape)
            if shape[0]
            else np.zeros(shape, np.uint8)
        )
        self.verify(rows=np.unique(np.linspace(0, max(shape[0] - 1, 0), 16, dtype=int))[: shape[0]])

    def __len__(self) -> int:
        return len(self.table)

    def verify(self, rows: Sequence[int] | np.ndarray | None = None) -> None:
        """Compare rows (all of them for None) with their checksums.

        Raises:
            PackError: a row's pixels have changed since they were written.
        """
        checksums = self.table["crc32"].to_numpy()
        for row in range(len(self)) if rows is None else rows:
            if zlib.crc32(self.pixels[row]) != checksums[row]:
                raise PackError(f"The pack {self.folder} is damaged at row {row}. Delete the folder and run again.")

    def annotate(self, manifest: Manifest) -> Manifest:
        """The manifest with what reading the photos told: content hash, size, and why a photo is left out."""
        known = manifest.frame["reason"].to_numpy(dtype=object)
        reason = np.where(known != "", known, self.table["reason"].to_numpy(dtype=object))
        columns = {name: self.table[name].to_numpy() for name in ("sha256", "width", "height")}
        return manifest.with_columns(reason=reason, **columns)


def pack_key(manifest: Manifest, spec: PackSpec) -> str:
    """Names the pack of these versions of these photos."""
    return fingerprint(manifest.files_fingerprint(), [astuple(box) for box in manifest.boxes()], asdict(spec))


def pack_bytes(num_photos: int, spec: PackSpec) -> int:
    """Size of the store on disk, in bytes."""
    return num_photos * spec.size_px * spec.size_px * 3


def _read_rows(folder: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(folder / "rows.parquet")
    except (OSError, ValueError) as error:
        raise PackError(
            f"The pack {folder} is damaged: its rows.parquet cannot be read. Delete the folder and run again."
        ) from error


def _read_meta(folder: Path) -> dict[str, Any]:
    try:
        meta = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
        return {key: meta[key] for key in ("num_photos", *SPEC_FIELDS)}
    except (OSError, ValueError, KeyError) as error:
        raise PackError(f"The pack {folder} is not whole ({error}). Delete the folder and run again.") from error
