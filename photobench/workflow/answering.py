"""Who answers: a run, or several trained models put together. Each has one name, and the same verbs for all.

What is told of photos, how good that is, what is submitted and what is compared need not know which of them it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from photobench.errors import WorkspaceError, unknown
from photobench.evaluation import Evaluation
from photobench.records import Manifest, Predictions, RunRecord
from photobench.workflow.asking import evaluate_run, predict, run_manifest, split_predictions
from photobench.workflow.bench import Bench
from photobench.workflow.folding import FoldedRuns, find_folds, list_folds, predict_folds
from photobench.workflow.judging_folds import OUT_OF_FOLD


@dataclass(frozen=True)
class HeldOut:
    """What is said of photos that were not learned from, and what is true of them: the rows of `split` in the manifest."""

    manifest: Manifest
    predictions: Predictions
    split: str


class Answerer(Protocol):
    """Someone who can be asked about photos."""

    @property
    def name(self) -> str:
        """By which it is found, and after which its files are named."""

    @property
    def runs(self) -> Sequence[RunRecord]:
        """The trainings behind it, the first of which says how photos are read."""

    def held_out(self) -> HeldOut:
        """Of photos whose labels are known and that it did not learn from: what may be chosen on."""

    def evaluations(self) -> dict[str, Evaluation]:
        """How good that is, and how good it is on the test photos, where there are some; by the name of the split."""

    def predict(self, paths: Sequence[str | Path] = ()) -> Predictions:
        """Of photos, folders of photos or tables of paths; of the evaluation set where nothing is named."""


@dataclass(frozen=True)
class SingleRun:
    """A finished training, held out on its validation photos."""

    bench: Bench
    record: RunRecord

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def runs(self) -> Sequence[RunRecord]:
        return (self.record,)

    def held_out(self) -> HeldOut:
        return HeldOut(
            run_manifest(self.bench, self.record), split_predictions(self.bench, self.record, "valid"), "valid"
        )

    def evaluations(self) -> dict[str, Evaluation]:
        return evaluate_run(self.bench, self.name)

    def predict(self, paths: Sequence[str | Path] = ()) -> Predictions:
        return predict(self.bench, paths, self.name)


@dataclass(frozen=True)
class FoldSet:
    """The models of folds, averaged; held out on every labelled photo, each by the models that did not learn from it."""

    bench: Bench
    folded: FoldedRuns

    @property
    def name(self) -> str:
        return self.folded.name

    @property
    def runs(self) -> Sequence[RunRecord]:
        return self.folded.runs

    def held_out(self) -> HeldOut:
        return HeldOut(self.folded.manifest, self.folded.predictions, OUT_OF_FOLD)

    def evaluations(self) -> dict[str, Evaluation]:
        found = {OUT_OF_FOLD: self.folded.evaluation, "test": self.folded.test}
        return {split: evaluation for split, evaluation in found.items() if evaluation}

    def predict(self, paths: Sequence[str | Path] = ()) -> Predictions:
        return predict_folds(self.bench, paths, self.name)


@dataclass(frozen=True)
class Kind:
    """A kind of answerers: all names, the one used last first, and how one is opened."""

    names: Callable[[Bench], Iterable[str]]
    open: Callable[[Bench, str], Answerer]


def _ensembles(bench: Bench) -> Iterable[str]:
    from photobench.workflow.ensembles import list_ensembles  # it asks answerers in its turn

    return list_ensembles(bench)


def _ensemble(bench: Bench, name: str) -> Answerer:
    from photobench.workflow.ensembles import open_ensemble

    return open_ensemble(bench, name)


KINDS: dict[str, Kind] = {
    "runs": Kind(
        lambda bench: (record.name for record in reversed(bench.workspace.list_runs())),
        lambda bench, name: SingleRun(bench, bench.workspace.find_run(name)),
    ),
    "sets of folds": Kind(list_folds, lambda bench, name: FoldSet(bench, find_folds(bench, name))),
    "ensembles": Kind(_ensembles, _ensemble),
}
"""Where the start of a name fits several kinds, the earlier one is meant."""


def find_answerer(bench: Bench, name: str | None = None, folds: bool = False) -> Answerer:
    """By its name or the start of it; the run (or the set of folds) that was trained or asked for last where none is named.

    Raises:
        WorkspaceError: there is none, or the start fits several.
    """
    if name is None:
        return FoldSet(bench, find_folds(bench)) if folds else SingleRun(bench, bench.workspace.find_run())
    names = {kind: list(entry.names(bench)) for kind, entry in KINDS.items()}
    for fits in (str.__eq__, str.startswith):
        for kind, known in names.items():
            found = [one for one in known if fits(one, name)]
            if len(found) > 1:
                raise WorkspaceError(
                    f'"{name}" is the start of {len(found)} {kind}: {", ".join(found)}. Write more of it.'
                )
            if found:
                return KINDS[kind].open(bench, found[0])
    every = [one for known in names.values() for one in known]
    raise WorkspaceError(unknown("run", name, every) + " See: photobench list runs")
