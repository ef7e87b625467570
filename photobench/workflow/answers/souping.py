"""The mean of the weights of compatible runs, kept as runs of their own: asked like any other, and never meant where none is named."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from photobench import __version__
from photobench.ensemble.soup import Members
from photobench.metrics import score
from photobench.progress import progress, say
from photobench.records import Manifest, Predictions, RunRecord, averaged, fingerprint, joined
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.fold_set import FoldSet
from photobench.workflow.answers.single_run import SingleRun
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import PLAIN, as_it_was, run_manifest, split_predictions, told_by, way_of
from photobench.workflow.photos.preparing import Prepared
from photobench.workspace import now

if TYPE_CHECKING:
    from photobench.vision.model import Classifier

PURPOSE = "ensemble"
WITHOUT_EFFECT = ("dropout",)
"""Of a saved model: what is nothing once it is trained."""


def why_no_soup(bench: Bench, members: Sequence[Answerer]) -> str:
    """Why the weights of the members cannot be averaged; empty where they can."""
    if not all(isinstance(member, SingleRun | FoldSet) for member in members):
        return "only runs and sets of folds have weights to average"
    forms = [[_form(bench, record) for record in member.runs] for member in members]
    if any(len(form) != len(forms[0]) for form in forms):
        return "the sets have different numbers of models"
    if any(form != forms[0] for form in forms):
        return "their models are not of one form (backbone, size, heads, crop)"
    asked = [[_asked(bench, record) for record in member.runs] for member in members]
    if any(one != asked[0] for one in asked):
        return "their folds hold out different photos, so a mean of two would have learned from what it is asked about"
    if any(_is_gone(bench, record) for record in members[0].runs):
        return "some of the photos that they held out are gone, or have changed since"
    return ""


@dataclass(frozen=True)
class Kitchen:
    """Soups of some of these members: fold by fold for sets of folds. What was asked before is kept as long as this lives."""

    bench: Bench
    members: Sequence[Answerer]
    asked: dict[Members, Predictions] = field(default_factory=dict)

    def held_out(self, chosen: Members) -> Predictions:
        """What the mean of these members' weights says of the photos that the members held out, put together as it is for a member."""
        if chosen not in self.asked:
            parts = []
            rows = self._rows(chosen)
            with progress(len(rows), "average weights", "models") as bar:
                for records in rows:
                    model, prepared = _mixed(self.bench, records)
                    parts.append(told_by(model, prepared, "valid", PLAIN[0], "soup"))
                    bar.advance()
            self.asked[chosen] = self._together(parts)
        return self.asked[chosen]

    def kept(self, chosen: Members) -> list[RunRecord]:
        """The runs that answer: those of averaged weights, which are made where they are not there, or those of the only member."""
        return [records[0] if len(records) == 1 else _soup(self.bench, records) for records in self._rows(chosen)]

    def _rows(self, chosen: Members) -> list[tuple[RunRecord, ...]]:
        return list(zip(*(self.members[number].runs for number in chosen), strict=True))

    def _together(self, parts: Sequence[Predictions]) -> Predictions:
        like = self.members[0]
        if not isinstance(like, FoldSet):
            return parts[0]
        folds = len(like.folded.records[0])
        return averaged([joined(parts[start : start + folds], "soup") for start in range(0, len(parts), folds)], "soup")


def _mixed(bench: Bench, records: Sequence[RunRecord]) -> tuple[Classifier, Prepared]:
    """The mean of the weights, and the photos as they were when the first of them was trained."""
    from photobench.predict import load_model  # brings torch
    from photobench.train.soup import soup

    models = [load_model(bench.workspace.root / record.folder, bench.options.train.device) for record in records]
    prepared = as_it_was(bench, run_manifest(bench, records[0]), way_of(bench, records[0]))
    return soup(models, prepared.pack.pixels, prepared.manifest.rows("train")), prepared


def _soup(bench: Bench, records: Sequence[RunRecord]) -> RunRecord:
    key = fingerprint(__version__, PURPOSE, [[record.name, record.fingerprint] for record in records])
    known = [r for r in bench.workspace.list_runs() if r.fingerprint == key and r.status == "finished"]
    if known:
        return known[-1]
    from photobench.train.run import Run  # brings torch

    started, first, manifest = time.monotonic(), records[0], run_manifest(bench, records[0])
    note = f"the mean of the weights of {', '.join(record.name for record in records)}"
    say(f"ensemble: keeping {note}")
    mixed, _ = _mixed(bench, records)
    name = bench.workspace.new_run_name("soup")
    run = Run(
        bench.workspace,
        replace(first, name=name, folder=f"runs/{name}", status="running", created=now(), fingerprint=key,
                purpose=PURPOSE, history=[], metrics={}, timings={}, notes=[note]),
    )  # fmt: skip
    bench.workspace.write(run.folder / "manifest.parquet", manifest.to_bytes())
    record = run.finish(mixed, {}, {"soup": time.monotonic() - started})
    record = replace(record, metrics=_metrics(manifest, split_predictions(bench, record, "valid")))
    bench.workspace.save_run(record)
    return record


def _metrics(manifest: Manifest, said: Predictions) -> dict[str, float]:
    class_of = dict(zip(manifest.frame["path"], manifest.classes(), strict=True))
    truth_N = np.array([class_of[path] for path in said.paths], dtype=np.int64)
    good_N = said.ok() & (truth_N >= 0)
    return {name: score(name, truth_N[good_N], said.joint_NK[good_N]) for name in ("macro_f1", "accuracy")}


def _is_gone(bench: Bench, record: RunRecord) -> bool:
    """Whether a photo that was held out cannot be asked about any more."""
    then = run_manifest(bench, record)
    today = as_it_was(bench, then, way_of(bench, record)).manifest
    return bool((then.usable() & ~today.usable())[(then.frame["split"] == "valid").to_numpy()].any())


def _form(bench: Bench, record: RunRecord) -> dict[str, Any]:
    saved = json.loads((bench.workspace.root / record.folder / "model.json").read_text(encoding="utf-8"))
    return {key: value for key, value in saved.items() if key not in WITHOUT_EFFECT}


def _asked(bench: Bench, record: RunRecord) -> list[str]:
    frame = run_manifest(bench, record).frame
    return sorted(frame.loc[frame["split"] == "valid", "path"])
