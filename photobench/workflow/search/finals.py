"""The best trials trained in full beside the project as it is, and how they compare."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from photobench import config
from photobench.compare import difference
from photobench.evaluate import joint_sample
from photobench.evaluation import Figure
from photobench.metrics import score
from photobench.progress import count, say
from photobench.records import Predictions, RunRecord
from photobench.tune.luck import Luck, luck_of_choosing
from photobench.tune.trials import FINISHED, Trial, ranking
from photobench.workflow.answers.fold_set import FoldSet
from photobench.workflow.answers.folding import train_folds
from photobench.workflow.answers.judging_folds import OUT_OF_FOLD
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import run_manifest, split_predictions
from photobench.workflow.search.searching import in_full, own_value
from photobench.workflow.search.trying import train_apart

if TYPE_CHECKING:
    from photobench.tune.study import Search

METRIC = "macro_f1"
POLL_S = 1.0


@dataclass(frozen=True)
class Final:
    """A training in full: the project as it is, or one of the best trials."""

    trial: Trial
    record: RunRecord

    @property
    def score(self) -> float:
        """The metric that selects the best epoch, on the validation photos."""
        return self.record.metrics[self.record.config["train"]["metric"]]

    @property
    def name(self) -> str:
        return "the project as it is" if self.trial.is_default else f"trial {self.trial.number}"


def train_finalists(bench: Bench, search: Search, claims: Path) -> list[Final]:
    """The project as it is and the best trials, each trained in full by one process; those of others are waited for."""
    trials, number = search.trials(), bench.options.tune.finalists
    best = [t for t in ranking(trials) if not t.is_default][:number]
    default = next((t for t in trials if t.is_default), None)
    if not number or default is None:
        return []
    pending, done, is_told = {t.number: t for t in (default, *best)}, dict[int, Final](), False
    while pending:
        before = len(pending)
        for trial in list(pending.values()):
            claim = bench.workspace.claim(claims / f"final-{trial.number}.lock")
            if claim is None:
                continue
            with claim:
                done[trial.number] = _in_full(bench, trial)
            del pending[trial.number]
        if len(pending) == before:
            if not is_told:
                say(f"tune: waiting for {count(before, 'training')} in full of another process")
            is_told = True
            time.sleep(POLL_S)
    return [done[t.number] for t in (default, *best)]


def _in_full(bench: Bench, trial: Trial) -> Final:
    full = in_full(bench, trial.changes)
    say(f"tune: {'the project as it is' if trial.is_default else f'trial {trial.number}'}, in full")
    return Final(trial, train_apart(full, ("valid", "test")))


def finals_table(bench: Bench, finals: Sequence[Final]) -> pd.DataFrame:
    """The project as it is first, then the others by their trials' rank."""
    rows = []
    for final in finals:
        row: dict[str, Any] = {
            "what": final.name,
            "run": final.record.name,
            "options": ", ".join(
                f"{k} = {config.shown(v)}" for k, v in final.trial.changes.items() if v != own_value(bench, k)
            ),
        }
        for split in _splits(bench, final.record):
            row[split] = final.record.metrics[METRIC] if split == "valid" else _macro_f1(bench, final.record, split)
            gain = None if final.trial.is_default else _gain(bench, final, finals[0], split)
            row |= {f"{split} gain{end}": getattr(gain, key) if gain else None
                    for end, key in (("", "value"), (" low", "low"), (" high", "high"))}  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def _splits(bench: Bench, record: RunRecord) -> list[str]:
    manifest = run_manifest(bench, record)
    return [split for split in ("valid", "test") if len(manifest.rows(split))]


def _macro_f1(bench: Bench, record: RunRecord, split: str) -> float:
    sample = joint_sample(run_manifest(bench, record), split_predictions(bench, record, split), split)
    return score(METRIC, sample.truth_N, sample.probs_NK)


def _gain(bench: Bench, one: Final, other: Final, split: str) -> Figure:
    mine, theirs = (split_predictions(bench, final.record, split) for final in (one, other))
    return difference(run_manifest(bench, one.record), mine, theirs, split, bench.options.evaluate)[METRIC]


def luck_of(bench: Bench, trials: Sequence[Trial]) -> Luck | None:
    """Of choosing among all finished trials of this workspace, as they were trained: cheaply."""
    records = {record.name: record for record in bench.workspace.list_runs() if record.purpose == "tune"}
    known = [t for t in trials if t.status == FINISHED and t.run in records]
    files = {t.number: bench.workspace.root / records[t.run].folder / "predictions-valid.parquet" for t in known}
    known = sorted((t for t in known if files[t.number].exists()), key=lambda t: not t.is_default)
    if len(known) < 3 or not known[0].is_default:
        return None
    samples = [
        joint_sample(run_manifest(bench, records[t.run]), Predictions.read(files[t.number]), "valid") for t in known
    ]
    options = bench.options
    return luck_of_choosing(samples, options.train.metric, options.evaluate.seed, options.evaluate.confidence)


def gain_in_folds(bench: Bench, best: Final, folds: int) -> tuple[Figure, int]:
    """How much better the best is in folds, and on how many photos: those that it was not chosen on."""
    told = []
    for values in (best.trial.changes, {}):
        folded = train_folds(in_full(bench, values), folds)
        assert folded is not None
        told.append(FoldSet(bench, folded).held_out())
    manifest = told[0].manifest
    chosen_on = set(run_manifest(bench, best.record).frame.query("split == 'valid'")["path"])
    part = manifest.part(np.flatnonzero(~manifest.frame["path"].isin(chosen_on)))
    mine, theirs = (_without(one.predictions, chosen_on) for one in told)
    gain = difference(part, mine, theirs, OUT_OF_FOLD, bench.options.evaluate)[METRIC]
    return gain, len(part.rows(OUT_OF_FOLD))


def _without(predictions: Predictions, paths: set[str]) -> Predictions:
    rows = [row for row, path in enumerate(predictions.paths) if path not in paths]
    fold_N = predictions.fold_N
    return replace(
        predictions,
        paths=[predictions.paths[row] for row in rows],
        joint_NK=predictions.joint_NK[rows],
        reasons=[predictions.reasons[row] for row in rows],
        fold_N=None if fold_N is None else fold_N[rows],
    )
