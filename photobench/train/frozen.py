"""A training whose backbone stays as it is: photos are seen once, heads are fitted to what was seen, and the best are kept, or the last."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from photobench.progress import say
from photobench.records import RunRecord
from photobench.train.data import TrainingData, count_values
from photobench.train.embeddings import backbone_key, embed
from photobench.train.judge import judge
from photobench.train.log import TrainingLog
from photobench.train.options import ProbeOptions, TrainOptions
from photobench.train.probe import PROBES, Learned, Standard
from photobench.train.resample import RESAMPLERS
from photobench.train.run import Run, TrainState
from photobench.vision.loss import HeadsLoss
from photobench.vision.model import Classifier
from photobench.vision.options import LossOptions
from photobench.words import duration

PATIENCE = 3
"""An epoch of heads moves little: they have so many times the patience of a whole training."""


class FrozenTrainer:
    """One training of the heads of a model. It takes seconds once the photos were seen, so a kill costs no more than those."""

    def __init__(self, run: Run, model: Classifier, data: TrainingData, device: str, train: TrainOptions,
                 probe: ProbeOptions, loss: LossOptions, cache: Path):  # fmt: skip
        self.run, self.data, self.train, self.probe, self.loss = run, data, train, probe, loss
        self.model = model.to(device).to(memory_format=torch.channels_last)
        self.cache = cache / backbone_key(model)

    def fit(self, log: TrainingLog) -> RunRecord:
        """See each photo, fit the heads, keep one epoch's; the log is told all epochs at once."""
        with self.run.ends_are_told():
            return self._fit(log)

    def _fit(self, log: TrainingLog) -> RunRecord:
        data, started = self.data, time.monotonic()
        train_ND, self.valid_ND = (
            torch.from_numpy(embed(self.model, data.pack, rows, self.cache))
            for rows in (data.train_rows, data.valid_rows)
        )
        seen = time.monotonic()
        self.standard = Standard.of(train_ND)
        self.model.heads, kept, history = self._fitted(self._learned(train_ND))
        ended = time.monotonic()
        say(f"train: {len(data.train_rows) + len(data.valid_rows):,} photos seen in {duration(seen - started)}, "
            f"{self.probe.classifier} heads fitted in {duration(ended - seen)}")  # fmt: skip
        self.run.add_epochs(history)
        row = history[kept]
        record = self.run.finish(self.model, {**row, "best_epoch": row["epoch"]}, {"train": ended - started})
        state = TrainState(epoch=len(history), best=row[self.train.metric], best_epoch=kept)
        log.begin(state, len(data.train_rows), 1)
        log.end(record.status)
        return record

    def _learned(self, train_ND: torch.Tensor) -> Learned:
        manifest, spec = self.data.manifest, self.model.spec
        classes_N = manifest.classes()[self.data.train_rows]
        resample = RESAMPLERS.get(self.probe.resample).build
        seen_ND, classes_N = resample((self.standard(train_ND).numpy(), classes_N), self.train.seed)
        codes_NH = np.ascontiguousarray(self.model.targets(spec.space.decompose(classes_N), classes_N))
        loss = HeadsLoss(self.loss, count_values(codes_NH, spec.head_sizes), spec.head_values)
        seen, codes = torch.from_numpy(seen_ND.astype(np.float32)), torch.from_numpy(codes_NH)
        return Learned(seen, codes, spec.head_sizes, loss, spec.dropout, self.train.seed)

    def _fitted(self, learned: Learned) -> tuple[nn.ModuleList, int, list[dict[str, float]]]:
        """The heads that are kept, for embeddings as they are, the number of their epoch from 0 on, and a row per epoch."""
        history: list[dict[str, float]] = []
        best, kept_state, kept, mark = float("-inf"), None, 0, time.monotonic()
        for epoch, heads in enumerate(PROBES.get(self.probe.classifier).build(learned, self.probe)):
            row = self._row(epoch, heads, learned, mark)
            history.append(row)
            if kept_state is None or self.train.keeps(row[self.train.metric], best):
                best, kept = row[self.train.metric], epoch
                kept_state = {name: tensor.clone() for name, tensor in heads.state_dict().items()}
            if epoch - kept >= PATIENCE * self.train.patience:
                break
            mark = time.monotonic()
        assert kept_state is not None
        heads.load_state_dict(kept_state)
        return self.standard.folded_into(heads), kept, history

    @torch.no_grad()
    def _row(self, epoch: int, heads: nn.ModuleList, learned: Learned, mark: float) -> dict[str, float]:
        seconds = time.monotonic() - mark
        loss = learned.loss([head(learned.seen_ND) for head in heads], learned.codes_NH)
        joint_NK = self.model.joint_probs([head(self.standard(self.valid_ND)) for head in heads]).numpy()
        found = judge(self.data, joint_NK, self.train.metric)
        rate = len(learned.seen_ND) / max(seconds, 1e-9)
        return {"epoch": epoch + 1.0, "train_loss": float(loss), **found, "lr": self.probe.lr, "seconds": seconds,
                "images_per_s": rate}  # fmt: skip
