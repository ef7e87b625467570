"""Ensembles that were made: opened by name, held out, evaluated and asked like a run.

ensembles/001-greedy/
  oof.parquet         what it says of photos that neither its members learned from nor it was fitted to
  evaluation-*.json   how good that is, and how good it is on the test photos; derived
  diversity.png       how different its members are
  ensemble.json       members, weights, every way that was tried; written last, so its presence means that it is whole
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from photobench.ensemble import METHODS, EnsembleRecord, Member, combined, words
from photobench.errors import Damaged, Gone, WorkspaceError
from photobench.evaluation import Evaluation
from photobench.explore.canvas import Drawing
from photobench.explore.drawing import error_heatmap
from photobench.records import Predictions, RunRecord, averaged, fingerprint
from photobench.report.combined import CombinedInputs
from photobench.workflow.answers.answerer import Answerer, Find
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import predict, split_predictions
from photobench.workflow.models.held_out import HeldOut
from photobench.workflow.models.kept_evaluation import glance_at_evaluation, kept_evaluations

RECORD, OOF, PICTURE = "ensemble.json", "oof.parquet", "diversity.png"
PREFIX = "ensemble-"
"""Before the folder's name: that of the answerer."""


@dataclass(frozen=True)
class Ensemble:
    """Several answerers made one; held out on the photos that all of them held out, each by a combination fitted to others."""

    bench: Bench
    record: EnsembleRecord
    find: Find

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def folder(self) -> Path:
        return folder_of(self.bench, self.name)

    @cached_property
    def members(self) -> list[Answerer]:
        """Those that count, as they were when it was made.

        Raises:
            WorkspaceError: one is gone, or its answers have changed.
        """
        return [_unchanged(self, self.record.members[number]) for number in self.record.fitted.asked()]

    @cached_property
    def soup(self) -> list[RunRecord]:
        """The runs of averaged weights that answer for all members; none for most ways."""
        return [self.bench.workspace.find_run(name) for name in self.record.soup]

    @property
    def runs(self) -> Sequence[RunRecord]:
        return self.soup or [record for member in self.members for record in member.runs]

    @property
    def about(self) -> str:
        return words.origin(self.record)

    def ms_per_photo(self) -> float:
        return self.record.way.ms

    def held_out(self) -> HeldOut:
        first = self.members[0].held_out()
        return HeldOut(first.manifest, Predictions.read(self.folder / OOF), first.split)

    def evaluations(self) -> dict[str, Evaluation]:
        return kept_evaluations(self.bench, self.folder, (self.held_out(), self.test()))

    def predict(self, paths: Sequence[str | Path] = ()) -> Predictions:
        if self.soup:
            return averaged([predict(self.bench, paths, record.name) for record in self.soup], self.name)
        return self._combined([member.predict(paths) for member in self.members])

    def __str__(self) -> str:
        return words.described(self.record)

    def _combined(self, parts: Sequence[Predictions]) -> Predictions:
        return combined(METHODS.build(self.record.method), self.record.fitted, parts, self.name)

    def test(self) -> HeldOut | None:
        first = self.members[0].test()
        if first is None:
            return None
        if self.soup:
            said = [split_predictions(self.bench, record, "test") for record in self.soup]
            return replace(first, predictions=averaged(said, self.name))
        others = [held.predictions for member in self.members[1:] if (held := member.test()) is not None]
        return replace(first, predictions=self._combined([first.predictions, *others]))

    def each_model(self) -> None:
        """Its members know theirs."""

    def with_views(self, views: tuple[str, ...]) -> None:
        """Its members may have their own: refine them, and combine the refined ones."""

    @property
    def answering(self) -> list[str]:
        """The names of those that answer for it: members that count, or the runs of averaged weights."""
        return list(self.record.soup) or [self.record.members[number].name for number in self.record.fitted.asked()]

    def glance(self) -> Evaluation | None:
        """How good it is on held-out photos, where that was measured."""
        return glance_at_evaluation(self.folder)


def list_ensembles(bench: Bench) -> list[str]:
    """The names of all ensembles, the one that was made last first."""
    return [f"{PREFIX}{path.parent.name}" for path in _files(bench)]


def folder_of(bench: Bench, name: str) -> Path:
    """Of an ensemble, by its whole name."""
    return bench.workspace.ensembles / name.removeprefix(PREFIX)


def open_ensemble(bench: Bench, name: str, find: Find) -> Ensemble:
    """By its whole name.

    Raises:
        WorkspaceError: its file is damaged.
    """
    return Ensemble(bench, _read(folder_of(bench, name) / RECORD), find)


def records_of(bench: Bench) -> Iterator[EnsembleRecord]:
    """What is kept of each ensemble, the one that was made last first.

    Raises:
        WorkspaceError: a file is damaged.
    """
    return map(_read, _files(bench))


def _files(bench: Bench) -> list[Path]:
    return sorted(bench.workspace.ensembles.glob(f"*/{RECORD}"), reverse=True)


def _read(path: Path) -> EnsembleRecord:
    try:
        return EnsembleRecord.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(
            f"{path} cannot be read ({error}). Delete its folder, and make it again: photobench ensemble"
        ) from error


def combined_inputs(bench: Bench, answerer: Answerer) -> CombinedInputs | None:
    """What the report shows of an ensemble, or of the latest one that an answerer or one of its runs is part of; None where there is none."""
    mine = {answerer.name, *(record.name for record in answerer.runs)}
    known = list(records_of(bench))
    itself = (one for one in known if one.name == answerer.name)
    of_it = (one for one in known if any(mine & {member.name, *member.runs} for member in one.members))
    found = next(itself, None) or next(of_it, None)
    if found is None:
        return None
    return CombinedInputs(
        found.name, words.verdict(found), words.about(found), words.MEMBER_HEADS, words.member_rows(found), words.way_heads(found),
        words.way_rows(found), words.about_diversity(found), drawing(found).svg(),
    )  # fmt: skip


def drawing(record: EnsembleRecord) -> Drawing:
    """How far the mistakes of the members go together."""
    return error_heatmap([member.name for member in record.members], record.diversity.errors_MM)


def answers_key(predictions: Predictions) -> str:
    """Changes when what is said, or of what, does."""
    return fingerprint(predictions.to_bytes())


def _unchanged(ensemble: Ensemble, member: Member) -> Answerer:
    again = "Make it again: photobench ensemble"
    try:
        found = ensemble.find(member.name)
    except Gone as error:
        raise WorkspaceError(
            f"{ensemble.name} has {member.name} as a member, which is not there any more. {again}"
        ) from error
    if answers_key(found.held_out().predictions) != member.answers:
        raise WorkspaceError(
            f"The answers of {member.name}, a member of {ensemble.name}, are not those that it was made of. {again}"
        )
    return found
