"""Short trainings under one setting and another, in turns, so that a busy moment meets both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from statistics import median
from typing import Any

import torch

from photobench.doctor.facts import Machine, Pace, Setting, Trial
from photobench.doctor.measure import in_threads
from photobench.doctor.verdict import OBVIOUS, chosen, is_busy
from photobench.progress import say
from photobench.train.loader import Batch, training_loader
from photobench.train.loop import Trainer

ROUNDS = 3
ROUND_S = 0.4
"""Of training at the least in a round of a trial."""

MakeTrainer = Callable[[Setting], Trainer]


class Trainings:
    """Trainers by setting, and how fast each goes through its epochs. Nothing of what they learn is kept."""

    def __init__(self, make: MakeTrainer):
        self._make = make
        self._trainers: dict[tuple[str, int], Trainer] = {}
        self._warm: set[tuple[str, int, int]] = set()
        self._epochs = count()

    def trainer(self, setting: Setting) -> Trainer:
        """Workers and threads are no matter of the trainer."""
        key = setting.precision, setting.batch_size
        if key not in self._trainers:
            self._trainers[key] = self._make(setting)
        return self._trainers[key]

    def parts(self, setting: Setting) -> int:
        """In how many parts a batch went through the model so far: 1 where it fits into memory."""
        return self.trainer(setting).learner.parts

    def forget_all_but(self, setting: Setting) -> None:
        """A model takes memory."""
        key = setting.precision, setting.batch_size
        self._trainers = {key: self.trainer(setting)}
        self._warm = {warm for warm in self._warm if warm[:2] == key}

    def pace(self, setting: Setting, seconds: float = ROUND_S) -> Pace:
        """Of a training: loader and model together, in steps of about `seconds` in all, and one at the least."""
        trainer = self.trainer(setting)
        with in_threads(setting.threads):
            self._warm_up(setting)
            return self._through(trainer, setting.workers, lambda batch: trainer.learner.step([batch]), seconds)

    def loader_pace(self, setting: Setting, seconds: float = ROUND_S) -> Pace:
        """Of the loader where nobody computes meanwhile."""
        with in_threads(setting.threads):
            return self._through(self.trainer(setting), setting.workers, lambda batch: None, seconds)

    def _warm_up(self, setting: Setting) -> None:
        key = setting.precision, setting.batch_size, setting.threads
        trainer = self.trainer(setting)
        trainer.learning()
        if key not in self._warm:
            trainer.learner.step([trainer.batches[0, 0]])  # the first one compiles
            self._warm.add(key)

    def _through(self, trainer: Trainer, workers: int, use: Callable[[Batch], Any], seconds: float) -> Pace:
        """Epochs until there are seconds enough. What a loader does before each worker has its first batch is its start.

        An epoch of few batches is all start, and is taken whole.
        """
        starts, photos, spent = [], 0, 0.0
        batches, at_once = trainer.batches, max(1, workers)
        first = at_once if batches.num_batches > 4 * at_once else 0
        while not photos or spent < seconds:
            began = time.perf_counter()
            loader = iter(training_loader(batches, next(self._epochs), 0, workers, pin=trainer.pin))
            for _ in islice(loader, first):
                pass
            mark = time.perf_counter()
            starts.append(mark - began if first else 0.0)
            for number, batch in enumerate(loader, start=1):
                use(batch)
                photos += len(batch.targets)
                now = time.perf_counter()
                spent, mark = spent + now - mark, now
                if first and spent >= seconds and number % at_once == 0:  # workers come in a bunch
                    break
        return Pace(median(starts), photos / spent)


@dataclass
class Comparison:
    """One option after the other against the setting so far; what is better stays for those after it."""

    trainings: Trainings
    setting: Setting
    num_photos: int  # of an epoch
    end: float  # of the measuring, by time.perf_counter
    trials: list[Trial] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    too_large: list[str] = field(default_factory=list)

    def compare(self, option: str, values: Sequence[Any]) -> None:
        """Try each value of an option. `threads`, and the name that an option has within `train`, are those of a Setting."""
        name = option.rpartition(".")[2]
        tried = [self._try(option, replace(self.setting, **{name: value})) for value in values]
        found = [trial for trial in tried if trial is not None]
        self.trials += found
        best = chosen(found)
        if best and best.learns_the_same:
            self.setting = replace(self.setting, **{name: best.new})
        self.trainings.forget_all_but(self.setting)

    def _try(self, option: str, setting: Setting) -> Trial | None:
        name = option.rpartition(".")[2]
        old, new = getattr(self.setting, name), getattr(setting, name)
        pace = self.trainings.pace(self.setting) if time.perf_counter() < self.end else None
        if pace is None or time.perf_counter() + self._cost_s(pace, setting) > self.end:
            self.untried.append(f"{option} {new}")
            return None
        say(f"doctor: {option} {new}")
        try:
            ratios = self._rounds(pace, setting)
        except torch.OutOfMemoryError:
            self.too_large.append(f"{option} {new}")
            return None
        return Trial(option, old, new, tuple(ratios), learns_the_same=option != "train.batch_size")

    def _rounds(self, pace: Pace, setting: Setting) -> list[float]:
        """How many times as fast in each round. One that is no better decides; so does one twice as good where time is short.

        Raises:
            torch.OutOfMemoryError: its batches go through the model in more parts than those of the setting so far.
        """
        ratios: list[float] = []
        while len(ratios) < ROUNDS and min(ratios, default=2.0) > 1:
            if ratios and time.perf_counter() > self.end and min(ratios) > OBVIOUS:
                break
            old = self.trainings.pace(self.setting) if ratios else pace
            new = self.trainings.pace(setting)
            if self.trainings.parts(setting) > self.trainings.parts(self.setting):
                raise torch.OutOfMemoryError
            ratios.append(old.epoch_s(self.num_photos) / new.epoch_s(self.num_photos))
        return ratios

    def _cost_s(self, pace: Pace, setting: Setting) -> float:
        """Of a trial, if the new setting is no slower: its rounds, and a first step."""
        old, new = (max(ROUND_S, one.batch_size / pace.rate) + pace.start_s for one in (self.setting, setting))
        return ROUNDS * (old + new) + new


def candidates(
    setting: Setting, machine: Machine, device: str, precisions: Sequence[str], most_photos: int
) -> dict[str, list[Any]]:
    """What to try beside a setting, by option, the cheaper of each first.

    Args:
        precisions: that the device has.
        most_photos: that a batch can hold.
    """
    workers = (0, 1, 2, 4, 8, 16)
    threads = (
        {setting.threads - 1, setting.threads if is_busy(machine) else machine.cores} if device == "cpu" else set()
    )
    found: dict[str, list[Any]] = {
        "threads": sorted(n for n in threads if 0 < n <= machine.cores and n != setting.threads),
        "train.workers": [n for n in workers if n <= machine.cores and n != setting.workers],
        "train.precision": [name for name in precisions if name != setting.precision],
        "train.batch_size": [n for n in (setting.batch_size // 2, setting.batch_size * 2) if 1 < n <= most_photos],
    }
    return {option: values for option, values in found.items() if values}
