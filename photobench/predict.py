"""A saved model and photos → Predictions. Photos come from the pack or from files; the pixels are the same either way."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from photobench.crop.finder import Finder
from photobench.crop.stage import about_failures
from photobench.crop.words import HOW
from photobench.data.pack import Pack, PackSpec
from photobench.errors import ImageError, ModelError
from photobench.memory import keep_freed_memory
from photobench.parallel import ahead
from photobench.progress import progress, say
from photobench.records import Box, Predictions
from photobench.vision.device import autocast, choose_device
from photobench.vision.model import Classifier, ModelSpec, build_classifier
from photobench.vision.views import PLAIN, VIEWS, Look
from photobench.words import examples
from photobench.workspace import disk_errors, write_atomic

SPEC_FILE, WEIGHTS_FILE = "model.json", "model.safetensors"
BATCH_SIZE = 64
READ_TOGETHER = 8
MOST_ROUNDS = 30


def save_model(model: Classifier, folder: Path) -> None:
    """Weights first, then the JSON whose presence says that the model is whole. No pickle."""
    weights = save({n: t.contiguous().cpu() for n, t in model.state_dict().items()})
    with disk_errors(folder / WEIGHTS_FILE, len(weights)):
        write_atomic(folder / WEIGHTS_FILE, weights)
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


def predict_rows(
    model: Classifier,
    pack: Pack,
    rows: np.ndarray,
    batch_size: int = BATCH_SIZE,
    views: Sequence[str] = (PLAIN,),
    advance: Callable[[int], None] = lambda count: None,
) -> np.ndarray:
    """Probabilities of the joint classes (len(rows), K) for photos of the pack, in the order of `rows`; `advance` hears of each batch."""
    spec = model.spec
    parts = [np.zeros((0, spec.space.num_classes), np.float32)]
    for start in range(0, len(rows), batch_size):
        stored = pack.pixels[rows[start : start + batch_size]]
        parts.append(predict_stored(model, stored, views))
        advance(len(stored))
    return np.concatenate(parts)


@torch.inference_mode()
def predict_stored(model: Classifier, stored_BSSC: np.ndarray, views: Sequence[str] = (PLAIN,)) -> np.ndarray:
    """Stored squares (B, S, S, 3) → probabilities of the joint classes (B, K). The one way to ask a model.

    Args:
        views: names of VIEWS; the answer is the mean of theirs, and that of a view the mean of its looks.
    """
    said = [_mean([_asked(model, look, stored_BSSC) for look in VIEWS.build(name).looks]) for name in views]
    return _mean(said)


def _asked(model: Classifier, look: Look, stored_BSSC: np.ndarray) -> np.ndarray:
    spec, device = model.spec, next(model.parameters()).device
    images = torch.from_numpy(look(stored_BSSC, spec.size_px, spec.crop)).to(device, non_blocking=True)
    with autocast(device.type, spec.precision):
        logits = model(images)
    return model.joint_probs(logits).numpy()


def _mean(parts: list[np.ndarray]) -> np.ndarray:
    return parts[0] if len(parts) == 1 else np.asarray(np.mean(parts, axis=0, dtype=np.float64), np.float32)


def photo_ms(model: Classifier, batch_size: int = 16, seconds: float = 1.0) -> float:
    """Milliseconds that a photo takes in a batch, without its decoding: the fastest of the rounds that `seconds` have room for, and of
    three at least, which others disturbed least."""
    side_px = model.spec.pack.size_px
    stored_BSSC = np.zeros((batch_size, side_px, side_px, 3), np.uint8)
    predict_stored(model, stored_BSSC)  # the first one compiles
    times: list[float] = []
    while len(times) < 3 or (sum(times) < seconds and len(times) < MOST_ROUNDS):
        started = time.perf_counter()
        predict_stored(model, stored_BSSC)
        times.append(time.perf_counter() - started)
    return 1000 * min(times) / batch_size


@torch.inference_mode()
def features(model: Classifier, images_BHWC: np.ndarray, batch_size: int = BATCH_SIZE) -> np.ndarray:
    """What the backbone makes of photos as the model sees them, (B, size, size, 3) uint8 → (B, D) float32, before any head."""
    device = next(model.parameters()).device
    parts = []
    for start in range(0, len(images_BHWC), batch_size):
        images = torch.from_numpy(np.ascontiguousarray(images_BHWC[start : start + batch_size])).to(device)
        with autocast(device.type, model.spec.precision):
            parts.append(model.features(images).float().numpy(force=True))
    return np.concatenate(parts)


def predict_files(
    model: Classifier,
    paths: Sequence[str | Path],
    run: str = "",
    finder: Finder | None = None,
    views: Sequence[str] = (PLAIN,),
) -> Predictions:
    """Photos from files, decoded in parallel. A photo that cannot be read is a row with its reason and no label.

    Args:
        finder: what finds the box of each photo; None finds it by the model's own method.
        views: as of `predict_stored`; a photo is read once.
    """
    spec = model.spec
    finder = finder or Finder(spec.cropping, spec.usual_box, Path())
    joint_NK = np.full((len(paths), spec.space.num_classes), np.nan, np.float32)
    reasons, fallbacks = [""] * len(paths), [""] * len(paths)
    with progress(len(paths), "predict") as bar, finder.detector.working():
        number = 0
        for chunk in _read_ahead(spec.pack, finder, [Path(path) for path in paths]):
            good = {number + i: photo.stored for i, photo in enumerate(chunk) if photo.stored is not None}
            if good:
                joint_NK[list(good)] = predict_stored(model, np.stack(list(good.values())), views)
            for i, photo in enumerate(chunk, number):
                reasons[i], fallbacks[i] = photo.reason, photo.fallback
            number += len(chunk)
            bar.advance(len(chunk))
    _say_unread(reasons, paths)
    _say_fallbacks(fallbacks, paths, finder)
    return Predictions([str(p) for p in paths], joint_NK, spec.space, reasons, run)


@dataclass(frozen=True)
class _ReadPhoto:
    """The stored square (S, S, 3), or the reason why there is none."""

    stored: np.ndarray | None
    reason: str = ""
    fallback: str = ""
    """How the box is known where nothing was found: `Box.how`."""


def _read_ahead(spec: PackSpec, finder: Finder, paths: list[Path]) -> Iterator[list[_ReadPhoto]]:
    """Photos in order, a batch for the model at a time; at most a few batches in memory."""

    def read(paths: list[Path]) -> list[_ReadPhoto]:
        boxes = finder.find(paths)
        return [
            _read(spec, path, box, box.how if finder.is_missed(box) else "")
            for path, box in zip(paths, boxes, strict=True)
        ]

    tasks = (paths[start : start + READ_TOGETHER] for start in range(0, len(paths), READ_TOGETHER))
    threads = os.cpu_count() or 1
    done = ahead(
        read,
        tasks,
        threads,
        window=threads + 2 * BATCH_SIZE // READ_TOGETHER,
        begin_thread=finder.detector.begin_thread,
    )
    while batch := list(islice(done, BATCH_SIZE // READ_TOGETHER)):
        yield [photo for photos in batch for photo in photos]


def _read(spec: PackSpec, path: Path, box: Box, fallback: str) -> _ReadPhoto:
    try:
        return _ReadPhoto(spec.pixels(path, box)[0], fallback=fallback)
    except ImageError as error:
        return _ReadPhoto(None, str(error))


def _say_unread(reasons: list[str], paths: Sequence[str | Path]) -> None:
    unread = [i for i, reason in enumerate(reasons) if reason]
    if unread:
        shown = examples(f"{paths[i]} ({reasons[i]})" for i in unread)
        say(f"predict: {len(unread):,} of {len(paths):,} photos could not be read, and have no label: {shown}")


def _say_fallbacks(fallbacks: list[str], paths: Sequence[str | Path], finder: Finder) -> None:
    """A fallback is never silent, nor is a detector that fails."""
    without = [i for i, how in enumerate(fallbacks) if how]
    if without:
        ways = ", ".join(
            f"{n:,} × {HOW[how].removeprefix('not found, ')}" for how, n in Counter(filter(None, fallbacks)).items()
        )
        shown = examples(paths[i] for i in without)
        say(f"crop: nothing found in {len(without):,} of {len(paths):,} photos; cut out of them: {ways} ({shown})")
    for note in about_failures(finder.failures):
        say(f"crop: {note}")
