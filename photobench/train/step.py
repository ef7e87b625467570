"""One step of learning: forward, loss, backward, the length of the gradient, the optimiser, the average, the schedule.

Plain PyTorch; device and precision come through lightning-fabric. The only module that imports it. Nothing here waits for the
device: the loss stays on it.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision
from torch import Tensor
from torch.optim.swa_utils import update_bn

from photobench.errors import ModelError
from photobench.train.average import make_average
from photobench.train.dynamics import Margins
from photobench.train.loader import Batch
from photobench.train.options import TrainOptions
from photobench.train.ranks import ALONE, Ranks
from photobench.train.sam import climbed
from photobench.train.schedule import Schedule, make_optimizer, scaled_rates
from photobench.train.teacher import Teacher
from photobench.vision.device import is_out_of_memory
from photobench.vision.loss import HeadsLoss
from photobench.vision.model import Classifier


def half_precision(precision: str, device: str) -> MixedPrecision | None:
    """What makes the steps of a model in bf16 or fp16; None for fp32."""
    if precision == "fp32":
        return None
    return MixedPrecision("bf16-mixed" if precision == "bf16" else "16-mixed", device)


class Learner:
    """A model and what teaches it. Its state is all that a step changes."""

    def __init__(self, model: Classifier, loss: HeadsLoss, device: str, options: TrainOptions, steps_per_epoch: int,
                 num_photos: int, note: Callable[[str], None], ranks: Ranks = ALONE, teacher: Teacher | None = None):  # fmt: skip
        """`num_photos`: of the training. `note` is told what the user should know of."""
        self.options, self.device, self.note, self.ranks = options, device, note, ranks
        self.parts = 1
        # it announces the precision, which the record has
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
        processes = ranks.fabric_options(some_rest=options.freeze_epochs > 0)
        self.half = half_precision(model.spec.precision, device)
        halved: dict[str, Any] = {"plugins": [self.half]} if self.half else {}
        self.fabric = Fabric(accelerator={"cuda": "gpu"}.get(device, device), **halved, **processes)
        self.fabric.launch()
        self.model = model.to(self.fabric.device).to(memory_format=torch.channels_last)
        self.loss = loss.to(self.fabric.device)
        self.teacher = teacher.to(self.fabric.device) if teacher else None
        if self.scaler:  # it leaves out a step whose gradients overflow, the first for one, and torch then takes the schedule for misplaced
            warnings.filterwarnings("ignore", "Detected call of `lr_scheduler.step", UserWarning)
        self.optimizer = make_optimizer(self.model, options, scaled=self.scaler is not None)
        self.schedule = Schedule(self.optimizer, options, steps_per_epoch)
        self.average = make_average(self.model, options)
        self.margins = Margins(num_photos, len(model.spec.head_sizes), self.fabric.device, ranks)
        self._wrapped, self._optimizer = self.fabric.setup(self.model, self.optimizer)
        ranks.own_chance(options.seed)

    @property
    def scaler(self) -> torch.amp.GradScaler | None:
        """Of the gradients, of which fp16 would round the small ones to nothing."""
        return self.half.scaler if self.half else None

    def step(self, batches: Sequence[Batch], rate: float = 1.0) -> Tensor:
        """One step of the optimiser, at `rate` times the scheduled learning rate; each process takes its part of every batch.

        Returns:
            The mean loss of all photos.

        Raises:
            ModelError: not even two photos at once fit into memory; or not the part of one of several processes.
        """
        batches = [self.finished(batch) for batch in batches]
        loss = self._gradients(batches)
        self.margins.keep()
        if self.options.sam:
            with climbed(self.model, self.options.sam):
                self._gradients(batches)
        if self.options.clip_norm:
            self.fabric.clip_gradients(
                self._wrapped, self._optimizer, max_norm=self.options.clip_norm, error_if_nonfinite=False
            )
        with scaled_rates(self.optimizer, rate):
            self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        if self.average:
            self.average.after_step()
        self.schedule.step()
        return self.ranks.mean(loss)

    def renew_norms(self, batches: Iterable[Batch]) -> None:
        """The statistics of batch norm, anew for the weights that the model holds. The work of one process."""
        with self.fabric.autocast():
            update_bn(map(self.finished, batches), self.model, self.fabric.device)

    def finished(self, batch: Batch) -> Batch:
        """The batch with photos as the model sees them: what the loader left to do is done on the device."""
        return batch.finished(self.fabric.device)

    def is_finite(self) -> bool:
        """No weight, and no statistic of batch norm, is infinite or no number."""
        return bool(torch.stack([torch.isfinite(tensor).all() for tensor in self.model.state_dict().values()]).all())

    def _gradients(self, batches: Sequence[Batch]) -> Tensor:
        """Of the mean loss of the photos; returns what the own ones add to it. What does not fit into memory is tried again in
        smaller parts."""
        while True:
            try:
                return self._gradients_of_parts(batches)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                if self.ranks.world > 1:  # the others are in the middle of the step, and cannot begin it anew
                    raise self._no_room_for_a_part() from None
            # only here does the error let go of the activations
            self.model.zero_grad(set_to_none=True)
            self._halve(max(len(batch.targets) for batch in batches))

    def _gradients_of_parts(self, batches: Sequence[Batch]) -> Tensor:
        photos = sum(len(batch.targets) for batch in batches)
        total = torch.zeros((), device=self.fabric.device)
        self.margins.forget()
        for batch in batches:
            for shared in batch.split(self.parts, 2 * self.ranks.world):
                part = self.ranks.part(shared)
                loss = self._loss(part) * self.ranks.weight(len(part.targets), photos)
                self.fabric.backward(loss)
                total += loss.detach()
        return total

    def _halve(self, photos: int) -> None:
        if photos // self.parts < 4:
            spec = self.model.spec
            raise ModelError(
                f"Out of memory: {spec.backbone} at {spec.size_px} px does not fit even with two photos at once. "
                "Lower model.size_px, or take a smaller model.backbone."
            )
        self.parts *= 2
        if self.device == "cuda":
            torch.cuda.empty_cache()
        self.note(
            f"out of memory with {photos // (self.parts // 2)} photos at once: going on with {photos // self.parts}, "
            f"and {self.parts} times as many backward passes per step; the effective batch stays"
        )

    def _no_room_for_a_part(self) -> ModelError:
        size, world = self.options.batch_size, self.ranks.world
        return ModelError(
            f"Out of memory: one of {world} processes has no room for its part of train.batch_size = {size}. Lower it, and raise "
            "train.accumulate by as much: a step then sees as many photos."
        )

    def _loss(self, batch: Batch) -> Tensor:
        logits, targets = self._wrapped(self._there(batch.images)), self._there(batch.targets)
        loss: Tensor = batch.share * self.loss(logits, targets)
        if batch.share < 1:
            return loss + (1 - batch.share) * self.loss(logits, self._there(batch.others))
        rows = self._there(batch.rows)
        self.margins.note(rows, logits, targets)
        return self.teacher(logits, rows, loss) if self.teacher else loss

    def _there(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.fabric.device, non_blocking=True)

    def state(self) -> dict[str, Any]:
        tensors: dict[str, Any] = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "parts": self.parts,
            "margins": self.margins.state(),
            "rng": self.ranks.gather(torch.get_rng_state()),
        }
        if self.average:
            tensors["average"] = self.average.state()
        if self.scaler:
            tensors["scaler"] = self.scaler.state_dict()
        if self.device == "cuda":
            tensors["cuda_rng"] = self.ranks.gather(torch.cuda.get_rng_state())
        return tensors

    def load_state(self, tensors: dict[str, Any]) -> None:
        self.model.load_state_dict(tensors["model"], strict=True)
        self.optimizer.load_state_dict(tensors["optimizer"])
        self.schedule.load_state_dict(tensors["schedule"])
        self.parts = tensors["parts"]
        self.margins.load_state(tensors["margins"])
        if self.average:
            self.average.load_state(tensors["average"])
        if self.scaler:
            self.scaler.load_state_dict(tensors["scaler"])
        torch.set_rng_state(self.ranks.own(tensors["rng"]))
        if "cuda_rng" in tensors and self.device == "cuda":
            torch.cuda.set_rng_state(self.ranks.own(tensors["cuda_rng"]))
