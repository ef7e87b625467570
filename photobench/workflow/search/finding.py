"""What the training should be told, found by trying: its learning rate, and how many photos a step can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from photobench.errors import ConfigError
from photobench.explore.rate_curve import rate_curve
from photobench.trial.rates import START, RangeTest, range_test
from photobench.trial.sizes import ONE_BATCH, Size, fastest, try_sizes
from photobench.trial.words import about_rates, about_sizes, accumulated
from photobench.workflow.bench import Bench
from photobench.workflow.models.fitting import check_steps, trial_trainer
from photobench.workflow.models.training import check_before_work
from photobench.workflow.photos.preparing import prepare

FEWEST_STEPS = 30
"""With fewer, a step multiplies the rate by almost two, and the curve is coarser than the answer."""


@dataclass(frozen=True)
class FoundRate:
    """A range test, the rate that the project has, and where the curve is drawn."""

    test: RangeTest
    configured: float
    plot: Path

    @property
    def suggestion(self) -> float | None:
        """Half the rate of the lowest loss; None where nothing was learned."""
        return self.test.suggestion

    @property
    def table(self) -> pd.DataFrame:
        """One row."""
        test = self.test
        row = {
            "suggested": test.suggestion,
            "steepest": test.steepest,
            "lowest loss": test.lowest,
            "diverged": test.rates_N[-1] if test.diverged else None,
            "train.lr": self.configured,
        }
        return pd.DataFrame([row], dtype=float)

    def __str__(self) -> str:
        return f"{about_rates(self.test, self.configured)}\nThe curve: {self.plot}"


@dataclass(frozen=True)
class FoundSize:
    """The batch sizes that were tried, and the one that the project has."""

    sizes: list[Size]
    configured: int
    num_photos: int
    """Of an epoch."""
    epochs: int

    @property
    def suggestion(self) -> int:
        """The smallest of the sizes that are as fast as the fastest and leave a training enough steps."""
        return fastest(self.sizes, self.num_photos, self.epochs).photos

    @property
    def table(self) -> pd.DataFrame:
        """A row per size; `accumulate`: the batches whose gradients add up to a step of the configured size."""
        rows = [
            {
                "batch_size": size.photos,
                "images_per_s": size.images_per_s if size.fits else None,
                "peak_GB": size.peak_bytes / 1e9 if size.peak_bytes else None,
                "accumulate": accumulated(size.photos, self.configured),
            }
            for size in self.sizes
        ]
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        return about_sizes(self.sizes, self.configured, self.num_photos, self.epochs)


def find_lr(bench: Bench, steps: int = 100) -> FoundRate:
    """Some real steps of the training at a rising rate: its curve as a picture, and the rate that it suggests.

    Raises:
        ConfigError: too few steps to see anything.
        PhotobenchError: the loss diverged at once.
    """
    if steps < FEWEST_STEPS:
        raise ConfigError([f"--steps {steps} is too few to see a curve: --steps {FEWEST_STEPS} or more."])
    with bench.workspace.lock("photobench find-lr"), bench.stage("find-lr"):
        check_steps(bench.options)
        check_before_work(bench)
        test = range_test(trial_trainer(_with(bench, START), prepare(bench)), steps)
        plot = bench.workspace.rate_curve
        marks = {"suggested": test.suggestion, "steepest": test.steepest}
        bench.workspace.write(
            plot, rate_curve(test.rates_N, test.losses_N, test.smooth_N, marks, bench.options.train.lr)
        )
    return FoundRate(test, bench.options.train.lr, plot)


def find_batch(bench: Bench) -> FoundSize:
    """A few real steps at each batch size: how fast, how much memory, and which to take.

    Raises:
        ModelError: not even two photos fit into memory.
    """
    with bench.workspace.lock("photobench find-batch"), bench.stage("find-batch"):
        check_steps(bench.options)
        check_before_work(bench)
        configured = bench.options.train.batch_size
        trainer = trial_trainer(_with(bench, ONE_BATCH), prepare(bench))
        num_photos = len(trainer.batches.rows)
        epochs = bench.options.train.epochs
        found = FoundSize(try_sizes(trainer, configured), configured, num_photos, epochs)
        fastest(found.sizes, num_photos, epochs)
    return found


def _with(bench: Bench, train: Mapping[str, Any]) -> Bench:
    """The same project with other options of training, for a trial."""
    options = bench.options.model_copy(update={"train": bench.options.train.model_copy(update=dict(train))})
    return replace(bench, project=replace(bench.project, options=options))
