"""The mean of the weights of compatible runs, kept as runs of their own: asked like any other, and never meant where none is named."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from photobench import __version__
from photobench.metrics import score
from photobench.progress import say
from photobench.records import Manifest, Predictions, RunRecord, averaged, fingerprint, joined
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.fold_set import FoldSet
from photobench.workflow.answers.single_run import SingleRun
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import as_it_was, run_manifest, split_predictions, way_of
from photobench.workspace import now

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
    return ""


def soups(bench: Bench, members: Sequence[Answerer]) -> list[RunRecord]:
    """A run of averaged weights for each run of the members: fold by fold for sets of folds. Those that are there are kept."""
    return [_soup(bench, records) for records in zip(*(member.runs for member in members), strict=True)]


def held_out_by(bench: Bench, records: Sequence[RunRecord], like: Answerer) -> Predictions:
    """What they say of the photos that the members held out, put together as it is for a member."""
    parts = [split_predictions(bench, record, "valid") for record in records]
    if not isinstance(like, FoldSet):
        return parts[0]
    folds = len(like.folded.records[0])
    return averaged([joined(parts[start : start + folds], "soup") for start in range(0, len(parts), folds)], "soup")


def _soup(bench: Bench, records: Sequence[RunRecord]) -> RunRecord:
    key = fingerprint(__version__, PURPOSE, [[record.name, record.fingerprint] for record in records])
    known = [r for r in bench.workspace.list_runs() if r.fingerprint == key and r.status == "finished"]
    if known:
        return known[-1]
    from photobench.predict import load_model  # brings torch
    from photobench.train.run import Run
    from photobench.train.soup import soup

    started, first, manifest = time.monotonic(), records[0], run_manifest(bench, records[0])
    say(f"ensemble: averaging the weights of {', '.join(record.name for record in records)}")
    models = [load_model(bench.workspace.root / record.folder, bench.options.train.device) for record in records]
    prepared = as_it_was(bench, manifest, way_of(bench, first))
    mixed = soup(models, prepared.pack.pixels, prepared.manifest.rows("train"))
    name = bench.workspace.new_run_name("soup")
    note = f"the mean of the weights of {', '.join(record.name for record in records)}"
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


def _form(bench: Bench, record: RunRecord) -> dict[str, Any]:
    saved = json.loads((bench.workspace.root / record.folder / "model.json").read_text(encoding="utf-8"))
    return {key: value for key, value in saved.items() if key not in WITHOUT_EFFECT}


def _asked(bench: Bench, record: RunRecord) -> list[str]:
    frame = run_manifest(bench, record).frame
    return sorted(frame.loc[frame["split"] == "valid", "path"])
