"""The parts of a training, each timed alone: photos decoded, batches made, and the trained step itself taken apart."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from photobench.data.pack import Pack, PackSpec
from photobench.data.packing import build_pack
from photobench.doctor.facts import LOADER_PARTS, MODEL_PARTS
from photobench.errors import ImageError
from photobench.parallel import ahead
from photobench.records import Manifest
from photobench.train.loader import Batch
from photobench.train.loop import Trainer
from photobench.vision.device import synchronise

SAMPLE_PHOTOS, SAMPLE_BYTES = 512, 256 << 20
"""Decoded at the most."""
PROBE = 4
"""Photos of a small step."""
HOPELESS = 5
MIN_ROUNDS, MAX_ROUNDS = 3, 20


def decode_rate(manifest: Manifest, spec: PackSpec, workers: int, seconds: float) -> float:
    """Photos per second from files to the squares of a pack, in as many threads as packing has. Broken ones count too."""
    rows = _drawn(manifest, spec)
    paths, boxes = manifest.frame["path"].tolist(), manifest.boxes()

    def work(row: int) -> None:
        with suppress(ImageError):
            spec.pixels(manifest.root / paths[row], boxes[row])

    work(rows[0])  # it loads what decodes
    started, done = time.perf_counter(), 0
    for _ in ahead(work, rows, workers or os.cpu_count() or 1):
        done += 1
        if time.perf_counter() - started > seconds:
            break
    return done / (time.perf_counter() - started)


def sample_pack(manifest: Manifest, spec: PackSpec, folder: Path, workers: int, most: int) -> tuple[Pack, Manifest]:
    """At most so many of the photos packed in `folder`, and their manifest, in which all of them learn."""
    sample = manifest.part(np.sort(_drawn(manifest, spec)[:most]))
    pack = build_pack(sample, spec, folder, workers)
    return pack, pack.annotate(sample.with_columns(split="train"))


def _drawn(manifest: Manifest, spec: PackSpec) -> np.ndarray:
    """Rows in an order of chance, the same each time."""
    most = min(SAMPLE_PHOTOS, max(1, SAMPLE_BYTES // (3 * spec.size_px**2)))
    return np.random.default_rng(0).permutation(len(manifest))[:most]


def loader_parts(trainer: Trainer, seconds: float) -> dict[str, float]:
    """Seconds per photo of reading, augmenting and collating, made in this process by the training's own batches."""
    watched, laps = _watched_batches(trainer)

    def one(number: int) -> tuple[dict[str, float], int]:
        laps.update(dict.fromkeys(LOADER_PARTS, 0.0))
        started = time.perf_counter()
        batch = watched[divmod(number, watched.num_batches)]
        laps["collate"] = time.perf_counter() - started - laps["read"] - laps["augment"]
        return dict(laps), len(batch.targets)

    return _medians(one, seconds)


def photo_s(trainer: Trainer) -> float:
    """About the seconds that a photo takes in a step, from a small one: a whole one may take long."""
    times = [_small_step_s(trainer) for _ in range(2)]  # the first one compiles
    return times[1] / PROBE


def crowding(trainer: Trainer, threads: int) -> float:
    """How many times as fast a small step is in one thread less. Where others want the cores, threads that wait for each other starve.

    There a step may take a hundred times as long, so a first one that is far behind the first one of fewer threads is enough.
    """
    with in_threads(threads - 1):
        fewer = [_small_step_s(trainer) for _ in range(2)]
    with in_threads(threads):
        first = _small_step_s(trainer)
        return first / fewer[0] if first > HOPELESS * fewer[0] else _small_step_s(trainer) / fewer[1]


def _small_step_s(trainer: Trainer) -> float:
    batch = trainer.learner.finished(trainer.batches[0, 0])
    small = Batch(batch.images[:PROBE], batch.targets[:PROBE], batch.others[:PROBE], batch.share, batch.rows[:PROBE])
    trainer.learning()
    return sum(_lapped_step(trainer, small).values())


def model_parts(trainer: Trainer, batch: Batch, seconds: float) -> dict[str, float]:
    """Seconds per photo of the parts of the trainer's step on a batch that is there already."""

    def one(_: int) -> tuple[dict[str, float], int]:
        return _lapped_step(trainer, batch), len(batch.targets)

    trainer.learning()
    _lapped_step(trainer, batch)  # the first one compiles
    return _medians(one, seconds)


def _medians(one: Callable[[int], tuple[Mapping[str, float], int]], seconds: float) -> dict[str, float]:
    """The median of each part over rounds, per photo."""
    rounds: list[dict[str, float]] = []
    end = time.perf_counter() + seconds
    while len(rounds) < MIN_ROUNDS or (time.perf_counter() < end and len(rounds) < MAX_ROUNDS):
        laps, photos = one(len(rounds))
        rounds.append({name: lap / photos for name, lap in laps.items()})
    return {name: median(laps[name] for laps in rounds) for name in rounds[0]}


def _watched_batches(trainer: Trainer) -> tuple[Any, dict[str, float]]:
    """The trainer's batches, whose reading and augmenting fill in their laps."""
    laps = dict.fromkeys(LOADER_PARTS, 0.0)
    watched = copy.copy(trainer.batches)
    watched.pixels = _Timed(lambda row: np.array(trainer.batches.pixels[row]), laps, "read")  # type: ignore[assignment]
    watched.augment = lambda epoch: _Timed(trainer.batches.augment(epoch), laps, "augment")
    return watched, laps


class _Timed:
    """A function, called or indexed, that adds its seconds to a lap."""

    def __init__(self, function: Callable[..., Any], laps: dict[str, float], name: str):
        self.function, self.laps, self.name = function, laps, name

    def __call__(self, *args: Any) -> Any:
        started = time.perf_counter()
        result = self.function(*args)
        self.laps[self.name] += time.perf_counter() - started
        return result

    __getitem__ = __call__


def _lapped_step(trainer: Trainer, batch: Batch) -> dict[str, float]:
    """One step as it is trained, by its parts. Where the optimiser is not called, its part is 0; where nothing is left to the device, `apply` is not there."""
    ends: dict[str, float] = {}

    def mark(name: str) -> None:
        synchronise(trainer.learner.device)
        ends[name] = time.perf_counter()

    with _hooks(trainer, mark, before_forward="apply" if batch.todo else "transfer"):
        mark("begin")
        if batch.todo:
            batch = batch._replace(images=batch.images.to(trainer.learner.fabric.device, non_blocking=True))
            mark("transfer")
        trainer.learner.step([batch])
        mark("step")
    parts = [name for name in MODEL_PARTS if batch.todo or name != "apply"]
    times = [ends.get(name, ends["step"]) for name in ("begin", *parts)]
    return {name: end - begin for name, begin, end in zip(parts, times, times[1:], strict=False)}


@contextmanager
def _hooks(trainer: Trainer, mark: Callable[[str], None], before_forward: str) -> Iterator[None]:
    handles = [
        trainer.model.register_forward_pre_hook(lambda *_: mark(before_forward)),
        trainer.model.register_forward_hook(lambda *_: mark("forward")),
        trainer.learner.optimizer.register_step_pre_hook(lambda *_: mark("backward")),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def in_threads(number: int) -> Iterator[None]:
    """The threads that torch computes in."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
