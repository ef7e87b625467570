"""The training loop: plain PyTorch, device and precision through lightning-fabric. The only module that imports it."""

from __future__ import annotations

import logging
import math
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric

from photobench.data.pack import Pack
from photobench.errors import Interrupted, PhotobenchError
from photobench.metrics import score
from photobench.predict import predict_rows
from photobench.progress import progress
from photobench.records import Manifest, RunRecord
from photobench.train.average import WeightAverage
from photobench.train.loader import Batch, TrainingBatches, choose_workers, training_loader
from photobench.train.log import TrainingLog
from photobench.train.options import TrainOptions
from photobench.train.run import Run, TrainState
from photobench.train.sampling import SAMPLERS
from photobench.train.schedule import make_optimizer, make_schedule
from photobench.vision.augment import Augment
from photobench.vision.loss import HeadsLoss
from photobench.vision.model import Classifier
from photobench.vision.options import AugmentOptions, LossOptions


@dataclass(frozen=True)
class TrainingData:
    """The photos of a training: where the pixels are, which rows, and what is true of them."""

    pack: Pack
    manifest: Manifest

    def targets(self, model: Classifier, rows: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(model.targets(self.manifest.codes()[rows], self.manifest.classes()[rows]))


class Trainer:
    """One training of one model, from wherever its run stands to the end."""

    def __init__(self, run: Run, model: Classifier, data: TrainingData, device: str, options: TrainOptions,
                 augment: AugmentOptions, loss: LossOptions, frozen: bool = False):  # fmt: skip
        self.run, self.data, self.options, self.frozen = run, data, options, frozen
        model.backbone.requires_grad_(not frozen)
        spec = model.spec
        # it announces the precision, which the record has
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
        precision = "bf16-mixed" if spec.precision == "bf16" else "32-true"
        self.fabric = Fabric(accelerator={"cuda": "gpu"}.get(device, device), devices=1, precision=precision)  # type: ignore[arg-type]
        self.device = device
        self.model = model.to(self.fabric.device).to(memory_format=torch.channels_last)
        self.optimizer = make_optimizer(self.model, options)
        rows = data.manifest.rows("train")
        targets_NH = data.targets(model, rows)
        self.loss = HeadsLoss(loss, _counts(targets_NH, spec.head_sizes)).to(self.fabric.device)
        pipeline = Augment(augment.preset, spec.size_px, spec.pack.size_px, spec.crop)
        classes, groups = data.manifest.classes()[rows], data.manifest.frame["group"].to_numpy(dtype=str)[rows]
        weights = SAMPLERS.get(options.sampler).build(classes, groups)
        self.batches = TrainingBatches(
            data.pack.pixels, rows, targets_NH, options.batch_size, pipeline, options.seed, weights,
            augment.mix, augment.mix_share,
        )  # fmt: skip
        self.schedule = make_schedule(self.optimizer, options, self.batches.num_batches)
        self.valid_rows = data.manifest.rows("valid")
        self.state = TrainState()
        self.average = WeightAverage(self.model, options.average) if options.average else None
        self._wrapped, self._optimizer = self.fabric.setup(self.model, self.optimizer)

    def fit(self) -> RunRecord:
        """Train to the end, or to the epoch after which nothing gets better.

        Raises:
            Interrupted: Ctrl-C or SIGTERM; the state is saved, and the next `fit` of this run goes on from it.
        """
        self._resume()
        log = TrainingLog(self.run.folder, self.options.metric, self.options.epochs, self.state.epoch)
        try:
            with stop_signals() as stop:
                while self.state.epoch < self.options.epochs and not self._stale():
                    self._train_epoch(stop)
                    self._end_epoch(log)
                    self._stop_if(stop)
        except Interrupted:
            raise
        except Exception:
            self.run.save(status="failed")
            raise
        finally:
            log.close()
        self.run.load_best(self.model)
        best = next(row for row in self.run.record.history if row["epoch"] == self.state.best_epoch + 1)
        timings = {"train": self.state.total_s}
        return self.run.finish(self.model, {**best, "best_epoch": best["epoch"]}, timings)

    def _stale(self) -> bool:
        return self.state.epoch - 1 - self.state.best_epoch >= self.options.patience

    def _train_epoch(self, stop: list[int]) -> None:
        state = self.state
        self._learning()
        workers = choose_workers(self.options.workers, self.device)
        loader = training_loader(self.batches, state.epoch, state.batch, workers, pin=self.device == "cuda")
        saved = mark = time.monotonic()
        photos, size = len(self.batches.rows), self.batches.batch_size
        title = f"epoch {state.epoch + 1}/{self.options.epochs}"
        with progress(photos, title, done=min(state.batch * size, photos)) as bar:
            for batch in loader:
                loss = self._step(batch)
                if not math.isfinite(loss):
                    raise PhotobenchError(
                        f"The loss became {loss} in epoch {state.epoch + 1}, step {state.batch + 1}. "
                        f'Lower train.lr (it is {self.options.lr:g}), or set train.precision = "fp32".'
                    )
                state.batch, state.loss_sum = state.batch + 1, state.loss_sum + loss
                elapsed = time.monotonic() - mark
                state.seconds, state.total_s, mark = state.seconds + elapsed, state.total_s + elapsed, mark + elapsed
                bar.advance(len(batch.targets), f"loss {state.loss_sum / state.batch:.3f}")
                if stop or mark - saved > self.options.checkpoint_s:
                    self._save()
                    saved = time.monotonic()
                self._stop_if(stop)

    def _learning(self) -> None:
        self.model.train()
        if self.frozen:
            self.model.backbone.eval()  # running statistics of a frozen backbone stay what they were

    def trial_step(self, batch: Batch) -> float:
        """A step that is no part of the run: nothing is counted and nothing is saved. Returns the loss."""
        self._learning()
        return self._step(batch)

    def _stop_if(self, stop: list[int]) -> None:
        """Ends a training that was asked to stop; its state is saved by then."""
        if stop:
            self.run.save(status="interrupted")
            name, epoch = self.run.record.name, self.state.epoch + 1
            raise Interrupted(f"Stopped in epoch {epoch} of {name}. The same command goes on from there.")

    def _step(self, batch: Batch) -> float:
        images = batch.images.to(self.fabric.device, non_blocking=True)
        logits = self._wrapped(images)
        loss = batch.share * self.loss(logits, batch.targets.to(self.fabric.device, non_blocking=True))
        if batch.share < 1:
            loss = loss + (1 - batch.share) * self.loss(logits, batch.others.to(self.fabric.device, non_blocking=True))
        self.fabric.backward(loss)
        if self.options.clip_norm:
            self.fabric.clip_gradients(self._wrapped, self._optimizer, max_norm=self.options.clip_norm)
        self._optimizer.step()
        if self.average:
            self.average.update()
        self.schedule.step()
        self._optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())

    def _end_epoch(self, log: TrainingLog) -> None:
        with self.average.in_place() if self.average else nullcontext():
            row, is_best = self._judge_epoch()
        self.run.add_epoch(row)
        self.state.start_epoch()
        self._save()
        left = (self.options.epochs - self.state.epoch) * self.state.total_s / self.state.epoch
        log.epoch(row, is_best, left)

    def _judge_epoch(self) -> tuple[dict[str, float], bool]:
        """The epoch's row, and whether it is the best so far, which is kept."""
        state = self.state
        started = time.monotonic()
        measured = self._validate()
        state.total_s += time.monotonic() - started
        row = {
            "epoch": float(state.epoch + 1),
            "train_loss": state.loss_sum / self.batches.num_batches,
            **measured,
            "lr": float(self.schedule.get_last_lr()[0]),
            "seconds": state.seconds,
            "images_per_s": len(self.batches.rows) / max(state.seconds, 1e-9),
        }
        is_best = measured[self.options.metric] > state.best or state.best_epoch < 0  # the first, even if it is NaN
        if is_best:
            self.run.save_best(self.model)
            state.best, state.best_epoch = measured[self.options.metric], state.epoch
        return row, is_best

    def _validate(self) -> dict[str, float]:
        """Metrics over the whole of `valid`, never averaged over batches."""
        self.model.eval()
        joint_NK = predict_rows(self.model, self.data.pack, self.valid_rows)
        manifest = self.data.manifest
        truth, codes_NA = manifest.classes()[self.valid_rows], manifest.codes()[self.valid_rows]
        measured = {
            name: score(name, truth, joint_NK) for name in dict.fromkeys(["macro_f1", "accuracy", self.options.metric])
        }
        measured["valid_loss"] = float(-np.log(np.clip(joint_NK[np.arange(len(truth)), truth], 1e-7, 1)).mean())
        if len(manifest.space.attributes) > 1:
            for number, attribute in enumerate(manifest.space.attributes):
                probs_NV = manifest.space.marginal(joint_NK, number)
                measured[f"{attribute.name}/macro_f1"] = score("macro_f1", codes_NA[:, number], probs_NV)
        return measured

    def _save(self) -> None:
        tensors: dict[str, Any] = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "rng": torch.get_rng_state(),
        }
        if self.average:
            tensors["average"] = self.average.state()
        if self.device == "cuda":
            tensors["cuda_rng"] = torch.cuda.get_rng_state()
        self.run.save_checkpoint(tensors, self.state)

    def _resume(self) -> None:
        saved = self.run.load_checkpoint()
        if saved is None:
            return
        tensors, self.state = saved
        self.model.load_state_dict(tensors["model"], strict=True)
        self.optimizer.load_state_dict(tensors["optimizer"])
        self.schedule.load_state_dict(tensors["schedule"])
        if self.average:
            self.average.load_state(tensors["average"])
        torch.set_rng_state(tensors["rng"])
        if "cuda_rng" in tensors and self.device == "cuda":
            torch.cuda.set_rng_state(tensors["cuda_rng"])


def _counts(targets_NH: np.ndarray, sizes: Sequence[int]) -> list[torch.Tensor]:
    """Training photos per value of each head."""
    return [torch.from_numpy(np.bincount(targets_NH[:, h], minlength=size)) for h, size in enumerate(sizes)]


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Collects Ctrl-C and SIGTERM, so that a step is finished and saved first. A second Ctrl-C stops at once."""
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)

    try:
        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: a notebook server's worker; its own handling stays
        yield caught
        return
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
