"""Who answers: a run, or several trained models put together. Each has one name, and the same verbs for all.

What is told of photos, how good that is, what is submitted and what is compared need not know which of them it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from photobench.errors import Damaged, PhotobenchError, WorkspaceError, unknown
from photobench.evaluation import Evaluation
from photobench.progress import say
from photobench.records import Manifest, Predictions, RunRecord
from photobench.workflow.answers.folding import (
    FoldedRuns,
    find_folds,
    glance_at_folds,
    list_folds,
    predict_folds,
    set_of,
    told_of_test,
    told_out_of_fold,
)
from photobench.workflow.answers.judging_folds import OUT_OF_FOLD
from photobench.workflow.answers.refined import Refined, list_refined, read_refined
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import PLAIN, evaluate_run, predict, run_manifest, split_predictions


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

    def test(self) -> HeldOut | None:
        """Of the test photos, where there are some: nothing is chosen on them."""

    def with_views(self, views: tuple[str, ...]) -> Answerer | None:
        """The same, whose answer is the mean over these views of each photo; None of one that cannot be asked so."""


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

    def held_out(self) -> HeldOut:
        return self._of("valid", run_manifest(self.bench, self.record))

    def evaluations(self) -> dict[str, Evaluation]:
        return evaluate_run(self.bench, self.name)

    def predict(self, paths: Sequence[str | Path] = ()) -> Predictions:
        return predict(self.bench, paths, self.name, self.views)

    def test(self) -> HeldOut | None:
        manifest = run_manifest(self.bench, self.record)
        return self._of("test", manifest) if len(manifest.rows("test")) else None

    def with_views(self, views: tuple[str, ...]) -> SingleRun:
        return replace(self, views=views)

    def _of(self, split: str, manifest: Manifest) -> HeldOut:
        return HeldOut(manifest, split_predictions(self.bench, self.record, split, self.views), split)


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

    def with_views(self, views: tuple[str, ...]) -> FoldSet:
        return replace(self, views=views)


@dataclass(frozen=True)
class Glance:
    """What is known of one without opening it: its runs, its folder, and the evaluation that is kept there."""

    runs: Sequence[RunRecord]
    folder: Path | None = None
    evaluation: Evaluation | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of answerers: all names, the one used last first, and how one is opened; `glance`, where opening takes time or writes."""

    names: Callable[[Bench], Iterable[str]]
    open: Callable[[Bench, str], Answerer]
    glance: Callable[[Bench, str], Glance] | None = None


def _refined(bench: Bench, name: str) -> Answerer:
    """What stands on another answerer, which is found by its name in its turn."""
    found = read_refined(bench, name)
    if not any(found.base in kind.names(bench) for kind in KINDS.values()):
        raise WorkspaceError(f"{name} stands on {found.base}, which is gone. Refine another one: photobench refine")
    return Refined(bench, name, find_answerer(bench, found.base), found)


def _ensembles(bench: Bench) -> Iterable[str]:
    from photobench.workflow.answers.ensembles import list_ensembles  # it asks answerers in its turn

    return list_ensembles(bench)


def _ensemble(bench: Bench, name: str) -> Answerer:
    from photobench.workflow.answers.ensembles import open_ensemble

    return open_ensemble(bench, name)


KINDS: dict[str, Kind] = {
    "runs": Kind(
        lambda bench: (record.name for record in reversed(bench.workspace.list_runs())),
        lambda bench, name: SingleRun(bench, bench.workspace.find_run(name)),
    ),
    "sets of folds": Kind(
        list_folds,
        lambda bench, name: FoldSet(bench, find_folds(bench, name)),
        lambda bench, name: Glance(*glance_at_folds(bench, name)),
    ),
    "refined ones": Kind(list_refined, _refined),
    "ensembles": Kind(_ensembles, _ensemble),
}
"""Where the start of a name fits several kinds, the earlier one is meant."""


def _latest(bench: Bench) -> Answerer:
    record = bench.workspace.find_run()
    name = set_of(bench, record.name)
    if name is None:
        return SingleRun(bench, record)
    say(f"note: trained last was {name}, so all of its models answer; one of them alone: --run {record.name}")
    return FoldSet(bench, find_folds(bench, name))


def find_answerer(bench: Bench, name: str | None = None, folds: bool = False) -> Answerer:
    """By its name or the start of it, or by a tag; where none is named what was trained or asked for last, and that is the set where it is a fold.

    Raises:
        WorkspaceError: there is none, or the start fits several.
    """
    if name is None:
        return FoldSet(bench, find_folds(bench)) if folds else _latest(bench)
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
    homes = {one: kind for kind, known in names.items() for one in known}
    tagged = [one for one, tags in bench.workspace.tags().items() if name in tags and one in homes]
    if len(tagged) > 1:
        raise WorkspaceError(f'{len(tagged)} runs have the tag "{name}": {", ".join(tagged)}. Name one of them.')
    if tagged:
        return KINDS[homes[tagged[0]]].open(bench, tagged[0])
    raise WorkspaceError(unknown("run", name, homes) + " See: photobench runs")


def find_single_run(bench: Bench, name: str) -> RunRecord:
    """For what is made of one run, such as a report: by its name or the start of it, or by a tag.

    Raises:
        WorkspaceError: there is none, or the name is that of several runs, or of one that was refined.
    """
    found = find_answerer(bench, name)
    if isinstance(found, SingleRun):
        return found.runs[0]
    runs = ", ".join(dict.fromkeys(record.name for record in found.runs))
    raise WorkspaceError(
        f"{found.name} is no single run, and this wants one: {runs}. "
        f"What {found.name} is worth: photobench evaluate --run {found.name}"
    )


def together(bench: Bench) -> dict[str, Glance]:
    """All who are several runs under one name, by that name. One that cannot be opened any more is left out; a damaged one is said."""
    found = {}
    for kind, entry in KINDS.items():
        if kind == "runs":
            continue
        for name in entry.names(bench):
            try:
                found[name] = _glance(bench, entry, name)
            except Damaged as error:
                say(f"warning: {name} is left out. {error}")
            except PhotobenchError:  # such as one whose runs are gone
                continue
    return found


def _glance(bench: Bench, entry: Kind, name: str) -> Glance:
    return entry.glance(bench, name) if entry.glance else Glance(entry.open(bench, name).runs)


def check_whole(bench: Bench) -> None:
    """Raises PhotobenchError where a set is damaged, so that nobody knows which runs it needs."""
    for entry in (entry for kind, entry in KINDS.items() if kind != "runs"):
        for name in entry.names(bench):
            try:
                _glance(bench, entry, name)
            except Damaged as error:
                raise PhotobenchError(
                    f"{error} Which runs {name} needs is not known before. Nothing was removed."
                ) from error
            except PhotobenchError:
                continue
