"""An answerer on top of another: its views averaged, its probabilities tempered, its class decided on by a rule.

What is kept of it, and never made by itself again, is in

    refined/<base>-refined/
      oof.parquet        Predictions: each held-out photo by what was chosen without it and its group
      reliability.png    promised and right, before and after
      refined.json       what was tried and what is kept; written last
      evaluation-*.json  how good it is, as it was measured since; derived
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from photobench.errors import Damaged, Gone, WorkspaceError
from photobench.evaluation import Evaluation
from photobench.records import Predictions, RunRecord, fingerprint
from photobench.refine import words
from photobench.refine.outcome import Refinement
from photobench.workflow.answers.answerer import Answerer, EachModel, Find
from photobench.workflow.bench import Bench
from photobench.workflow.models.held_out import HeldOut
from photobench.workflow.models.kept_evaluation import kept_evaluations

SUFFIX = "-refined"
FILE, ANSWERS = "refined.json", "oof.parquet"


@dataclass(frozen=True)
class Refined:
    """Held out on what its base is held out on, each photo by what was chosen without it."""

    bench: Bench
    name: str
    base: Answerer
    found: Refinement

    @property
    def runs(self) -> Sequence[RunRecord]:
        return self.base.runs

    @property
    def about(self) -> str:
        return f"{self.base.about} {words.origin(self.found)}".strip()

    def ms_per_photo(self) -> float:
        return self.found.ms_per_look * self.found.times

    def held_out(self) -> HeldOut:
        return replace(self.base.held_out(), predictions=self._answers())

    def evaluations(self) -> dict[str, Evaluation]:
        return kept_evaluations(self.bench, folder(self.bench, self.name), (self.held_out(), self.test()))

    def predict(self, paths: Sequence[str | Path] = ()) -> Predictions:
        return self.found.apply(self._seen().predict(paths), self.name)

    def test(self) -> HeldOut | None:
        held = self._seen().test()
        return replace(held, predictions=self.found.apply(held.predictions, self.name)) if held else None

    def each_model(self) -> EachModel | None:
        found = self._seen().each_model()
        return replace(found, said=[self.found.apply(one, self.name) for one in found.said]) if found else None

    def with_views(self, views: tuple[str, ...]) -> None:
        """It has its own."""

    def _answers(self) -> Predictions:
        """Raises Damaged where those that lie there are of another refinement."""
        home = folder(self.bench, self.name)
        if not is_whole(home, self.found):
            raise Damaged(
                f"{home / ANSWERS} does not belong to the {FILE} beside it: its making was cut short, or it is being made anew. "
                f"Make it again: photobench refine --run {self.base.name}"
            )
        return Predictions.read(home / ANSWERS)

    def _seen(self) -> Answerer:
        """The base, through the views of this one."""
        return self.base.with_views(self.found.chosen.views) or self.base


def folder(bench: Bench, name: str) -> Path:
    return bench.workspace.refined / name


def is_whole(home: Path, found: Refinement) -> bool:
    """The answers that lie there are those of this refinement; of an older one that is not known."""
    if not found.answers:
        return True
    try:
        return fingerprint((home / ANSWERS).read_bytes()) == found.answers
    except OSError:
        return False


def list_refined(bench: Bench) -> list[str]:
    """The names of all, the latest first."""
    files = sorted(bench.workspace.refined.glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.parent.name for path in files]


def open_refined(bench: Bench, name: str, find: Find) -> Refined:
    """By its whole name, with what it stands on.

    Raises:
        WorkspaceError: its file cannot be read, or what it stands on is gone.
    """
    found = read_refined(bench, name)
    try:
        return Refined(bench, name, find(found.base), found)
    except Gone as error:
        raise WorkspaceError(
            f"{name} stands on {found.base}, which is gone. Refine another one: photobench refine"
        ) from error


def read_refined(bench: Bench, name: str) -> Refinement:
    """Raises WorkspaceError where the file cannot be read."""
    path = folder(bench, name) / FILE
    try:
        return Refinement.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        base = name.removesuffix(SUFFIX)
        raise Damaged(f"{path} cannot be read ({error}). Make it again: photobench refine --run {base}") from error
