"""The training loop: epochs, saving, stopping. A step is in `train.step`."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
import torch

from photobench.errors import Interrupted, PhotobenchError
from photobench.progress import progress
from photobench.records import RunRecord
from photobench.train.data import TrainingData
from photobench.train.judge import judge
from photobench.train.loader import TrainingBatches, choose_workers, training_loader
from photobench.train.log import TrainingLog
from photobench.train.options import TrainOptions
from photobench.train.ranks import ALONE, Ranks
from photobench.train.run import Run, TrainState
from photobench.train.sampling import SAMPLERS
from photobench.train.signals import stop_signals
from photobench.train.step import Learner
from photobench.vision.augment import Augment
from photobench.vision.loss import HeadsLoss
from photobench.vision.model import Classifier
from photobench.vision.options import AugmentOptions, LossOptions


class Trainer:
    """One training of one model, from wherever its run stands to the end."""

    def __init__(self, run: Run, model: Classifier, data: TrainingData, device: str, options: TrainOptions,
                 augment: AugmentOptions, loss: LossOptions, frozen: bool = False, ranks: Ranks = ALONE):  # fmt: skip
        self.run, self.model, self.data, self.options, self.frozen = run, model, data, options, frozen
        self.ranks = ranks
        model.backbone.requires_grad_(not frozen)
        spec, targets_NH = model.spec, data.targets(model)
        pipeline = Augment(augment.preset, spec.size_px, spec.pack.size_px, spec.crop)
        weights = SAMPLERS.get(options.sampler).build(data.manifest.classes()[data.train_rows], data.groups())
        self.batches = TrainingBatches(
            data.pack.pixels, data.train_rows, targets_NH, options.batch_size, pipeline, options.seed, weights,
            augment.mix, augment.mix_share, 2 * ranks.world,
        )  # fmt: skip
        heads_loss = HeadsLoss(loss, _counts(targets_NH, spec.head_sizes))
        self.learner = Learner(model, heads_loss, device, options, self.batches.num_batches, ranks)
        self.workers, self.pin = choose_workers(options.workers, device), device == "cuda"
        self.state = TrainState()

    def fit(self) -> RunRecord:
        """Train to the end, or to the epoch after which nothing gets better.

        Raises:
            Interrupted: Ctrl-C or SIGTERM; the state is saved, and the next `fit` of this run goes on from it.
        """
        self._resume()
        log = self._log()
        try:
            with stop_signals() as stop:
                while self.state.epoch < self.options.epochs and not self._stale():
                    self._train_epoch(stop)
                    self._end_epoch(log)
                    self._stop_if(*self.ranks.any(bool(stop)))
        except Interrupted:
            raise
        except Exception:
            self.run.save(status="failed")
            raise
        finally:
            if log:
                log.close()
        if not self.ranks.first:
            return self.run.record
        self.run.load_best(self.model)
        best = next(row for row in self.run.record.history if row["epoch"] == self.state.best_epoch + 1)
        timings = {"train": self.state.total_s}
        return self.run.finish(self.model, {**best, "best_epoch": best["epoch"]}, timings)

    def _log(self) -> TrainingLog | None:
        """Of the first process; the others are silent."""
        if not self.ranks.first:
            return None
        return TrainingLog(self.run.folder, self.options.metric, self.options.epochs, self.state.epoch)

    def _resume(self) -> None:
        saved = self.run.load_checkpoint()
        if saved is not None:
            tensors, self.state = saved
            self.learner.load_state(tensors)

    def _save(self) -> None:
        self.run.save_checkpoint(self.learner.state(), self.state)

    def _stale(self) -> bool:
        return self.state.epoch - 1 - self.state.best_epoch >= self.options.patience

    def _train_epoch(self, stop: list[int]) -> None:
        state = self.state
        self.learning()
        loader = training_loader(self.batches, state.epoch, state.batch, self.workers, self.pin)
        saved = mark = time.monotonic()
        photos, size = len(self.batches.rows), self.batches.batch_size
        title = f"epoch {state.epoch + 1}/{self.options.epochs}"
        with progress(photos, title, done=min(state.batch * size, photos)) as bar:
            for batch in loader:
                loss = self.learner.step(batch)
                if not math.isfinite(loss):
                    raise PhotobenchError(
                        f"The loss became {loss} in epoch {state.epoch + 1}, step {state.batch + 1}. "
                        f'Lower train.lr (it is {self.options.lr:g}), or set train.precision = "fp32".'
                    )
                state.batch, state.loss_sum = state.batch + 1, state.loss_sum + loss
                elapsed = time.monotonic() - mark
                state.seconds, state.total_s, mark = state.seconds + elapsed, state.total_s + elapsed, mark + elapsed
                bar.advance(len(batch.targets), f"loss {state.loss_sum / state.batch:.3f}")
                asked, due = self.ranks.any(bool(stop), mark - saved > self.options.checkpoint_s)
                if asked or due:
                    self._save()
                    saved = time.monotonic()
                self._stop_if(asked)

    def learning(self) -> None:
        """The model as it learns, not as it judges."""
        self.model.train()
        if self.frozen:
            self.model.backbone.eval()  # running statistics of a frozen backbone stay what they were

    def _stop_if(self, asked: bool) -> None:
        """Ends a training that was asked to stop; its state is saved by then."""
        if asked:
            self.run.save(status="interrupted")
            name, epoch = self.run.record.name, self.state.epoch + 1
            raise Interrupted(f"Stopped in epoch {epoch} of {name}. The same command goes on from there.")

    def _end_epoch(self, log: TrainingLog | None) -> None:
        average = self.learner.average
        with average.in_place() if average else nullcontext():
            row, is_best = self._judge_epoch()
        self.run.add_epoch(row)
        self.state.start_epoch()
        self._save()
        left = (self.options.epochs - self.state.epoch) * self.state.total_s / self.state.epoch
        if log:
            log.epoch(row, is_best, left)

    def _judge_epoch(self) -> tuple[dict[str, float], bool]:
        """The epoch's row, and whether it is the best so far, which is kept."""
        state = self.state
        started = time.monotonic()
        measured = self.ranks.tell(judge(self.model, self.data, self.options.metric) if self.ranks.first else None)
        state.total_s += time.monotonic() - started
        row = {
            "epoch": float(state.epoch + 1),
            "train_loss": state.loss_sum / self.batches.num_batches,
            **measured,
            "lr": float(self.learner.schedule.get_last_lr()[0]),
            "seconds": state.seconds,
            "images_per_s": len(self.batches.rows) / max(state.seconds, 1e-9),
        }
        is_best = measured[self.options.metric] > state.best or state.best_epoch < 0  # the first, even if it is NaN
        if is_best:
            self.run.save_best(self.model)
            state.best, state.best_epoch = measured[self.options.metric], state.epoch
        return row, is_best


def _counts(targets_NH: np.ndarray, sizes: Sequence[int]) -> list[torch.Tensor]:
    """Training photos per value of each head."""
    return [torch.from_numpy(np.bincount(targets_NH[:, h], minlength=size)) for h, size in enumerate(sizes)]
