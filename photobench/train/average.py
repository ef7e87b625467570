"""Averages of the weights, which are evaluated and kept in place of the last step's: smoother, and often better."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from photobench.train.options import TrainOptions


class WeightAverage:
    """Keeps an average beside a model. `share` of its number: what each new set of weights counts in it."""

    def __init__(self, model: nn.Module, share: Callable[[int], float], first_epoch: int = -1):
        """`first_epoch`: the first whose end is averaged; -1 averages after every step instead."""
        self.model, self.share, self.first_epoch, self.updates = model, share, first_epoch, 0
        self.average = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}

    of_epochs = property(lambda self: self.first_epoch >= 0)

    def after_step(self) -> None:
        if not self.of_epochs:
            self.update()

    def after_epoch(self, epoch: int) -> None:
        if self.of_epochs and epoch >= self.first_epoch:
            self.update()

    @torch.no_grad()
    def update(self) -> None:
        self.updates += 1
        share = self.share(self.updates)
        for name, tensor in self.model.state_dict().items():
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor, share)
            else:
                self.average[name].copy_(tensor)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model holds the average, once there is one: to validate and to save it. Afterwards it holds its own weights again."""
        if not self.updates:
            yield
            return
        own = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        try:
            yield
        finally:
            self.model.load_state_dict(own)

    def state(self) -> dict[str, Tensor]:
        return {**self.average, "updates": torch.tensor(self.updates)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        self.updates = int(state["updates"])
        for name, tensor in self.average.items():  # into what is there: it is on the device of the model
            tensor.copy_(state[name])


def moving_average(model: nn.Module, decay: float) -> WeightAverage:
    """Exponential, over steps: 0.999 remembers about a thousand; early on it remembers fewer, as timm's does."""
    return WeightAverage(model, lambda number: 1 - min(decay, (1 + number) / (10 + number)))


def epoch_mean(model: nn.Module, first_epoch: int) -> WeightAverage:
    """The plain mean over the ends of the epochs from `first_epoch` on (SWA). Izmailov et al., UAI 2018."""
    return WeightAverage(model, lambda number: 1 / number, first_epoch)


def make_average(model: nn.Module, options: TrainOptions) -> WeightAverage | None:
    """As the options say; None where nothing is averaged."""
    if options.average:
        return moving_average(model, options.average)
    if options.swa_share:
        return epoch_mean(model, min(options.epochs - 1, round(options.epochs * (1 - options.swa_share))))
    return None
