"""What a backbone makes of photos, kept: a photo is seen once by each backbone, however many heads are tried on it.

    embeddings/<fingerprint of backbone, weights and view>/
      <fingerprint of its photos>.npz   keys (n,) and values (n, D), a file per stretch of photos

A kill loses the stretch in flight. A photo is known by its content and its stored square, so other photos may come and go.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from safetensors.torch import save

from photobench.data.pack import Pack
from photobench.predict import BATCH_SIZE, features
from photobench.progress import progress
from photobench.records import fingerprint
from photobench.vision.model import Classifier
from photobench.vision.preprocess import fixed_view
from photobench.workspace import disk_errors, write_atomic

STRETCH = 8 * BATCH_SIZE
"""Photos of a file."""


def embed(model: Classifier, pack: Pack, rows: np.ndarray, folder: Path) -> np.ndarray:
    """What the backbone makes of these photos of the pack, (len(rows), D) float32: from the folder, or seen now and kept there."""
    keys = _keys(pack, rows)
    known = _read(folder)
    todo = [n for n, key in enumerate(keys) if key not in known]
    if todo:
        with progress(len(rows), "embed", done=len(rows) - len(todo)) as bar:
            for start in range(0, len(todo), STRETCH):
                part = todo[start : start + STRETCH]
                seen_ND = _seen(model, pack, rows[part])
                known |= _kept(folder, [keys[n] for n in part], seen_ND)
                bar.advance(len(part))
    return np.stack([known[key] for key in keys])


def backbone_key(model: Classifier) -> str:
    """Names the backbone with its weights, and the view that it has of a photo."""
    spec = model.spec
    weights = hashlib.sha256(save({n: t.contiguous().cpu() for n, t in model.backbone.state_dict().items()}))
    view = (spec.size_px, spec.crop, spec.mean, spec.std, spec.precision)
    return fingerprint(spec.backbone, spec.args, view, weights.hexdigest())


def _keys(pack: Pack, rows: np.ndarray) -> list[str]:
    table = pack.table.iloc[rows]
    return [f"{content}-{square:08x}" for content, square in zip(table["sha256"], table["crc32"], strict=True)]


def _seen(model: Classifier, pack: Pack, rows: np.ndarray) -> np.ndarray:
    model.eval()
    starts = range(0, len(rows), BATCH_SIZE)
    views = (fixed_view(pack.pixels[rows[s : s + BATCH_SIZE]], model.spec.size_px, model.spec.crop) for s in starts)
    return np.concatenate([features(model, view_BHWC) for view_BHWC in views])


def _kept(folder: Path, keys: list[str], seen_ND: np.ndarray) -> dict[str, np.ndarray]:
    buffer = io.BytesIO()
    np.savez(buffer, keys=np.array(keys), values=seen_ND)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / f"{fingerprint(keys)}.npz", buffer.getvalue())
    return dict(zip(keys, seen_ND, strict=True))


def _read(folder: Path) -> dict[str, np.ndarray]:
    known: dict[str, np.ndarray] = {}
    for path in sorted(folder.glob("*.npz")):
        try:
            with np.load(path, allow_pickle=False) as kept:
                known |= dict(zip(kept["keys"].tolist(), kept["values"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)  # damaged: it is made again
    return known
