"""One step of learning: forward, loss, backward, the length of the gradient, the optimiser, the average, the schedule.

Plain PyTorch; device and precision come through lightning-fabric. The only module that imports it.
"""

from __future__ import annotations

import logging
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from photobench.train.average import WeightAverage
from photobench.train.loader import Batch
from photobench.train.options import TrainOptions
from photobench.train.ranks import Ranks
from photobench.train.schedule import make_optimizer, make_schedule
from photobench.vision.loss import HeadsLoss
from photobench.vision.model import Classifier


class Learner:
    """A model and what teaches it. Its state is all that a step changes."""

    def __init__(self, model: Classifier, loss: HeadsLoss, device: str, options: TrainOptions, steps_per_epoch: int,
                 ranks: Ranks):  # fmt: skip
        self.options, self.device = options, device
        # it announces the precision, which the record has
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
        precision: Any = "bf16-mixed" if model.spec.precision == "bf16" else "32-true"
        accelerator = {"cuda": "gpu"}.get(device, device)
        self.fabric = Fabric(accelerator=accelerator, precision=precision, **ranks.fabric_options())
        self.fabric.launch()
        self.ranks = ranks
        self.model = model.to(self.fabric.device).to(memory_format=torch.channels_last)
        self.loss = loss.to(self.fabric.device)
        self.optimizer = make_optimizer(self.model, options)
        self.schedule = make_schedule(self.optimizer, options, steps_per_epoch)
        self.average = WeightAverage(self.model, options.average) if options.average else None
        self._wrapped, self._optimizer = self.fabric.setup(self.model, self.optimizer)
        ranks.own_chance(options.seed)

    def step(self, batch: Batch) -> float:
        """Learn from a batch, of which each process takes its part. Returns the loss of the whole."""
        part = self.ranks.part(batch)
        loss = self._loss(part) * self.ranks.weight(len(part.targets), len(batch.targets))
        self.fabric.backward(loss)
        if self.options.clip_norm:
            self.fabric.clip_gradients(self._wrapped, self._optimizer, max_norm=self.options.clip_norm)
        self._optimizer.step()
        if self.average:
            self.average.update()
        self.schedule.step()
        self._optimizer.zero_grad(set_to_none=True)
        return self.ranks.mean(float(loss.detach()))

    def _loss(self, batch: Batch) -> Tensor:
        logits = self._wrapped(self._there(batch.images))
        loss = batch.share * self.loss(logits, self._there(batch.targets))
        if batch.share < 1:
            loss = loss + (1 - batch.share) * self.loss(logits, self._there(batch.others))
        return loss

    def _there(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.fabric.device, non_blocking=True)

    def state(self) -> dict[str, Any]:
        tensors: dict[str, Any] = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "rng": self.ranks.gather(torch.get_rng_state()),
        }
        if self.average:
            tensors["average"] = self.average.state()
        if self.device == "cuda":
            tensors["cuda_rng"] = self.ranks.gather(torch.cuda.get_rng_state())
        return tensors

    def load_state(self, tensors: dict[str, Any]) -> None:
        self.model.load_state_dict(tensors["model"], strict=True)
        self.optimizer.load_state_dict(tensors["optimizer"])
        self.schedule.load_state_dict(tensors["schedule"])
        if self.average:
            self.average.load_state(tensors["average"])
        torch.set_rng_state(self.ranks.own(tensors["rng"]))
        if "cuda_rng" in tensors and self.device == "cuda":
            torch.cuda.set_rng_state(self.ranks.own(tensors["cuda_rng"]))
