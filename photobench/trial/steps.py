"""Real steps of a training that leaves nothing behind: its run is never begun, and its weights are thrown away."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import NamedTuple

from photobench.train.loop import Trainer


class TrialStep(NamedTuple):
    """A step of the optimiser: its loss, the photos it saw, and how long it took once they were there."""

    loss: float
    photos: int
    seconds: float


def trial_steps(trainer: Trainer, num: int) -> Iterator[TrialStep]:
    """The first steps of a training, epoch after epoch, in the order in which it would do them."""
    places = ((epoch, number) for epoch in itertools.count() for number in range(trainer.batches.num_batches))
    trainer.learning()
    for place in itertools.islice(places, num):
        batch = trainer.batches[place]
        started = time.perf_counter()
        loss = trainer.learner.step(batch)
        yield TrialStep(loss, len(batch.targets), time.perf_counter() - started)
