"""A training per fold: one by one, or several at the same time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from photobench.data.split import split_manifest
from photobench.errors import ConfigError
from photobench.parallel import process_number
from photobench.progress import say
from photobench.records import RunRecord
from photobench.sources.manifest import build_manifest
from photobench.workflow.answers.at_once import check_jobs, train_at_once
from photobench.workflow.answers.folding import FoldedRuns, data_key, put_together
from photobench.workflow.answers.judging_folds import FoldRows
from photobench.workflow.bench import Bench
from photobench.workflow.models.training import asked_for, check_before_work, train, use
from photobench.workflow.photos.preparing import prepare
from photobench.workspace import now


def train_folds(bench: Bench, folds: int, repeats: int = 1, jobs: int = 1) -> FoldedRuns | None:
    """Train a model per fold, each on all photos but its fold; finished ones are kept, an unfinished one is gone on with.

    None in a process that only helps another one to train.

    Args:
        jobs: so many at the same time, each in a process of its own.

    Raises:
        ConfigError: fewer than two folds, or no repeat.
        SplitError: a label is absent from a fold; said before any training.
        Interrupted: Ctrl-C; the next call goes on from there.
    """
    _check_numbers(folds, repeats)
    check_jobs(jobs)
    benches = [[_of_fold(bench, folds, fold, repeat) for fold in range(1, folds + 1)] for repeat in range(repeats)]
    if process_number() > 0:
        for one in (one for row in benches for one in row):
            train(one)
        return None
    with bench.workspace.lock("photobench train --folds"):
        check_before_work(benches[0][0])
        _check_labels(benches[0][0])
        for row in benches:
            prepare(row[0])  # a division that lacks a label in any fold is refused here
        every = [one for row in benches for one in row]
        _say_kept(every)
        if jobs > 1:
            train_at_once(every, jobs)
        records = tuple(tuple(_train_fold(one) for one in row) for row in benches)
        return _kept(bench, records)


def _check_numbers(folds: int, repeats: int) -> None:
    mistakes = []
    if folds < 2:
        mistakes.append(
            f"--folds {folds}: a set of folds has 2 or more, each asked about the photos that it did not learn from; one model alone: photobench train."
        )
    if repeats < 1:
        mistakes.append(f"--repeats {repeats}: should be 1 or more; the photos are divided so many times.")
    if mistakes:
        raise ConfigError(mistakes)


def _of_fold(bench: Bench, folds: int, fold: int, repeat: int) -> Bench:
    values = {"split": {"folds": folds, "fold": fold, "repeat": repeat}}
    return replace(bench, project=bench.project.changed(values, "--folds"))


def _check_labels(bench: Bench) -> None:
    """Where the photos have still to be read, a label of too few groups is told before that, not after it."""
    if not any(bench.workspace.packs.glob("*/pack.json")):
        split_manifest(
            build_manifest(bench.options.source, bench.options.attributes, bench.project.root), bench.options.split
        )


def _say_kept(benches: Sequence[Bench]) -> None:
    """How many need no training, in one line for all."""
    kept = sum(asked_for(one).finished is not None for one in benches)
    if kept:
        of_all = "all" if kept == len(benches) else f"{kept} of"
        say(f"train: {of_all} {len(benches)} folds {'is' if kept == 1 else 'are'} up to date")


def _train_fold(bench: Bench) -> RunRecord:
    finished = asked_for(bench).finished
    if finished:
        return use(bench, finished)
    split = bench.options.split
    again = f", division {split.repeat + 1}" if split.repeat else ""
    say(f"fold {split.fold} of {split.folds}{again}")
    return train(bench)


def _kept(bench: Bench, records: FoldRows) -> FoldedRuns:
    """A set that was asked to be trained now, and is whole."""
    first = records[0][0]
    folder = (
        bench.workspace.folds
        / f"{first.name}-{len(records[0])}-folds{f'-{len(records)}-times' if len(records) > 1 else ''}"
    )
    bench.workspace.make_folder(folder)
    found = put_together(bench, folder, records)
    about: dict[str, Any] = {
        "runs": [[record.name for record in row] for row in records],
        "split": {key: first.config["split"][key] for key in ("folds", "test", "seed")},
        "data": data_key(found.manifest),
        "used": now(),
    }
    bench.workspace.keep(folder / "folds.json", json.dumps(about, indent=1, ensure_ascii=False))
    return found
