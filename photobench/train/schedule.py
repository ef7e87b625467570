"""The optimiser, and the learning rate of each step."""

from __future__ import annotations

import torch
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    SequentialLR,
)

from photobench.registry import Entry, Registry
from photobench.train.options import TrainOptions
from photobench.vision import zoo


def make_optimizer(model: torch.nn.Module, options: TrainOptions) -> torch.optim.Optimizer:
    """Over what is trained; biases and norms, vectors all, are not decayed.

    Raises:
        ConfigError: timm has no such optimiser (the nearest is named).
    """
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": options.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if options.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=options.lr, fused=True)
    return zoo.create_optimizer(options.optimizer, groups, options.lr)


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
    return OneCycleLR(optimizer, max_lr=options.lr, total_steps=steps + 1)


SCHEDULES: Registry[LRScheduler] = Registry(
    "schedule",
    Entry("cosine", _cosine, "down to zero along half a cosine (CosineAnnealingLR)"),
    Entry("one_cycle", _one_cycle, "up, then down to nearly nothing (OneCycleLR); has its own warm-up: few epochs, high rates"),
    Entry("linear", _linear, "down to zero in a straight line"),
    Entry("step", _step, "a tenth after half, three quarters and nine tenths of the steps (MultiStepLR)"),
    Entry("restarts", _restarts, "a cosine that begins again, train.cycles times (CosineAnnealingWarmRestarts)"),
    Entry("constant", _constant, "as it is: to compare with"),
)  # fmt: skip


def make_schedule(optimizer: torch.optim.Optimizer, options: TrainOptions, steps_per_epoch: int) -> LRScheduler:
    """Warm-up, then the schedule that the options name; one `step()` per optimiser step."""
    build = SCHEDULES.get(options.schedule).build
    total = options.epochs * steps_per_epoch
    warmup = min(round(options.warmup_epochs * steps_per_epoch), total // 2)
    if options.schedule == "one_cycle" or warmup < 1:
        return build(optimizer, max(total, 1), options)
    rise = LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=warmup)
    return SequentialLR(optimizer, [rise, build(optimizer, max(total - warmup, 1), options)], milestones=[warmup])
