"""What the models of folds say: of what they did not learn from, all together of test photos, and each by itself of photos that are new to all."""

from __future__ import annotations

from collections.abc import Sequence

from photobench.data.pseudo import PSEUDO
from photobench.errors import InUse, PhotobenchError
from photobench.progress import say
from photobench.records import Manifest, Predictions, RunRecord, averaged, joined
from photobench.workflow.answers.judging_folds import FoldRows
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import PLAIN, SAMPLE, run_manifest, split_predictions, way_of
from photobench.workflow.photos.preparing import prepare

FEWEST_ASKED = 30
"""Photos that tell how far models are apart."""


def told_out_of_fold(bench: Bench, records: FoldRows, views: Sequence[str] = PLAIN) -> Predictions:
    """What the models say of each photo that they did not learn from, the mean of these views; several repeats are averaged."""
    name = _name(records)
    rows = [[split_predictions(bench, record, "valid", views) for record in row] for row in records]
    return averaged([joined(row, name) for row in rows], name)


def told_of_test(bench: Bench, records: FoldRows, views: Sequence[str] = PLAIN) -> Predictions:
    """What all models together say of the test photos, the mean of these views."""
    said = [split_predictions(bench, record, "test", views) for row in records for record in row]
    return averaged(said, _name(records))


def told_by_each(
    bench: Bench, manifest: Manifest, records: FoldRows, views: Sequence[str] = PLAIN
) -> list[Predictions]:
    """What each model says of photos that none of them learned from: the test photos, or some of the evaluation set; empty where both are few."""
    split = "test" if len(manifest.rows("test")) >= FEWEST_ASKED else SAMPLE
    if split == SAMPLE and not _is_sampled(bench, records[0][0]):
        return []
    return [split_predictions(bench, record, split, views) for row in records for record in row]


def _is_sampled(bench: Bench, record: RunRecord) -> bool:
    """There are photos enough in today's evaluation set, and none of them was learned from."""
    try:
        asked = prepare(bench, way_of(bench, record)).manifest.rows("predict")
    except InUse:
        raise
    except PhotobenchError as error:  # what is kept is enough for all else
        say(f"{record.name} is not asked about photos of the evaluation set: {error}")
        return False
    return len(asked) >= FEWEST_ASKED and PSEUDO not in run_manifest(bench, record).frame


def _name(records: Sequence[Sequence[RunRecord]]) -> str:
    backbone = records[0][0].config["model"]["backbone"]
    return f"{len(records[0])} folds of {backbone}" + (f", {len(records)} times" if len(records) > 1 else "")
