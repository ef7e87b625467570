"""A training per fold, and what all of them together say of every labelled photo: out of fold.

A fold is a run like any other, with `split.folds` and `split.fold`: kept, resumed and reported as one. What is made of them is in

    folds/<first run>-<folds>-folds/
      oof.parquet        Predictions: each labelled photo by the model that did not learn from it
      evaluation.json    how good they are
      folds.json         the runs; written last
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from photobench.data.options import SplitOptions
from photobench.data.pseudo import PSEUDO, without_pseudo
from photobench.data.split import split_manifest
from photobench.errors import ConfigError, PhotobenchError, SplitError
from photobench.evaluate import table
from photobench.evaluation import Evaluation
from photobench.parallel import process_number
from photobench.progress import say
from photobench.records import BOX_COLUMNS, Manifest, Predictions, RunRecord, averaged, joined
from photobench.sources.manifest import build_manifest
from photobench.words import columns
from photobench.workflow.answers.at_once import check_jobs, train_at_once
from photobench.workflow.answers.judging_folds import OUT_OF_FOLD, FoldRows, Judge
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import PLAIN, SAMPLE, predict, run_manifest, split_predictions, way_of
from photobench.workflow.models.training import asked_for, check_before_work, train, use
from photobench.workflow.photos.preparing import divided, prepare, project_way, undivided
from photobench.workspace import now, read_json

FLATTERED = (
    "These models kept the epochs that were best on the photos that they are asked about here, so out of fold they look a little too good. "
    'Models that keep their last epoch (train.keep = "auto") do not: photobench train --folds K'
)

FEWEST_ASKED = 30
"""Photos that tell how far models are apart."""


@dataclass(frozen=True)
class FoldedRuns:
    """The runs of all folds, and what they say of photos that they did not learn from."""

    folder: Path
    records: FoldRows
    """A row per repeat, a run per fold."""
    predictions: Predictions
    """Of every labelled photo, out of fold; several repeats are averaged."""
    evaluation: Evaluation
    test: Evaluation | None
    """Of the average of all models on the test photos, where there are some."""
    manifest: Manifest
    """With all labelled photos in the split OUT_OF_FOLD."""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def runs(self) -> list[RunRecord]:
        return [record for row in self.records for record in row]

    def __str__(self) -> str:
        tables = [table(evaluation) for evaluation in (self.evaluation, self.test) if evaluation]
        flattered = [FLATTERED] if any(record.chose_epoch for record in self.runs) else []
        return "\n\n".join([_table_of_folds(self.records), *tables, *flattered])


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
    mistakes = [
        f"--folds {folds}: a set of folds has 2 or more, each asked about the photos that it did not learn from; one model alone: "
        "photobench train."
        if folds < 2
        else "",
        f"--repeats {repeats}: should be 1 or more; the photos are divided so many times." if repeats < 1 else "",
    ]
    if any(mistakes):
        raise ConfigError([one for one in mistakes if one])
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
    found = _put_together(bench, folder, records)
    about: dict[str, Any] = {
        "runs": [[record.name for record in row] for row in records],
        "split": {key: first.config["split"][key] for key in ("folds", "test", "seed")},
        "data": data_key(found.manifest),
        "used": now(),
    }
    bench.workspace.keep(folder / "folds.json", json.dumps(about, indent=1, ensure_ascii=False))
    return found


def _put_together(bench: Bench, folder: Path, records: FoldRows) -> FoldedRuns:
    """What they say, and how good that is. Nothing is written but what can be made again."""
    predictions = told_out_of_fold(bench, records)
    manifest = _labelled(run_manifest(bench, records[0][0]))
    _check_whole(manifest, predictions)
    bench.workspace.keep(folder / "oof.parquet", predictions.to_bytes())
    judge = Judge(bench, folder, manifest)
    return FoldedRuns(
        folder,
        records,
        predictions,
        judge.evaluation(predictions),
        judge.test(told_of_test(bench, records)) if len(manifest.rows("test")) else None,
        manifest,
    )


def told_out_of_fold(bench: Bench, records: FoldRows, views: Sequence[str] = PLAIN) -> Predictions:
    """What the models say of each photo that they did not learn from, the mean of these views; several repeats are averaged."""
    name = _name(records)
    rows = [[split_predictions(bench, record, "valid", views) for record in row] for row in records]
    return averaged([joined(row, name) for row in rows], name)


def told_of_test(bench: Bench, records: FoldRows, views: Sequence[str] = PLAIN) -> Predictions:
    """What all models together say of the test photos, the mean of these views."""
    said = [split_predictions(bench, record, "test", views) for row in records for record in row]
    return averaged(said, _name(records))


def told_by_each(bench: Bench, folded: FoldedRuns, views: Sequence[str] = PLAIN) -> list[Predictions]:
    """What each model says of photos that none of them learned from: the test photos, or some of the evaluation set; empty where both are few."""
    split = "test" if len(folded.manifest.rows("test")) >= FEWEST_ASKED else SAMPLE
    if split == SAMPLE and not _is_sampled(bench, folded.runs[0]):
        return []
    return [split_predictions(bench, record, split, views) for record in folded.runs]


def _is_sampled(bench: Bench, record: RunRecord) -> bool:
    """There are photos enough in today's evaluation set, and none of them was learned from."""
    try:
        asked = prepare(bench, way_of(bench, record)).manifest.rows("predict")
    except PhotobenchError as error:  # what is kept is enough for all else
        say(f"{record.name} is not asked about photos of the evaluation set: {error}")
        return False
    return len(asked) >= FEWEST_ASKED and PSEUDO not in run_manifest(bench, record).frame


def _name(records: Sequence[Sequence[RunRecord]]) -> str:
    backbone = records[0][0].config["model"]["backbone"]
    return f"{len(records[0])} folds of {backbone}" + (f", {len(records)} times" if len(records) > 1 else "")


def _labelled(manifest: Manifest) -> Manifest:
    """What is learned from in some fold and asked in another, in a split of its own."""
    manifest = without_pseudo(manifest)
    split = manifest.frame["split"].mask(manifest.frame["split"].isin(["train", "valid"]), OUT_OF_FOLD)
    return manifest.with_columns(split=split)


def data_key(manifest: Manifest) -> str:
    """Changes when a labelled photo, its label or its group does; in which fold it is does not matter, nor does its box."""
    split = manifest.frame["split"].replace({OUT_OF_FOLD: "train", "valid": "train"})
    return manifest.with_columns(split=split).without_columns(*BOX_COLUMNS).fingerprint()


def _check_whole(manifest: Manifest, predictions: Predictions) -> None:
    """Raises PhotobenchError where a labelled photo is held out by no fold."""
    asked = manifest.frame["path"].iloc[manifest.rows(OUT_OF_FOLD)]
    missing = asked[~asked.isin(predictions.paths)].tolist()
    if missing:
        raise PhotobenchError(
            f"{len(missing):,} of {len(asked):,} labelled photos are held out by no fold, such as {missing[0]}: the photos changed between "
            "the trainings. Train all folds together: photobench train --folds K"
        )


def _table_of_folds(records: Sequence[Sequence[RunRecord]]) -> str:
    rows = [
        (
            f"{fold}/{len(row)}" + (f" of division {repeat}" if len(records) > 1 else ""),
            record.name,
            *(f"{record.metrics[metric]:.3f}" for metric in ("macro_f1", "accuracy")),
        )
        for repeat, row in enumerate(records, 1)
        for fold, record in enumerate(row, 1)
    ]
    return columns(rows, ("fold", "run", "macro-F1", "accuracy"))


def list_folds(bench: Bench) -> list[str]:
    """The names of all complete sets of folds, the one that was trained or asked for last first."""
    return [folder.name for folder, _ in _sets(bench)]


def set_of(bench: Bench, run: str) -> str | None:
    """The name of the latest complete set of folds that a run is one of."""
    sets = ((folder.name, {record.name for row in records for record in row}) for folder, records in _sets(bench))
    return next((name for name, runs in sets if run in runs), None)


def runs_of_sets(bench: Bench) -> set[str]:
    """The names of all runs that are part of a complete set of folds."""
    return {record.name for _, records in _sets(bench) for row in records for record in row}


def find_folds(bench: Bench, name: str | None = None) -> FoldedRuns:
    """The folds that were trained last, or those of this name, whatever the data of today.

    Raises:
        PhotobenchError: there are none.
    """
    for folder, records in _sets(bench):
        if name in (None, folder.name):
            return _put_together(bench, folder, records)
    raise PhotobenchError(
        f"No set of folds is complete in {bench.workspace.root}. Train one with: photobench train --folds 5"
    )


def glance_at_folds(bench: Bench, name: str) -> tuple[list[RunRecord], Path, Evaluation | None]:
    """The runs, the folder and the kept evaluation of a complete set of folds: nothing is computed, and it is not asked for."""
    folder, records = next((folder, records) for folder, records in _sets(bench) if folder.name == name)
    kept = folder / "evaluation.json"
    evaluation = read_json(kept, Evaluation.from_json) if kept.exists() else None
    return [record for row in records for record in row], folder, evaluation


def out_of_fold(bench: Bench) -> tuple[Predictions, list[RunRecord]] | None:
    """What the latest complete folds whose photos, labels and groups are those of today say, and their runs; None where there are none."""
    found = next(_todays(bench), None)
    if found is None:
        return None
    folder, records = found
    return Predictions.read(folder / "oof.parquet"), [record for row in records for record in row]


def todays_folds(bench: Bench) -> list[str]:
    """The names of all complete sets of folds whose photos, labels and groups are those of today, the latest first; of two of which one
    holds all runs of the other, the larger."""
    found = [(folder.name, {record.name for row in records for record in row}) for folder, records in _todays(bench)]
    return [name for name, runs in found if not any(runs < others for _, others in found)]


def _todays(bench: Bench) -> Iterator[tuple[Path, FoldRows]]:
    keys: dict[str, str] = {}
    for folder, records in _sets(bench):
        about = _read(folder / "folds.json")
        split = json.dumps(about["split"])
        if split not in keys:
            keys[split] = _todays_key(bench, SplitOptions(**about["split"]))
        if keys[split] == about["data"]:
            yield folder, records


def _todays_key(bench: Bench, split: SplitOptions) -> str:
    whole = undivided(bench, project_way(bench))
    try:
        return data_key(divided(bench, whole, split))
    except SplitError:  # today's labels cannot even be divided so
        return ""


def _sets(bench: Bench) -> list[tuple[Path, FoldRows]]:
    """Complete sets of folds that were trained for their own sake, the one that was trained or asked for last first."""
    known = {r.name: r for r in bench.workspace.list_runs() if r.status == "finished" and not r.purpose}
    found = []
    for path in bench.workspace.folds.glob("*/folds.json"):
        about = _read(path)
        if all(name in known for row in about["runs"] for name in row):
            records = tuple(tuple(known[name] for name in row) for row in about["runs"])
            found.append((about["used"], path.parent, records))
    return [(folder, records) for _, folder, records in sorted(found, key=lambda one: one[0], reverse=True)]


def _read(path: Path) -> dict[str, Any]:
    return read_json(path, lambda about: {key: about[key] for key in ("used", "split", "data", "runs")})


def predict_folds(
    bench: Bench, paths: Sequence[str | Path] = (), name: str | None = None, views: Sequence[str] = PLAIN
) -> Predictions:
    """What all fold models say of photos, averaged: of the evaluation set where nothing is named."""
    folded = find_folds(bench, name)
    parts = [predict(bench, paths, record.name, views) for record in folded.runs]
    return averaged(parts, folded.predictions.run)
