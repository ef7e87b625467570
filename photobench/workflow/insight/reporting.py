"""The report of a run, or of the data where nothing is trained yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from photobench import __version__
from photobench.evaluate import worst_mistakes
from photobench.learning import ExamplePredictions
from photobench.records import RunRecord, fingerprint
from photobench.report import ReportInputs, build_report
from photobench.workflow.answers.answering import SingleRun, find_single_run
from photobench.workflow.answers.ensembles import combined_inputs
from photobench.workflow.bench import Bench
from photobench.workflow.contest.handing_in import submission_facts
from photobench.workflow.contest.leaderboard import leaderboard_figure
from photobench.workflow.insight.explaining import mistakes_explained
from photobench.workflow.insight.exploring import see, seen_key
from photobench.workflow.insight.mapping import kept_map
from photobench.workflow.insight.slicing import slices_of
from photobench.workflow.labels.auditing import audited, suspected
from photobench.workflow.models.asking import evaluate_run, run_manifest, split_predictions, way_of
from photobench.workflow.models.label_check import label_check
from photobench.workflow.photos.cropping import overview
from photobench.workflow.photos.preparing import prepare, stored_squares
from photobench.workflow.runs.listing import list_runs
from photobench.workflow.search.tuned import read_tuned

SHOWN_MISTAKES = 24
EXPLAINED = 6
"""Mistakes with maps of where the model looked."""


def report(
    bench: Bench, name: str | None = None, truth_score: dict[str, Any] | None = None, planted: Sequence[str] = ()
) -> Path:
    """One HTML file of the data, of the audit where it was made, and of a run where there is one.

    `truth_score` and `planted`: what is known of a data set whose truth is known.
    """
    path = bench.workspace.report_file
    with bench.workspace.lock("photobench report"):
        record = find_single_run(bench, name) if name else bench.workspace.latest_run()
        inputs = replace(_report_inputs(bench, record), truth_score=truth_score, planted=tuple(planted))
        key = _key(bench, inputs)
        if bench.workspace.is_current(path, key):
            return path
        with bench.stage("report"):
            bench.workspace.write(path, build_report(inputs))
        bench.workspace.mark_current(path, key)
    return path


def _key(bench: Bench, inputs: ReportInputs) -> str:
    """Of all that the report shows but the timings, which differ at each call."""
    of_run = inputs.record.fingerprint if inputs.record else ""
    shown = (
        inputs.manifest.fingerprint(),
        list(inputs.notes),
        inputs.evaluations,
        inputs.submission,
        inputs.truth_score,
        inputs.dataset_today,
        inputs.crop.model_dump(),
        inputs.augment_warnings,
        [one.to_bytes() for one in inputs.audit],
        list(inputs.planted),
        seen_key(inputs.seen) if inputs.seen else "",
        [repr(line) for line in inputs.runs],
        (inputs.leaderboard.words, inputs.leaderboard.data.to_json()) if inputs.leaderboard else "",
        inputs.tuned.sentences if inputs.tuned else "",
        str(inputs.slices),
        inputs.combined,
    )
    return fingerprint(__version__, of_run, bench.options.evaluate.model_dump(), *shown)


def _report_inputs(bench: Bench, record: RunRecord | None) -> ReportInputs:
    prepared = prepare(bench, way_of(bench, record) if record else None)
    manifest = run_manifest(bench, record) if record else prepared.manifest
    evaluations = evaluate_run(bench, record.name) if record else {}
    predictions = {split: split_predictions(bench, record, split) for split in evaluations} if record else {}
    check = label_check(bench, record) if record else None
    checked = audited(bench)
    shown = "test" if "test" in predictions else "valid"
    mistakes = worst_mistakes(manifest, predictions[shown], shown, SHOWN_MISTAKES) if predictions else pd.DataFrame()
    return ReportInputs(
        title=bench.workspace.root.name,
        confidence=bench.options.evaluate.confidence,
        manifest=manifest,
        record=record,
        evaluations={split: e.to_json() for split, e in evaluations.items()},
        predictions=predictions,
        mistakes=mistakes,
        thumbnail=stored_squares(prepared),
        submission=submission_facts(bench, record) if record else None,
        timings=bench.workspace.timings(),
        notes=list(manifest.notes),
        dataset_today=prepared.manifest.fingerprint(),
        overview=overview(manifest),
        crop=prepared.way.crop,
        augment_warnings=check.warnings if check else [],
        audit=checked,
        findings=suspected(checked),
        leaderboard=leaderboard_figure(bench),
        slices=slices_of(bench, SingleRun(bench, record)) if record else None,
        looks=partial(mistakes_explained, bench, SingleRun(bench, record), EXPLAINED) if record else lambda: (),
        seen=see(bench, prepared, kept_map(bench, prepared.way, _model(bench, record))),
        tuned=read_tuned(bench, manifest.fingerprint()),
        combined=combined_inputs(bench, record) if record else None,
        examples=ExamplePredictions.read(bench.workspace.root / record.folder) if record else None,
        runs=list_runs(bench),
    )


def _model(bench: Bench, record: RunRecord | None) -> Mapping[str, Any]:
    """The options of the model whose map of the photos is wanted."""
    return record.config["model"] if record else bench.options.model.model_dump(mode="json")
