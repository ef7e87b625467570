"""The best trials trained in full beside the project as it is, and how they compare."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from photobench import config, paired
from photobench.bootstrap import Sample
from photobench.compare import difference, same_samples
from photobench.evaluate import joint_sample
from photobench.evaluation import Figure
from photobench.metrics import score
from photobench.paired import Gain
from photobench.progress import say
from photobench.records import ClassSpace, Predictions, RunRecord
from photobench.tune.answers import packed, unpacked
from photobench.tune.luck import Luck, luck_of_choosing
from photobench.tune.trials import FINISHED, Trial, ranking
from photobench.words import count
from photobench.workflow.answers.fold_set import FoldSet
from photobench.workflow.answers.judging_folds import OUT_OF_FOLD
from photobench.workflow.answers.training_folds import train_folds
from photobench.workflow.bench import Bench
from photobench.workflow.models.apart import train_apart
from photobench.workflow.models.asking import run_manifest, split_predictions
from photobench.workflow.search.searching import in_full, own_value

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


def finals_table(bench: Bench, finals: Sequence[Final], tried: Sequence[Sample]) -> pd.DataFrame:
    """The project as it is first, then the others by their trials' rank.

    On the validation photos, which chose them among `tried`, the intervals of the gains hold for all of these at once.
    """
    splits = _splits(bench, finals[0].record) if finals else []
    gains = {split: _gains(bench, finals, split, tried if split == "valid" else ()) for split in splits}
    rows = []
    for number, final in enumerate(finals):
        row: dict[str, Any] = {
            "what": final.name,
            "run": final.record.name,
            "options": ", ".join(
                f"{k} = {config.shown(v)}" for k, v in final.trial.changes.items() if v != own_value(bench, k)
            ),
        }
        for split in splits:
            row[split] = final.record.metrics[METRIC] if split == "valid" else _macro_f1(bench, final.record, split)
            gain = gains[split][number - 1] if number else None
            row |= {f"{split} gain{end}": getattr(gain, key) if gain else None
                    for end, key in (("", "value"), (" low", "low"), (" high", "high"))}  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def _gains(bench: Bench, finals: Sequence[Final], split: str, tried: Sequence[Sample]) -> list[Gain]:
    """How much better each but the first is than the first; the intervals are as wide as the largest of these differences and of those of
    `tried` to its first is by chance."""
    manifest, options = run_manifest(bench, finals[0].record), bench.options.evaluate
    told = same_samples(manifest, [split_predictions(bench, final.record, split) for final in finals], split)
    pairs = [(one, many[0]) for many in (told, tried) for one in many[1:]]
    if not pairs:
        return []
    drawn = {id(one): paired.drawn(one, options.bootstraps, options.seed) for one in (*told, *tried)}
    differ_J = np.array([paired.groups_that_differ(a.predicted_N != b.predicted_N, b) for a, b in pairs])
    mine, others = ([drawn[id(pair[side])] for pair in pairs] for side in (0, 1))
    return paired.apart(mine, others, METRIC, differ_J, options.confidence).gains()[: len(told) - 1]


def _splits(bench: Bench, record: RunRecord) -> list[str]:
    manifest = run_manifest(bench, record)
    return [split for split in ("valid", "test") if len(manifest.rows(split))]


def _macro_f1(bench: Bench, record: RunRecord, split: str) -> float:
    sample = joint_sample(run_manifest(bench, record), split_predictions(bench, record, split), split)
    return score(METRIC, sample.truth_N, sample.probs_NK)


def answers_of(bench: Bench, record: RunRecord) -> str:
    """What a trial says of the validation photos, for the database of the search."""
    return packed(Predictions.read(bench.workspace.root / record.folder / "predictions-valid.parquet").classes())


def tried_samples(bench: Bench, trials: Sequence[Trial], finals: Sequence[Final]) -> list[Sample]:
    """What the finished trials say of the validation photos, as they were trained: cheaply, on whatever machine. The project as it is first.

    None of them where fewer than three are known, or the project is not.
    """
    known = sorted((t for t in trials if t.status == FINISHED and t.answers), key=lambda t: not t.is_default)
    if not finals or len(known) < 3 or not known[0].is_default:
        return []
    manifest = run_manifest(bench, finals[0].record)  # of the search: all of its trainings have the same photos
    asked = manifest.frame[manifest.frame["split"] == "valid"]
    told = [_told(t.number, asked, unpacked(t.answers), manifest.space) for t in known]
    return same_samples(manifest, told, "valid")


def _told(number: int, asked: pd.DataFrame, codes_N: np.ndarray, space: ClassSpace) -> Predictions:
    """Which classes, without their probabilities: intervals and luck need no more."""
    joint_NK = np.full((len(asked), space.num_classes), 1 / space.num_classes)
    paths, reasons = asked["path"].tolist(), asked["reason"].tolist()
    return Predictions(paths, joint_NK, space, reasons, f"trial {number}", decided_N=codes_N)


def luck_of(bench: Bench, tried: Sequence[Sample]) -> Luck | None:
    """Of choosing among trials, of which the first is the project as it is."""
    options = bench.options
    return luck_of_choosing(tried, options.train.metric, options.evaluate.seed, options.evaluate.confidence)


@dataclass(frozen=True)
class InFolds:
    """How much better the best is in folds, on how many photos (those that it was not chosen on), and the trainings of both."""

    folds: int
    gain: Figure
    num_photos: int
    runs: list[str]


def compare_in_folds(bench: Bench, best: Final, folds: int) -> InFolds:
    """The best and the project as it is, each by so many fold models."""
    told, runs = [], []
    for values in (best.trial.changes, {}):
        folded = train_folds(in_full(bench, values), folds)
        assert folded is not None
        told.append(FoldSet(bench, folded).held_out())
        runs += [record.name for record in folded.runs]
    manifest = told[0].manifest
    chosen_on = set(run_manifest(bench, best.record).frame.query("split == 'valid'")["path"])
    part = manifest.part(np.flatnonzero(~manifest.frame["path"].isin(chosen_on)))
    mine, theirs = (_without(one.predictions, chosen_on) for one in told)
    gain = difference(part, mine, theirs, OUT_OF_FOLD, bench.options.evaluate)[METRIC]
    return InFolds(folds, gain, len(part.rows(OUT_OF_FOLD)), runs)


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
