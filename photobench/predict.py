"""A saved model and photos → Predictions. Photos come from the pack or from files; the pixels are the same either way."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from photobench.data.pack import Pack, PackSpec
from photobench.errors import ImageError, ModelError
from photobench.progress import progress
from photobench.records import Predictions
from photobench.vision.device import autocast, choose_device, keep_freed_memory
from photobench.vision.model import Classifier, ModelSpec, build_classifier
from photobench.vision.preprocess import fixed_view
from photobench.workspace import write_atomic

SPEC_FILE, WEIGHTS_FILE = "model.json", "model.safetensors"
BATCH_SIZE = 64


def save_model(model: Classifier, folder: Path) -> None:
    """Weights first, then the JSON whose presence says that the model is whole. No pickle."""
    write_atomic(folder / WEIGHTS_FILE, save({n: t.contiguous().cpu() for n, t in model.state_dict().items()}))
    write_atomic(folder / SPEC_FILE, json.dumps(model.spec.to_json(), indent=1, ensure_ascii=False).encode())


def load_model(folder: Path, device: str = "auto") -> Classifier:
    """A model as it was saved, ready to predict.

    Raises:
        ModelError: the folder holds no whole model.
    """
    keep_freed_memory()
    try:
        spec = ModelSpec.from_json(json.loads((folder / SPEC_FILE).read_text(encoding="utf-8")))
        state = load_file(folder / WEIGHTS_FILE)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ModelError(f"{folder} holds no whole model ({error}). Train one with: photobench train") from error
    model = build_classifier(spec)
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ModelError(f"The weights in {folder} do not fit its model.json: {str(error).splitlines()[0]}") from error
    return model.to(choose_device(device)).to(memory_format=torch.channels_last).eval()


def predict_rows(model: Classifier, pack: Pack, rows: np.ndarray, batch_size: int = BATCH_SIZE) -> np.ndarray:
    """Probabilities of the joint classes (len(rows), K) for photos of the pack, in the order of `rows`."""
    spec = model.spec
    parts = [np.zeros((0, spec.space.num_classes), np.float32)]
    for start in range(0, len(rows), batch_size):
        stored = pack.pixels[rows[start : start + batch_size]]
        parts.append(predict_stored(model, stored))
    return np.concatenate(parts)


@torch.inference_mode()
def predict_stored(model: Classifier, stored_BSSC: np.ndarray) -> np.ndarray:
    """Stored squares (B, S, S, 3) → probabilities of the joint classes (B, K). The one way to ask a model."""
    spec = model.spec
    device = next(model.parameters()).device
    images = torch.from_numpy(fixed_view(stored_BSSC, spec.size_px, spec.crop)).to(device, non_blocking=True)
    with autocast(device.type, spec.precision):
        logits = model(images)
    return model.joint_probs(logits).numpy()


def predict_files(model: Classifier, paths: Sequence[str | Path], run: str = "") -> Predictions:
    """Photos from files, decoded in parallel. A photo that cannot be read is a row with its reason and no label."""
    spec = model.spec
    joint_NK = np.full((len(paths), spec.space.num_classes), np.nan, np.float32)
    reasons = [""] * len(paths)
    with progress(len(paths), "predict") as bar:
        read = _read_ahead(spec.pack, paths)
        number = 0
        while chunk := list(islice(read, BATCH_SIZE)):
            good = [i for i, photo in enumerate(chunk) if isinstance(photo, np.ndarray)]
            if good:
                joint_NK[number + np.array(good)] = predict_stored(model, np.stack([chunk[i] for i in good]))
            for i, photo in enumerate(chunk):
                reasons[number + i] = "" if isinstance(photo, np.ndarray) else photo
            number += len(chunk)
            bar.advance(len(chunk))
    return Predictions([str(p) for p in paths], joint_NK, spec.space, reasons, run)


def _read_ahead(spec: PackSpec, paths: Sequence[str | Path]) -> Iterator[np.ndarray | str]:
    """Stored squares in order, or the reason why there is none; at most a few batches in memory."""

    def read(path: str | Path) -> np.ndarray | str:
        try:
            return spec.pixels(path)[0]
        except ImageError as error:
            return str(error)

    waiting = iter(paths)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        futures = [pool.submit(read, path) for path in islice(waiting, 2 * BATCH_SIZE)]
        while futures:
            yield futures.pop(0).result()
            futures += [pool.submit(read, path) for path in islice(waiting, 1)]
