"""The doctor's page: a table of the parts, the verdict, how long a run takes, and the settings that were tried."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from photobench.config import shown
from photobench.doctor import verdict
from photobench.doctor.facts import LOADER_PARTS, MODEL_PARTS, Measured, Trial
from photobench.words import columns, count, duration


@dataclass(frozen=True)
class Checkup:
    """What was measured, and what follows from it. `print` it."""

    measured: Measured

    @property
    def cause(self) -> verdict.Cause:
        """What limits: "machine", "loader" or "model"."""
        return verdict.cause(self.measured)

    @property
    def sentence(self) -> str:
        """What limits, and what to do."""
        return verdict.sentence(self.measured)

    @property
    def changes(self) -> dict[str, Any]:
        """The options that were measured better: `{"train.workers": 2}`."""
        return verdict.changes(self.measured)

    def __str__(self) -> str:
        return "\n\n".join(part for part in self._sections() if part)

    def _sections(self) -> Iterator[str]:
        yield _on(self.measured)
        yield _parts(self.measured)
        yield self.sentence
        yield _duration(self.measured)
        yield _trials(self.measured)


def _on(m: Measured) -> str:
    case, setting = m.case, m.setting
    load = "" if case.machine.load is None else f", load {case.machine.load:.1f}"
    less = f", measured in {setting.batch_size}: a step takes long" if setting.batch_size < case.batch_size else ""
    return (
        f"{case.model} in {setting.precision}, batches of {case.batch_size}{less}\n"
        f"on {case.machine.device}, {count(case.machine.cores, 'core')}{load}; "
        f"measured in {count(setting.threads, 'thread')} and {count(setting.workers, 'worker')}"
    )


def _parts(m: Measured) -> str:
    shares = verdict.shares(m)
    rows = [("decode", _rate(m.case.decode), "once", "files into the pack, in all threads")]
    rows += [
        (name, _rate(1 / m.parts[name] if m.parts[name] else math.inf), f"{shares[name]:.1%}", what)
        for name, what in {**LOADER_PARTS, **MODEL_PARTS}.items()
        if name in m.parts
    ]
    rows += [
        ("loader", _rate(m.loader), "", f"read to collate, with train.workers as it is ({m.setting.workers})"),
        ("model", _rate(m.model_rate), "", "transfer to step"),
        ("training", _rate(m.training.rate), "", "loader and model together"),
    ]
    return columns(rows, ("part", "photos/s", "share", "what it is"))


def _duration(m: Measured) -> str:
    work, epoch = m.case.work, duration(verdict.epoch_s(m))
    decoding = (
        f" {work.num_to_decode:,} photos to decode first: {duration(work.num_to_decode / m.case.decode)}."
        if work.num_to_decode
        else ""
    )
    faster = verdict.gain(m)
    then = f" With what is proposed about {duration(verdict.epoch_s(m) / faster)} an epoch." if faster > 1 else ""
    return (
        f"An epoch takes about {epoch} ({work.num_train:,} photos learned, {work.num_valid:,} validated), "
        f"{work.epochs} of them {duration(verdict.run_s(m))}.{decoding}{then}"
    )


def _trials(m: Measured) -> str:
    rows = []
    for trial in m.trials:
        how = _judged(m, trial)
        note = how if trial.learns_the_same else f"{how}; changes what is learned, so it is left to you"
        rows.append((verdict.named(trial), f"{trial.ratio:.2f}", shown(trial.old), note))
    table = columns(rows, ("tried", "times as fast", "as", "")) if rows else ""
    untried = (
        f"For lack of time not tried: {', '.join(m.untried)}. More time: photobench doctor --seconds 120"
        if m.untried
        else ""
    )
    too_large = f"Does not fit into memory here: {', '.join(m.too_large)}." if m.too_large else ""
    return "\n".join(filter(None, (table, too_large, untried)))


def _judged(m: Measured, trial: Trial) -> str:
    if trial in verdict.better(m):
        return "better"
    if verdict.is_better(trial):
        return "better, but no more so than another"
    return "no better" if trial.ratio <= verdict.MARGIN else "no better in one of the rounds"


def _rate(photos_per_s: float) -> str:
    if photos_per_s == math.inf:
        return "-"
    return f"{photos_per_s:,.0f}" if photos_per_s >= 10 else f"{photos_per_s:.1f}"
