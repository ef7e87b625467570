"""The training loop: epochs, saving, going back, stopping. A step is in `train.step`."""

from __future__ import annotations

import math
import time
from contextlib import nullcontext

from photobench.errors import GivenUp, Interrupted, PhotobenchError
from photobench.learning import Verdict
from photobench.predict import predict_rows
from photobench.progress import progress, say
from photobench.records import RunRecord
from photobench.train.compiling import Compiling
from photobench.train.data import TrainingData, count_values
from photobench.train.judge import judge
from photobench.train.loader import TrainingBatches, choose_workers, grouped, training_loader
from photobench.train.log import TrainingLog
from photobench.train.losses import Diverged, LossWatch
from photobench.train.options import TrainOptions
from photobench.train.ranks import ALONE, Ranks
from photobench.train.run import Run, TrainState
from photobench.train.sampling import SAMPLERS
from photobench.train.signals import stop_signals
from photobench.train.sizes import GrowingAugment
from photobench.train.step import Learner
from photobench.train.teacher import make_teacher
from photobench.vision import lora
from photobench.vision.loss import HeadsLoss
from photobench.vision.model import Classifier
from photobench.vision.options import AugmentOptions, LossOptions
from photobench.words import count
from photobench.workspace import disk_errors

MOST_ROLLBACKS = 3


class Trainer:
    """One training of one model, from wherever its run stands to the end."""

    def __init__(self, run: Run, model: Classifier, data: TrainingData, device: str, options: TrainOptions,
                 augment: AugmentOptions, loss: LossOptions, ranks: Ranks = ALONE):  # fmt: skip
        self.run, self.model, self.data, self.options, self.ranks = run, model, data, options, ranks
        self.trained = [p for p in model.backbone.parameters() if p.requires_grad]
        spec, targets_NH = model.spec, data.targets(model)
        self.growing = GrowingAugment(augment, spec, options.epochs, options.start_share, device)
        weights = SAMPLERS.get(options.sampler).build(data.manifest.classes()[data.train_rows], data.groups())
        self.batches = TrainingBatches(
            data.pack.pixels, data.train_rows, targets_NH, options.batch_size, self.growing, options.seed, weights,
            augment.mix, augment.mix_share, 2 * ranks.world,
        )  # fmt: skip
        heads_loss = HeadsLoss(loss, count_values(targets_NH, spec.head_sizes), spec.head_values)
        steps_per_epoch = -(-self.batches.num_batches // options.accumulate)
        self.learner = Learner(
            model,
            heads_loss,
            device,
            options,
            steps_per_epoch,
            len(data.train_rows),
            self._note,
            ranks,
            make_teacher(data.taught_NK, spec, options),
        )
        self.workers, self.pin = choose_workers(options.workers, device), device == "cuda"
        self.compiling = Compiling(self.learner, self.batches, options, self.workers, self._note)
        self.state = TrainState()
        self.log: TrainingLog  # of `fit`: what only takes some steps tells nobody

    def fit(self, log: TrainingLog) -> RunRecord:
        """Train to the end, or, where the best epoch is kept, until nothing gets better.

        Raises:
            Interrupted: Ctrl-C or SIGTERM; the state is saved, and the next `fit` of this run goes on from it.
            GivenUp: the jury of the log sees no hope in it.
            WorkspaceError: the disk is full; the next `fit` goes on from what was saved last.
        """
        self.log = log
        with disk_errors(self.run.folder):
            try:
                with self.run.ends_are_told():  # of a second Ctrl-C, too, which does not wait for the step
                    with stop_signals() as stop:  # a Ctrl-C before the first step is heard after it
                        self._resume()
                        log.begin(self.state, len(self.batches.rows), self.batches.num_batches)
                        self._train(stop)
                    return self._finish()
            finally:
                log.end(self.run.record.status)

    def _train(self, stop: list[int]) -> None:
        while self.state.epoch < self.options.epochs and not self._stale():
            try:
                self._train_epoch(stop)
                self._end_epoch()
            except Diverged as what:
                self._roll_back(what)
            self._stop_if(*self.ranks.any(bool(stop)))
            self._obey(self.log.verdict)
        if self.state.epoch < self.options.epochs:
            say(
                f"  stopped: {count(self.options.patience, 'epoch')} without a better {self.options.metric} (train.patience)"
            )

    def _finish(self) -> RunRecord:
        margins_NH, num_seen_N = self.learner.margins.mean()
        if not self.ranks.first:
            return self.run.record
        self.run.load_best(self.model)
        lora.merge(self.model.backbone)
        self.run.save_dynamics(self.data.dynamics(self.model, margins_NH, num_seen_N))
        best = next(row for row in self.run.record.history if row["epoch"] == self.state.best_epoch + 1)
        timings = {"train": self.state.total_s + self.state.compiling_s}
        return self.run.finish(self.model, {**best, "best_epoch": best["epoch"]}, timings)

    def _resume(self) -> None:
        saved = self.run.load_checkpoint()
        if saved is None:
            self._save()  # the state that the first epoch goes back to; a full disk is found before any work
        else:
            tensors, self.state = saved
            self.learner.load_state(tensors)

    def _save(self) -> None:
        self.run.save_checkpoint(self.learner.state(), self.state)

    def _note(self, text: str) -> None:
        """Says what happened, and keeps it in the record."""
        say(f"train: {text}")
        self.state.notes.append(text)
        self.run.save(notes=list(self.state.notes))

    def _stale(self) -> bool:
        """Nothing got better for too long; epochs before the first that is averaged do not count."""
        average = self.learner.average
        since = max(self.state.best_epoch, average.first_epoch - 1 if average else -1)
        return self.state.epoch - 1 - since >= self.options.patience

    def _roll_back(self, what: Diverged) -> None:
        """To the start of the epoch, whatever was saved since, with half the learning rate: the same wherever it was interrupted."""
        epoch = self.state.epoch + 1
        tensors, self.state = self.run.load_epoch_start()
        if self.state.rollbacks == MOST_ROLLBACKS:
            raise PhotobenchError(
                f"In epoch {epoch} {what}, though the learning rate was halved {MOST_ROLLBACKS} times. "
                f'Lower train.lr (it is {self.options.lr:g}), or set train.precision = "fp32".'
            )
        self.learner.load_state(tensors)
        self.state.rollbacks += 1
        self._note(
            f"in epoch {epoch} {what}; going back to the start of the epoch with a learning rate of "
            f"{self.state.rate:g} times what is scheduled"
        )
        self._save()

    def _is_frozen(self) -> bool:
        return self.state.epoch < self.options.freeze_epochs

    def learning(self) -> None:
        """The model as it learns, not as it judges."""
        self.model.train()
        for weight in self.trained:
            weight.requires_grad_(not self._is_frozen())
        if self._is_frozen():
            self.model.backbone.eval()  # running statistics of a frozen backbone stay what they were

    def _compile(self) -> None:
        """Where that is wanted. Frozen weights and smaller photos come first, and what is compiled for them would soon be of no use."""
        if self._is_frozen() or not self.growing.is_grown(self.state.epoch):
            return
        started = time.monotonic()
        is_decided = self.compiling.settle(self.state)
        self.state.compiling_s += time.monotonic() - started
        if is_decided:
            self._save()

    def _train_epoch(self, stop: list[int]) -> None:
        """Raises Diverged where a loss or a weight is not finite."""
        state = self.state
        self.learning()
        self._compile()
        loader = training_loader(self.batches, state.epoch, state.batch, self.workers, self.pin)
        saved = mark = time.monotonic()
        photos, size = len(self.batches.rows), self.batches.batch_size
        losses = LossWatch(state.batch, state.loss_sum)
        title = f"epoch {state.epoch + 1}/{self.options.epochs}"
        with progress(photos, title, done=min(state.batch * size, photos)) as bar:
            for batches in grouped(loader, self.options.accumulate):
                losses.add(self.learner.step(batches, state.rate), len(batches))
                state.batch += len(batches)
                is_last = state.batch == self.batches.num_batches
                is_late = time.monotonic() - saved > self.options.checkpoint_s
                asked, is_due = self.ranks.any(bool(stop), bool(stop) or is_late)
                if is_last or is_due:
                    losses.look()
                    state.loss_sum = losses.total
                elapsed = time.monotonic() - mark
                state.seconds, state.total_s, mark = state.seconds + elapsed, state.total_s + elapsed, mark + elapsed
                bar.advance(sum(len(batch.targets) for batch in batches), self.log.step(state, losses.mean()))
                if is_due:
                    self._save()
                    saved = time.monotonic()
                self._stop_if(asked)
        if any(self.ranks.any(not self.learner.is_finite())):
            raise Diverged("the weights became infinite")

    def _stop_if(self, asked: bool) -> None:
        """Ends a training that was asked to stop; its state is saved by then."""
        if asked:
            self.run.save(status="interrupted")
            name, epoch = self.run.record.name, self.state.epoch + 1
            raise Interrupted(f"Stopped in epoch {epoch} of {name}. The same command goes on from there.")

    def _obey(self, verdict: Verdict) -> None:
        """What the jury says of a training that has not ended by itself. One alone has a jury: of several processes none is tried."""
        if self.state.epoch == self.options.epochs or self._stale():
            return
        self._stop_if(verdict is Verdict.PAUSE)
        if verdict is Verdict.GIVE_UP:
            self.run.save(status="pruned")
            raise GivenUp(f"{self.run.record.name} was given up after epoch {self.state.epoch}.")

    def _end_epoch(self) -> None:
        average = self.learner.average
        if average:
            average.after_epoch(self.state.epoch)
        with average.in_place() if average else nullcontext():
            row = self._judge_epoch()
        keeps_last = self.options.keep == "last"  # then the validation photos decide nothing, not even the rate
        self.learner.schedule.judged(-row["train_loss"] if keeps_last else row[self.options.metric])
        self.run.add_epoch(row)
        self.state.start_epoch()
        self._save()
        self.log.epoch(row, self.state)

    def _judge_epoch(self) -> dict[str, float]:
        """The epoch's row. The model is kept where it is the best so far, or the last one is asked for. Raises Diverged where nothing can be judged."""
        state = self.state
        started = time.monotonic()
        measured = self.ranks.tell(self._measure() if self.ranks.first else None)
        state.total_s += time.monotonic() - started
        if math.isnan(measured["valid_loss"]):
            raise Diverged("the loss on the valid photos became nan")
        row = {
            "epoch": float(state.epoch + 1),
            "train_loss": state.loss_sum / self.batches.num_batches,
            **measured,
            "lr": self.learner.schedule.rate() * state.rate,
            "seconds": state.seconds,
            "images_per_s": len(self.batches.rows) / max(state.seconds, 1e-9),
        }
        is_first = state.best_epoch < 0  # kept even if its metric is NaN
        if is_first or self.options.keeps(measured[self.options.metric], state.best):
            self.run.save_best(self.model)
            state.best, state.best_epoch = measured[self.options.metric], state.epoch
        return row

    def _measure(self) -> dict[str, float]:
        """The work of the first process. The weights that it judges are everyone's; the statistics of batch norm are its own."""
        average = self.learner.average
        if average and average.of_epochs and average.updates and not self._is_frozen():
            self.learner.renew_norms(training_loader(self.batches, self.state.epoch, 0, self.workers, self.pin))
        self.model.eval()
        joint_NK = predict_rows(self.model, self.data.pack, self.data.valid_rows)
        self.log.predicted(joint_NK)
        return judge(self.data, joint_NK, self.options.metric)
