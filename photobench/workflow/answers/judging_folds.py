"""How good the models of folds are: on what they did not learn from, and all together on the test photos. Kept while up to date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from photobench.bootstrap import Sample
from photobench.data.split import clusters_of
from photobench.evaluate import joint_sample
from photobench.evaluation import Evaluation
from photobench.records import Manifest, Predictions, RunRecord
from photobench.workflow.bench import Bench
from photobench.workflow.models.held_out import HeldOut
from photobench.workflow.models.kept_evaluation import kept_evaluation

OUT_OF_FOLD = "out of fold"
"""The split of the photos that some fold holds out and the others learn from."""

FoldRows = tuple[tuple[RunRecord, ...], ...]
"""A row per repeat, a run per fold."""


@dataclass(frozen=True)
class Judge:
    """Of one set of folds. In the manifest, their photos are in the split OUT_OF_FOLD."""

    bench: Bench
    folder: Path
    manifest: Manifest

    def evaluation(self, predictions: Predictions) -> Evaluation:
        """Of what was said out of fold."""
        return self._kept("evaluation.json", predictions, OUT_OF_FOLD)

    def test(self, said: Predictions) -> Evaluation:
        """Of what all models together said of the test photos."""
        return self._kept("evaluation-test.json", said, "test")

    def _kept(self, file: str, predictions: Predictions, split: str) -> Evaluation:
        """What was measured of these predictions and these labels before, or is measured now."""
        return kept_evaluation(self.bench, self.folder / file, HeldOut(self.manifest, predictions, split))


def clustered_sample(manifest: Manifest, predictions: Predictions, split: str) -> Sample:
    """As `joint_sample`, with groups that hold the copies of their photos too: what must not be apart where something is tuned."""
    sample, rows = joint_sample(manifest, predictions, split), told_rows(manifest, predictions, split)
    clusters, groups_N = np.unique(clusters_of(manifest)[rows], return_inverse=True)
    return replace(sample, groups_N=groups_N, num_groups=len(clusters))


def told_rows(manifest: Manifest, predictions: Predictions, split: str) -> np.ndarray:
    """The rows of the manifest that a sample of a split has: labelled photos of which something was said."""
    rows = manifest.rows(split)
    rows = rows[manifest.classes()[rows] >= 0]
    said = np.array(predictions.paths, dtype=object)[predictions.ok()]
    return rows[np.isin(manifest.frame["path"].to_numpy(dtype=object)[rows], said)]
