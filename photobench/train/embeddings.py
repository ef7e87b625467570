"""What a backbone makes of photos, kept: a photo is seen once by each backbone, however many heads are tried on it.

They lie in `embeddings/` as `data/embedded.py` says. A kill loses the stretch in flight. A photo is known by its content and its stored square, so other photos may come and go.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from safetensors.torch import save

from photobench.data.embedded import photo_keys, read_kept
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
    return _known_or_seen(model, photo_keys(pack, rows), lambda part: pack.pixels[rows[part]], folder)


def embed_squares(model: Classifier, squares_NSSC: np.ndarray, folder: Path) -> np.ndarray:
    """The same of squares that are no photo of a pack, such as one that was drawn: they are known by what they show."""
    keys = [f"square-{hashlib.sha256(square.tobytes()).hexdigest()}" for square in squares_NSSC]
    return _known_or_seen(model, keys, lambda part: squares_NSSC[part], folder)


def _known_or_seen(
    model: Classifier, keys: Sequence[str], squares_of: Callable[[Sequence[int]], np.ndarray], folder: Path
) -> np.ndarray:
    known = read_kept(folder)
    todo = [n for n, key in enumerate(keys) if key not in known]
    if todo:
        with progress(len(keys), "embed", done=len(keys) - len(todo)) as bar:
            for start in range(0, len(todo), STRETCH):
                part = todo[start : start + STRETCH]
                known |= _kept(folder, [keys[n] for n in part], _seen(model, part, squares_of))
                bar.advance(len(part))
    return np.stack([known[key] for key in keys])


def backbone_key(model: Classifier) -> str:
    """Names the backbone with its weights, and the view that it has of a photo."""
    spec = model.spec
    weights = hashlib.sha256(save({n: t.contiguous().cpu() for n, t in model.backbone.state_dict().items()}))
    view = (spec.size_px, spec.crop, spec.mean, spec.std, spec.precision)
    return fingerprint(spec.backbone, spec.args, view, weights.hexdigest())


def _seen(model: Classifier, numbers: Sequence[int], squares_of: Callable[[Sequence[int]], np.ndarray]) -> np.ndarray:
    model.eval()
    parts = (squares_of(numbers[s : s + BATCH_SIZE]) for s in range(0, len(numbers), BATCH_SIZE))
    views = (fixed_view(part, model.spec.size_px, model.spec.crop) for part in parts)
    return np.concatenate([features(model, view_BHWC) for view_BHWC in views])


def _kept(folder: Path, keys: list[str], seen_ND: np.ndarray) -> dict[str, np.ndarray]:
    buffer = io.BytesIO()
    np.savez(buffer, keys=np.array(keys), values=seen_ND)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / f"{fingerprint(keys)}.npz", buffer.getvalue())
    return dict(zip(keys, seen_ND, strict=True))
