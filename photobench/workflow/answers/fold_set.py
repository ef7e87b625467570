"""The models of folds, which answer together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from photobench.evaluation import Evaluation
from photobench.records import Predictions, RunRecord
from photobench.workflow.answers.answerer import EachModel
from photobench.workflow.answers.folding import FoldedRuns, predict_folds
from photobench.workflow.answers.inference_cost import ms_per_photo
from photobench.workflow.answers.judging_folds import OUT_OF_FOLD
from photobench.workflow.answers.told_by_folds import told_by_each, told_of_test, told_out_of_fold
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import PLAIN
from photobench.workflow.models.held_out import HeldOut


@dataclass(frozen=True)
class FoldSet:
    """The models of folds, averaged; held out on every labelled photo, each by the models that did not learn from it."""

    bench: Bench
    folded: FoldedRuns
    views: tuple[str, ...] = PLAIN

    @property
    def name(self) -> str:
        return self.folded.name

    @property
    def runs(self) -> Sequence[RunRecord]:
        return self.folded.runs

    @property
    def about(self) -> str:
        rows = self.folded.records
        times = f", {len(rows)} times" if len(rows) > 1 else ""
        return (
            f"{len(self.runs)} models answer together, each trained without one of {len(rows[0])} folds{times}. Out of fold, a photo is answered only "
            "by those that were trained without it; a new photo is answered by the mean of all, which is usually a little better."
        )

    def ms_per_photo(self) -> float:
        return ms_per_photo(self.bench, self.runs)

    def held_out(self) -> HeldOut:
        said = told_out_of_fold(self.bench, self.folded.records, self.views)
        return HeldOut(self.folded.manifest, said, OUT_OF_FOLD)

    def evaluations(self) -> dict[str, Evaluation]:
        found = {OUT_OF_FOLD: self.folded.evaluation, "test": self.folded.test}
        return {split: evaluation for split, evaluation in found.items() if evaluation}

    def predict(self, paths: Sequence[str | Path] = ()) -> Predictions:
        return predict_folds(self.bench, paths, self.name, self.views)

    def test(self) -> HeldOut | None:
        if not len(self.folded.manifest.rows("test")):
            return None
        return HeldOut(self.folded.manifest, told_of_test(self.bench, self.folded.records, self.views), "test")

    def each_model(self) -> EachModel | None:
        said = told_by_each(self.bench, self.folded.manifest, self.folded.records, self.views)
        return EachModel(said, len(self.folded.records)) if said else None

    def with_views(self, views: tuple[str, ...]) -> FoldSet:
        return replace(self, views=views)
