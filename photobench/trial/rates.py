"""The learning rate range test: how the loss answers a rate that rises with every step (Smith 2017, arXiv:1506.01186)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from photobench.errors import PhotobenchError
from photobench.progress import progress
from photobench.train.loop import Trainer
from photobench.trial.steps import TRIED, trial_steps

LOWEST, HIGHEST = 1e-7, 10.0
"""The rates that are tried, as in fastai: a step at the lowest changes nothing, and few trainings survive the highest."""

START = {**TRIED, "lr": LOWEST, "schedule": "constant", "warmup_epochs": 0.0}
"""Options of the training whose steps are tried: the test brings its own rates."""

DIVERGED = 4.0
"""The test ends where the smoothed loss is this many times the lowest."""

MEMORY = 0.9
"""How much of the moving average is that of the step before: it tells while the test runs whether the loss diverges."""

WIDTH = 3.0
"""Steps to either side whose losses make a point of the curve, as the standard deviation of a bell."""

LEARNED = 2.0
"""The curve must fall by this many times what single losses scatter around it: smoothed noise falls by about once."""

BELOW_LOWEST = 0.5
"""The suggestion as a share of the rate of the lowest loss. A test of many short steps is bolder than a training can be, but not by much."""

LAST_STEPS = 5
"""Left out of a suggestion, with the first tenth: a smoothed curve knows least at its ends."""


@dataclass(frozen=True)
class RangeTest:
    """Rates and the loss of a step at each, up to the last rate or to where the loss diverged."""

    rates_N: np.ndarray
    losses_N: np.ndarray
    diverged: bool

    @property
    def smooth_N(self) -> np.ndarray:
        """The loss averaged over its neighbours on both sides: a moving average would lag behind the rate that made it."""
        place_N = np.arange(len(self.losses_N))
        weights_NN = np.exp(-0.5 * ((place_N[:, None] - place_N) / WIDTH) ** 2)
        return weights_NN @ self.losses_N / weights_NN.sum(axis=1)

    @property
    def suggestion(self) -> float | None:
        """Half the rate of the lowest loss, to two digits; None where the loss did not fall by more than it scatters.

        docs/levers.md has the trainings by which it was chosen, against fastai's valley, the steepest place and a tenth of the lowest.
        """
        return _two_digits(self.rates_N[self._lowest()] * BELOW_LOWEST) if self._learned() else None

    @property
    def steepest(self) -> float | None:
        """Where the loss falls fastest on its way to the lowest: as a rule more careful than the suggestion."""
        begin, lowest = self._inner().start, self._lowest()
        fall_N = np.gradient(self.smooth_N)[begin : lowest + 1]
        return _two_digits(self.rates_N[begin + int(fall_N.argmin())]) if self._learned() else None

    @property
    def lowest(self) -> float | None:
        """Where the loss is lowest: above it training becomes unstable."""
        return _two_digits(self.rates_N[self._lowest()]) if self._learned() else None

    def _learned(self) -> bool:
        smooth_N, losses_N = self.smooth_N[self._inner()], self.losses_N[self._inner()]
        descent = slice(0, int(smooth_N.argmin()) + 1)  # behind it the loss explodes, and says nothing of scatter
        scatter = float(np.std((losses_N - smooth_N)[descent]))
        return float(smooth_N[descent].max() - smooth_N.min()) > LEARNED * scatter

    def _lowest(self) -> int:
        inner = self._inner()
        return inner.start + int(self.smooth_N[inner].argmin())

    def _inner(self) -> slice:
        return slice(len(self.rates_N) // 10, len(self.rates_N) - LAST_STEPS)


def range_test(trainer: Trainer, steps: int) -> RangeTest:
    """Real steps of a training that begins with `START`, each at a rate that is a constant factor above the last.

    Raises:
        PhotobenchError: the loss diverged before there was anything to see.
    """
    factor = (HIGHEST / LOWEST) ** (1 / (steps - 1))
    losses: list[float] = []
    diverged = False
    with progress(steps, "find-lr", "steps") as bar:
        for step in trial_steps(trainer, steps, factor):
            losses.append(step.loss)
            bar.advance(1, f"rate {LOWEST * factor ** (len(losses) - 1):.1e} · loss {step.loss:.3f}")
            diverged = _diverged(losses)
            if diverged:
                break
    finite = len(losses) if math.isfinite(losses[-1]) else len(losses) - 1
    if finite < 4 * LAST_STEPS:
        raise PhotobenchError(
            f"The loss diverged after {finite} steps, at a rate of {LOWEST * factor**finite:.0e}: too few to suggest a rate. "
            'Look for other causes first: train.precision = "fp32", another loss, photos without a label.'
        )
    return RangeTest(LOWEST * factor ** np.arange(finite), np.array(losses[:finite]), diverged)


def smoothed(losses_N: np.ndarray) -> np.ndarray:
    """The exponential moving average without its bias towards zero: the first value is the first loss."""
    averages, average = [], 0.0
    for number, loss in enumerate(losses_N, 1):
        average = MEMORY * average + (1 - MEMORY) * loss
        averages.append(average / (1 - MEMORY**number))
    return np.array(averages)


def _two_digits(rate: float) -> float:
    return float(f"{rate:.1e}")


def _diverged(losses: list[float]) -> bool:
    if not math.isfinite(losses[-1]):
        return True
    smooth_N = smoothed(np.array(losses))
    return bool(smooth_N[-1] > DIVERGED * smooth_N.min())
