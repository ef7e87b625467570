"""Real steps of a training that leaves nothing behind: its run is never begun, and its weights are thrown away."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import NamedTuple

from photobench.train.loader import Batch, grouped
from photobench.train.loop import Trainer

TRIED = {"epochs": 10_000, "freeze_epochs": 0, "start_share": 1.0}
"""Options of a training whose steps are tried: no last epoch, all weights, photos in full size."""


class TrialStep(NamedTuple):
    """A step of the optimiser: its loss, the photos it saw, and how long it took once they were there."""

    loss: float
    photos: int
    seconds: float


def trial_steps(trainer: Trainer, num: int, factor: float = 1.0) -> Iterator[TrialStep]:
    """The first steps of a training, each at `factor` times the rate of the one before, beside what is scheduled."""
    trainer.learning()
    for number, batches in enumerate(itertools.islice(_groups(trainer), num)):
        started = time.perf_counter()
        loss = float(trainer.learner.step(batches, factor**number))
        yield TrialStep(loss, sum(len(batch.targets) for batch in batches), time.perf_counter() - started)


def _groups(trainer: Trainer) -> Iterator[list[Batch]]:
    """The batches of each step, epoch after epoch, in the order in which the training would take them."""
    for epoch in itertools.count():
        batches = (trainer.batches[epoch, number] for number in range(trainer.batches.num_batches))
        yield from grouped(batches, trainer.options.accumulate)
