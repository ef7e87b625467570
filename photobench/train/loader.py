"""Batches from the pack. Batch b of epoch e is a function of (seed, e, b) alone, so training can go on from any step."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from photobench.train.sampling import epoch_order
from photobench.vision.augment import Unfinished
from photobench.vision.mix import MIXES, Mixing, unmixed
from photobench.vision.on_device import augmented, mixed
from photobench.vision.recipe import Recipe

Augmentation = Callable[[list[np.ndarray], int], np.ndarray | Unfinished]
"""Stored squares and a seed → photos as the model sees them, or what is to become of them on the device."""


class Todo(NamedTuple):
    """What the loader leaves to the device."""

    recipes: Sequence[Recipe]
    mixing: Mixing
    partner: torch.Tensor


class Batch(NamedTuple):
    """uint8 photos (B, size, size, 3) and int64 targets (B, heads), of which a photo holds `share`, and the rest of the others'.

    `rows` (B,): the number of each photo among the training photos. With something to do, the photos are stored squares as yet, which
    `finished` changes.
    """

    images: torch.Tensor
    targets: torch.Tensor
    others: torch.Tensor
    share: float
    rows: torch.Tensor
    todo: Todo | None = None

    def finished(self, device: torch.device) -> Batch:
        """The batch with photos as the model sees them; where there is something to do, they are on the device then."""
        if self.todo is None:
            return self
        images = augmented(self.images.to(device, non_blocking=True), self.todo.recipes)
        return self._replace(images=mixed(images, self.todo.mixing, self.todo.partner), todo=None)

    def split(self, parts: int, smallest: int = 2) -> list[Batch]:
        """Nearly equal parts of a finished batch, of two photos at least: batch norm cannot use one."""
        parts = max(1, min(parts, len(self.targets) // smallest))
        columns = [tensor.tensor_split(parts) for tensor in (self.images, self.targets, self.others, self.rows)]
        return [
            Batch(images, targets, others, self.share, rows)
            for images, targets, others, rows in zip(*columns, strict=True)
        ]


class TrainingBatches(Dataset[Batch]):
    """Augmented batches, addressed by (epoch, number). A last batch of one photo (for a process) is left out: batch norm cannot use it."""

    def __init__(
        self,
        pixels: np.ndarray,
        rows: np.ndarray,
        targets: np.ndarray,
        batch_size: int,
        augment: Callable[[int], Augmentation],
        seed: int,
        weights: np.ndarray | None = None,
        mix: str = "none",
        mix_share: float = 1.0,
        smallest: int = 2,
    ):
        """`augment`: of an epoch. `weights` (rows,): how often each photo is drawn; None shows each once an epoch. `smallest`: of a
        last batch."""
        self.weights, self.mix, self.mix_share = weights, MIXES.build(mix), mix_share
        self.pixels, self.rows, self.targets = pixels, rows, targets
        self.augment, self.seed, self.smallest = augment, seed, smallest
        self._epoch, self._shuffled = -1, np.arange(0)
        self._divide(batch_size)

    def of_size(self, batch_size: int) -> TrainingBatches:
        """The same photos in batches of another size."""
        other = copy.copy(self)
        other._divide(batch_size)
        return other

    def _divide(self, batch_size: int) -> None:
        self.batch_size = min(batch_size, len(self.rows))
        whole, rest = divmod(len(self.rows), self.batch_size)
        self.num_batches = whole + (rest >= self.smallest)

    def __getitem__(self, where: tuple[int, int]) -> Batch:
        epoch, number = where
        chosen = self._order(epoch)[number * self.batch_size : (number + 1) * self.batch_size]
        rng = np.random.default_rng([self.seed, epoch, number])
        photos = self.augment(epoch)([self.pixels[row] for row in self.rows[chosen]], int(rng.integers(2**31)))
        size_px = photos.size_px if isinstance(photos, Unfinished) else photos.shape[1]
        mix = self.mix if rng.random() < self.mix_share else unmixed
        mixing = mix(self.targets[chosen], size_px, rng)
        targets, rows = torch.from_numpy(self.targets[chosen]), torch.from_numpy(chosen)
        learned = targets, targets[mixing.partner_B], mixing.share, rows
        if isinstance(photos, Unfinished):
            todo = Todo(photos.recipes, mixing, torch.from_numpy(mixing.partner_B))
            return Batch(torch.from_numpy(photos.images), *learned, todo)
        return Batch(torch.from_numpy(mixing.of(photos)), *learned)

    def _order(self, epoch: int) -> np.ndarray:
        """The epoch's order of the photos, shuffled once for all its batches."""
        if self._epoch != epoch:
            self._epoch = epoch
            self._shuffled = epoch_order(len(self.rows), self.weights, np.random.default_rng([self.seed, epoch]))
        return self._shuffled


def training_loader(batches: TrainingBatches, epoch: int, first: int, workers: int, pin: bool) -> DataLoader[Batch]:
    """The batches of an epoch from number `first` on, made by `workers` processes ahead of need."""
    own = torch.Generator().manual_seed(
        0
    )  # else each loader draws from torch's own, and a resumed epoch has one loader more
    order = [(epoch, number) for number in range(first, batches.num_batches)]
    # said in our words before: more of them than cores
    warnings.filterwarnings("ignore", "This DataLoader will create", UserWarning)
    return DataLoader(
        batches, batch_size=None, sampler=order, num_workers=workers, pin_memory=pin,
        worker_init_fn=_one_thread, generator=own, prefetch_factor=4 if workers else None,
    )  # fmt: skip


def grouped(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
    """Lists of `size` batches; the last one has what is left."""
    batches = iter(batches)
    while group := list(islice(batches, size)):
        yield group


def choose_workers(asked: int, device: str) -> int:
    """Processes that augment, for CUDA. On the CPU none: the pack is so much faster than the model that they would only take its cores."""
    if asked >= 0:
        return asked
    return 0 if device != "cuda" else min(8, max(1, (os.cpu_count() or 2) - 1))


def _one_thread(_: int) -> None:
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
