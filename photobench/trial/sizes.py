"""How many photos a step can take: batches of growing size, each for a few real steps, until memory or speed says stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photobench.errors import ModelError
from photobench.progress import say
from photobench.train.loop import Trainer
from photobench.trial.space import Space, space_of
from photobench.trial.steps import TRIED, trial_steps
from photobench.words import size_text

SMALLEST, LARGEST = 2, 4096
"""Batch norm needs two photos; `train.batch_size` takes no more than the largest."""

WARM_UP, TIMED = 2, 5
"""Steps of each size: the first ones allocate and choose kernels."""

CLEARLY = 1.1
"""What is faster by less than this is called as fast: the figures scatter, and the smaller batch learns in more steps."""

FEWEST_STEPS = 400
"""Of a whole training that a suggestion leaves at the least: with fewer, a model moves too seldom to learn (docs/log.md has figures)."""

SMALL = 8
"""So many photos in a step may always be suggested, however few there are in all: batch norm learns little from fewer."""

SPARED = 0.8
"""The share of the free memory that a size may take: the machine has other work."""

ONE_BATCH = {**TRIED, "accumulate": 1}
"""Options of the training whose steps are tried: a size is that of a step."""

PATIENCE = 2
"""Sizes in a row that are not clearly faster, after which a processor is tried no further: larger ones only take memory."""


@dataclass(frozen=True)
class Size:
    """A batch size that was tried: its speed, and the most memory that the process or the device held. One that does not fit has no speed."""

    photos: int
    images_per_s: float = 0.0
    peak_bytes: int | None = None

    @property
    def fits(self) -> bool:
        return self.images_per_s > 0


def num_steps(photos: int, num_photos: int, epochs: int) -> int:
    """Of a training that goes `epochs` times over `num_photos`, `photos` in a step."""
    return -(-num_photos // photos) * epochs


def fastest(sizes: list[Size], num_photos: int, epochs: int) -> Size:
    """The smallest of the sizes that are as fast as the fastest, of those that leave a training `FEWEST_STEPS`, or are `SMALL`.

    Raises:
        ModelError: none fits.
    """
    fitting = [size for size in sizes if size.fits]
    if not fitting:
        raise ModelError(f"Not even {SMALLEST} photos fit into memory. A smaller model.size_px or backbone needs less.")
    enough = (size for size in fitting if num_steps(size.photos, num_photos, epochs) >= FEWEST_STEPS)
    allowed = sorted({*enough, *(size for size in fitting if size.photos <= SMALL)}, key=lambda size: size.photos)
    allowed = allowed or fitting[:1]
    best = max(size.images_per_s for size in allowed)
    return next(size for size in allowed if size.images_per_s * CLEARLY >= best)


def try_sizes(trainer: Trainer, also: int) -> list[Size]:
    """Sizes from `SMALLEST` in doublings, and `also`, as far as photos, memory and speed go. Changes the trainer's batches."""
    space = space_of(trainer.learner.device)
    tried: list[Size] = []
    trainer.learner.note = lambda _: None  # what does not fit is said below
    for photos in _ladder(min(LARGEST, len(trainer.batches.rows)), also):
        tried.append(_try(trainer, photos, space) if has_room(photos, tried, space) else Size(photos))
        say(f"  {photos:>5} photos a step: {_words(tried[-1])}")
        if not tried[-1].fits:
            break
        if photos >= also and not space.ends_with_an_error and _no_faster(tried):
            break
    return tried


def _ladder(most: int, also: int) -> list[int]:
    doublings = {SMALLEST << n for n in range(LARGEST.bit_length()) if SMALLEST << n <= most}
    return sorted(doublings | {size for size in [also] if SMALLEST <= size <= most})


def _try(trainer: Trainer, photos: int, space: Space) -> Size:
    """A few steps of this size, which does not fit where the learner would take it in parts. What they held is free again afterwards."""
    learner = trainer.learner
    trainer.batches = trainer.batches.of_size(photos)
    space.begin()
    seconds: list[float] = []
    try:
        for step in trial_steps(trainer, WARM_UP + TIMED):
            if learner.parts > 1:
                return Size(photos)
            seconds += [step.seconds] if step.photos == photos else []
    except ModelError:  # too few to be taken in parts
        return Size(photos)
    finally:
        learner.parts = 1
        learner.optimizer.zero_grad(set_to_none=True)
    return Size(photos, photos / float(np.median(seconds[WARM_UP:] or seconds)), space.peak_bytes())


def has_room(photos: int, tried: list[Size], space: Space) -> bool:
    """What this size would take beyond the last, as the sizes before grew. Where that cannot be known, it is tried."""
    peaks = [(size.photos, size.peak_bytes) for size in tried if size.peak_bytes is not None]
    free = space.free_bytes()
    if space.ends_with_an_error or free is None or len(peaks) < 2:
        return True
    (before, less), (last, most) = peaks[-2:]
    return (most - less) / (last - before) * (photos - last) < free * SPARED


def _no_faster(tried: list[Size]) -> bool:
    """None of the last sizes was clearly faster than the best before them."""
    rates = [size.images_per_s for size in tried]
    return len(rates) > PATIENCE and max(rates[-PATIENCE:]) < CLEARLY * max(rates[:-PATIENCE])


def _words(size: Size) -> str:
    if not size.fits:
        return "do not fit into memory"
    peak = f", {size_text(size.peak_bytes)} at most" if size.peak_bytes else ""
    return f"{size.images_per_s:,.0f} photos/s{peak}"
