"""Embeddings that are kept, read without a model: which photo each is of, and whose they are.

embeddings/<fingerprint of backbone, weights and view>/
  <fingerprint of its photos>.npz   keys (n,) and values (n, D), a file per stretch of photos
  about.json                        whose they are, in words for people
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np

from photobench.data.pack import Pack
from photobench.records import Said

ABOUT_FILE = "about.json"


def photo_keys(pack: Pack, rows: np.ndarray) -> list[str]:
    """By which the embedding of a photo is known: its content and its stored square."""
    table = pack.table.iloc[rows]
    return [f"{content}-{square:08x}" for content, square in zip(table["sha256"], table["crc32"], strict=True)]


def read_kept(folder: Path) -> dict[str, np.ndarray]:
    """All that is kept in a folder, by `photo_keys`. A damaged file is removed: it is made again."""
    known: dict[str, np.ndarray] = {}
    for path in sorted(folder.glob("*.npz")):
        try:
            with np.load(path, allow_pickle=False) as kept:
                known |= dict(zip(kept["keys"].tolist(), kept["values"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
    return known


def about_text(origin: Said) -> str:
    """What `ABOUT_FILE` holds."""
    return json.dumps({"origin": origin.to_json()}, ensure_ascii=False)


def origin_of(folder: Path) -> Said:
    """Whose embeddings a folder keeps; empty where nobody said."""
    try:
        return Said.read(json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))["origin"])
    except (OSError, ValueError, KeyError, TypeError):
        return Said()
