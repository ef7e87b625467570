"""The report of a run, or of the data where nothing is trained yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from photobench.evaluate import worst_mistakes
from photobench.records import RunRecord
from photobench.report import ReportInputs, build_report
from photobench.workflow.asking import evaluate_run, run_manifest, spec_of, split_predictions
from photobench.workflow.bench import Bench
from photobench.workflow.handing_in import submission_facts
from photobench.workflow.prepare import prepare

SHOWN_MISTAKES = 24


def report(bench: Bench, name: str | None = None, truth_score: dict[str, Any] | None = None) -> Path:
    """One HTML file of the data, and of a run where there is one."""
    with bench.stage("report"):
        finished = [r for r in bench.workspace.list_runs() if r.status == "finished"]
        record = bench.workspace.find_run(name) if finished or name else None
        inputs = _report_inputs(bench, record, truth_score)
        bench.workspace.write(bench.workspace.report_file, build_report(inputs))
    return bench.workspace.report_file


def _report_inputs(bench: Bench, record: RunRecord | None, truth_score: dict[str, Any] | None) -> ReportInputs:
    prepared = prepare(bench, spec_of(bench, record) if record else None)
    manifest = run_manifest(bench, record) if record else prepared.manifest
    evaluations = evaluate_run(bench, record.name) if record else {}
    predictions = {split: split_predictions(bench, record, split) for split in evaluations} if record else {}
    shown = "test" if "test" in predictions else "valid"
    mistakes = worst_mistakes(manifest, predictions[shown], shown, SHOWN_MISTAKES) if predictions else pd.DataFrame()
    row_of = {path: row for row, path in enumerate(prepared.manifest.frame["path"])}
    return ReportInputs(
        title=bench.workspace.root.name,
        manifest=manifest,
        record=record,
        evaluations={split: e.to_json() for split, e in evaluations.items()},
        predictions=predictions,
        mistakes=mistakes,
        thumbnail=lambda path: np.asarray(prepared.pack.pixels[row_of[path]]),
        submission=submission_facts(bench, record) if record else None,
        timings=bench.workspace.timings(),
        notes=list(manifest.notes),
        truth_score=truth_score,
    )
