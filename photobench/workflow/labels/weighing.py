"""What decisions are worth: trainings with them and without, on the same folds, and the difference of their scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from photobench.compare import difference
from photobench.decisions.applying import untouched
from photobench.decisions.standing import standing_changes
from photobench.errors import PhotobenchError, SplitError
from photobench.evaluation import Figure
from photobench.progress import say
from photobench.records import BOX, GROUP, Manifest, Predictions, RunRecord
from photobench.words import count, duration
from photobench.workflow.bench import Bench
from photobench.workflow.labels.deciding import changes_nothing
from photobench.workflow.labels.evidence import numbers_of_folds
from photobench.workflow.models.asking import run_manifest, split_predictions
from photobench.workflow.models.training import train
from photobench.workflow.photos.preparing import prepare

METRIC = "macro_f1"
NO_CHANGE = (
    "No decision that stands changes a label or leaves a photo out: a training with them is the one without, so there is nothing to "
    "compare. See: photobench decisions list"
)


@dataclass(frozen=True)
class Weighed:
    """How much better macro-F1 is with decisions than without, on how many photos that they do not touch, and the seconds of training."""

    num_decisions: int
    gain: Figure
    num_photos: int
    num_pairs: int
    seconds: float

    def __str__(self) -> str:
        head = f"With the {count(self.num_decisions, 'decision')} macro-F1 is "
        tail = f", measured on {count(self.num_photos, 'photo')} that none of them touched"
        return f"{head}{_verdict(self.gain)}{tail}; {self.num_pairs} × 2 trainings, {duration(self.seconds)}."


def what_if(bench: Bench, folds: int | None = None) -> str:
    """Train with the decisions that stand and without, fold by fold, and say whether macro-F1 changed, with its interval.

    Both learn from the same photos but those left out, to the last epoch; what is compared are the photos whose labels no decision changed, each by
    the two models of its fold. Merged groups and boxes are the same in both. Trainings that are up to date are not made again.

    Args:
        folds: so many; where it is None audit.num_folds, or fewer where a label has too few groups for that.

    Raises:
        PhotobenchError: no decision changes a label or leaves a photo out, or every photo is touched.
        SplitError: a label is absent from a fold; said before any training.
    """
    if changes_nothing(bench):
        raise PhotobenchError(NO_CHANGE)
    changes = standing_changes(bench.workspace.numbered_decisions())
    decided = [d for d in changes if d.field not in (BOX, GROUP)]
    counts = [folds] if folds else numbers_of_folds(bench.options.audit.num_folds)
    with bench.workspace.lock("photobench audit --what-if"):
        try:
            pairs = _first_possible(bench, counts)
            say(f"what-if: {len(pairs)} × 2 trainings, with {count(len(decided), 'decision')} and without")
            records = [(train(with_them), train(without)) for with_them, without in pairs]
        finally:
            prepare(replace(bench, prepared={}))  # manifest.parquet is that of the project again
        return str(weigh(bench, records, len(decided)))


def _first_possible(bench: Bench, counts: Sequence[int]) -> list[tuple[Bench, Bench]]:
    """The projects of each fold with the decisions and without, of the first of these numbers of folds that the labels allow."""
    for num in counts:
        pairs = [(_changed(bench, num, fold, True), _changed(bench, num, fold, False)) for fold in range(1, num + 1)]
        try:
            _check(pairs)
        except SplitError:
            if num == counts[-1]:
                raise
        else:
            return pairs
    raise AssertionError("no number of folds was named")


def weigh(bench: Bench, pairs: Sequence[tuple[RunRecord, RunRecord]], num_decisions: int) -> Weighed:
    """The difference of runs with decisions and runs without, each pair on one split. All pairs count together, as one large validation.

    A photo may be in the validation of several pairs: groups are resampled, so it is then in all of them or in none.
    """
    parts = [_untouched_part(bench, number, *pair) for number, pair in enumerate(pairs)]
    manifest = replace(
        parts[0][0], frame=pd.concat([part[0].frame for part in parts], ignore_index=True), has_groups=True
    )
    if not len(manifest):
        raise PhotobenchError("Every photo was touched by a decision, so none is left to measure with.")
    with_them, without = _joined([part[1] for part in parts]), _joined([part[2] for part in parts])
    gain = difference(manifest, with_them, without, "valid", bench.options.evaluate)[METRIC]
    num_photos = manifest.frame["path"].str.partition(":")[2].nunique()
    return Weighed(num_decisions, gain, num_photos, len(pairs), _seconds(pairs))


def _changed(bench: Bench, folds: int, fold: int, decisions: bool) -> Bench:
    values: dict[str, Any] = {"source": {"decisions": decisions}, "split": {"folds": folds, "fold": fold}}
    project = bench.project.changed(values, "--what-if")
    return replace(bench, project=project, purpose="what-if", prepared={})


def _check(pairs: Sequence[tuple[Bench, Bench]]) -> None:
    """Before hours of work: there is something to compare, and something to compare it on."""
    one, other = (prepare(bench).manifest for bench in pairs[0])
    same = untouched(one, other)
    if same.all():
        raise PhotobenchError(NO_CHANGE)
    if not same[one.rows("train", "valid")].any():
        raise PhotobenchError("Every photo was touched by a decision, so none is left to measure with.")


def _untouched_part(
    bench: Bench, number: int, with_them: RunRecord, without: RunRecord
) -> tuple[Manifest, Predictions, Predictions]:
    """The validation photos that no decision touched, and what both runs say of them; paths get the pair's number, to be joined."""
    one, other = run_manifest(bench, with_them), run_manifest(bench, without)
    rows = np.intersect1d(np.flatnonzero(untouched(one, other)), one.rows("valid"))
    part = one.part(rows)
    wanted = part.frame["path"].tolist()
    part = part.with_columns(path=[f"{number}:{path}" for path in wanted])
    said, other_said = (
        _only(split_predictions(bench, record, "valid"), wanted, number) for record in (with_them, without)
    )
    return part, said, other_said


def _only(predictions: Predictions, paths: Sequence[str], number: int) -> Predictions:
    row_of = {path: row for row, path in enumerate(predictions.paths)}
    rows = [row_of[path] for path in paths]
    return replace(
        predictions,
        paths=[f"{number}:{path}" for path in paths],
        joint_NK=predictions.joint_NK[rows],
        reasons=[predictions.reasons[row] for row in rows],
    )


def _joined(parts: Sequence[Predictions]) -> Predictions:
    return replace(
        parts[0],
        paths=[path for part in parts for path in part.paths],
        joint_NK=np.concatenate([part.joint_NK for part in parts]),
        reasons=[reason for part in parts for reason in part.reasons],
    )


def _seconds(pairs: Sequence[tuple[RunRecord, RunRecord]]) -> float:
    return sum(record.timings.get("train", 0.0) for pair in pairs for record in pair)


def _verdict(gain: Figure) -> str:
    if not gain.low <= gain.high:
        said = (
            "the same"
            if abs(gain.value) < 0.0005
            else f"{abs(gain.value):.3f} {'better' if gain.value > 0 else 'worse'}"
        )
        return f"{said}, without an interval (too few groups, or the two hardly differ)"
    if gain.low <= 0 <= gain.high:
        return f"no different beyond doubt, {gain.text(sign='+')}"
    return f"{abs(gain.value):.3f} {'better' if gain.low > 0 else 'worse'} ({gain.extent()})"
