"""A training that answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from photobench.evaluation import Evaluation
from photobench.records import Manifest, Predictions, RunRecord
from photobench.workflow.answers.inference_cost import ms_per_photo
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import PLAIN, evaluate_run, predict, run_manifest, split_predictions
from photobench.workflow.models.held_out import HeldOut


@dataclass(frozen=True)
class SingleRun:
    """A finished training, held out on its validation photos."""

    bench: Bench
    record: RunRecord
    views: tuple[str, ...] = PLAIN

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def runs(self) -> Sequence[RunRecord]:
        return (self.record,)

    @property
    def about(self) -> str:
        return ""

    def ms_per_photo(self) -> float:
        return ms_per_photo(self.bench, self.runs)

    def held_out(self) -> HeldOut:
        return self._of("valid", run_manifest(self.bench, self.record))

    def evaluations(self) -> dict[str, Evaluation]:
        return evaluate_run(self.bench, self.name)

    def predict(self, paths: Sequence[str | Path] = ()) -> Predictions:
        return predict(self.bench, paths, self.name, self.views)

    def test(self) -> HeldOut | None:
        manifest = run_manifest(self.bench, self.record)
        return self._of("test", manifest) if len(manifest.rows("test")) else None

    def each_model(self) -> None:
        """One model answers, whatever the photo."""

    def with_views(self, views: tuple[str, ...]) -> SingleRun:
        return replace(self, views=views)

    def _of(self, split: str, manifest: Manifest) -> HeldOut:
        return HeldOut(manifest, split_predictions(self.bench, self.record, split, self.views), split)
