"""The optimiser, and the learning rate of each step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
)

from photobench.registry import Entry, Registry
from photobench.train.options import TrainOptions
from photobench.vision import zoo


def make_optimizer(model: torch.nn.Module, options: TrainOptions, scaled: bool = False) -> torch.optim.Optimizer:
    """Over what is trained; biases and norms, vectors all, are not decayed.

    Args:
        scaled: the gradients are those of fp16, which a fused optimiser would bring back to their length itself, after they were clipped.

    Raises:
        ConfigError: timm has no such optimiser (the nearest is named).
    """
    return zoo.create_optimizer(options.optimizer, _groups(model, options), options.lr, may_fuse=not scaled)


def _groups(model: torch.nn.Module, options: TrainOptions) -> list[dict[str, Any]]:
    """Parameters with their weight decay and, where layers learn at different rates, with their rate; the heads at the full one."""
    if options.layer_decay == 1:
        return _by_decay(model.parameters(), options)
    layers = zoo.layer_groups(model.get_submodule("backbone"), options.weight_decay, options.layer_decay)
    heads = [p for name, p in model.named_parameters() if not name.startswith("backbone.")]
    return [
        *({"params": params, "weight_decay": decay, "lr": options.lr * scale} for params, decay, scale in layers),
        *_by_decay(heads, options),
    ]


def _by_decay(parameters: Iterable[torch.nn.Parameter], options: TrainOptions) -> list[dict[str, Any]]:
    trained = [p for p in parameters if p.requires_grad]
    return [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": options.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]


@contextmanager
def scaled_rates(optimizer: torch.optim.Optimizer, scale: float) -> Iterator[None]:
    """The rates of one step times `scale`; the schedule does not notice."""
    own = [group["lr"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["lr"] *= scale
    try:
        yield
    finally:
        for group, rate in zip(optimizer.param_groups, own, strict=True):
            group["lr"] = rate


class Plateau(ConstantLR):
    """Constant, and a tenth whenever the metric has not got better for some epochs (ReduceLROnPlateau)."""

    def __init__(self, optimizer: torch.optim.Optimizer, epochs: int):
        super().__init__(optimizer, factor=1.0)
        self.watch = ReduceLROnPlateau(optimizer, "max", patience=epochs, threshold=0.0)

    def judged(self, metric: float) -> None:
        """After each epoch. Before the end of the warm-up there is nothing to reduce."""
        if self.last_epoch > 0:
            self.watch.step(metric)

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "watch": self.watch.state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.watch.load_state_dict(state_dict["watch"])
        super().load_state_dict({key: value for key, value in state_dict.items() if key != "watch"})


def _cosine(optimizer: torch.optim.Optimizer, steps: int, options: TrainOptions) -> LRScheduler:
    return CosineAnnealingLR(optimizer, T_max=steps)


def _restarts(optimizer: torch.optim.Optimizer, steps: int, options: TrainOptions) -> LRScheduler:
    return CosineAnnealingWarmRestarts(optimizer, T_0=max(1, -(-steps // options.cycles)))


def _step(optimizer: torch.optim.Optimizer, steps: int, options: TrainOptions) -> LRScheduler:
    return MultiStepLR(optimizer, milestones=[steps // 2, steps * 3 // 4, steps * 9 // 10])


def _linear(optimizer: torch.optim.Optimizer, steps: int, options: TrainOptions) -> LRScheduler:
    return LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=steps)


def _constant(optimizer: torch.optim.Optimizer, steps: int, options: TrainOptions) -> LRScheduler:
    return ConstantLR(optimizer, factor=1.0)


def _one_cycle(optimizer: torch.optim.Optimizer, steps: int, options: TrainOptions) -> LRScheduler:
    has_momentum = bool({"momentum", "betas"} & set(optimizer.defaults))  # Adagrad and Adafactor have none to turn down
    rates = [group["lr"] for group in optimizer.param_groups]
    return OneCycleLR(optimizer, max_lr=rates, total_steps=steps + 1, cycle_momentum=has_momentum)


def _plateau(optimizer: torch.optim.Optimizer, steps: int, options: TrainOptions) -> LRScheduler:
    return Plateau(optimizer, options.plateau_epochs)


SCHEDULES: Registry[LRScheduler] = Registry(
    "schedule",
    Entry("cosine", _cosine, "down to zero along half a cosine (CosineAnnealingLR)"),
    Entry("one_cycle", _one_cycle, "up, then down to nearly nothing (OneCycleLR); has its own warm-up: few epochs, high rates"),
    Entry("linear", _linear, "down to zero in a straight line"),
    Entry("step", _step, "a tenth after half, three quarters and nine tenths of the steps (MultiStepLR)"),
    Entry("restarts", _restarts, "a cosine that begins again, train.cycles times (CosineAnnealingWarmRestarts)"),
    Entry("plateau", _plateau, "a tenth when the metric stands still for train.plateau_epochs (ReduceLROnPlateau): many epochs, length unknown"),
    Entry("constant", _constant, "as it is: to compare with"),
)  # fmt: skip


class Schedule:
    """Warm-up, then the schedule that the options name."""

    def __init__(self, optimizer: torch.optim.Optimizer, options: TrainOptions, steps_per_epoch: int):
        """`steps_per_epoch`: of the optimiser."""
        self.optimizer = optimizer
        build = SCHEDULES.get(options.schedule).build
        total = options.epochs * steps_per_epoch
        warmup = min(round(options.warmup_epochs * steps_per_epoch), total // 2)
        if options.schedule == "one_cycle" or warmup < 1:
            self._named = self._whole = build(optimizer, max(total, 1), options)
            return
        rise = LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=warmup)
        self._named = build(optimizer, max(total - warmup, 1), options)
        self._whole = SequentialLR(optimizer, [rise, self._named], milestones=[warmup])

    def step(self) -> None:
        """After each step of the optimiser."""
        self._whole.step()

    def judged(self, metric: float) -> None:
        """After each epoch, with what came of it."""
        if isinstance(self._named, Plateau):
            self._named.judged(metric)

    def rate(self) -> float:
        """Of the next step; the highest, where layers have their own."""
        return float(max(group["lr"] for group in self.optimizer.param_groups))

    def state_dict(self) -> dict[str, Any]:
        return self._whole.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._whole.load_state_dict(state)
