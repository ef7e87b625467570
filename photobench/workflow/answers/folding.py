"""Sets of folds: what all trainings of one together say of every labelled photo, out of fold, and how good that is; which there are.

A fold is a run like any other, with `split.folds` and `split.fold`: kept, resumed and reported as one. What is made of them is in

    folds/<first run>-<folds>-folds/
      oof.parquet        Predictions: each labelled photo by the model that did not learn from it
      evaluation.json    how good they are
      folds.json         the runs; written last
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photobench.data.options import SplitOptions
from photobench.data.pseudo import without_pseudo
from photobench.errors import PhotobenchError, SplitError
from photobench.evaluate import table
from photobench.evaluation import Evaluation
from photobench.records import BOX_COLUMNS, Manifest, Predictions, RunRecord, averaged
from photobench.words import columns
from photobench.workflow.answers.judging_folds import OUT_OF_FOLD, FoldRows, Judge
from photobench.workflow.answers.told_by_folds import told_of_test, told_out_of_fold
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import PLAIN, predict, run_manifest
from photobench.workflow.photos.preparing import divided, project_way, undivided
from photobench.workspace import read_json

FLATTERED = (
    "These models kept the epochs that were best on the photos that they are asked about here, so out of fold they look a little too good. "
    'Models that keep their last epoch (train.keep = "auto") do not: photobench train --folds K'
)


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


def put_together(bench: Bench, folder: Path, records: FoldRows) -> FoldedRuns:
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
            return put_together(bench, folder, records)
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
