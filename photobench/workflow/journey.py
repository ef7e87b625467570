"""The whole journey in one call."""

from __future__ import annotations

from photobench.progress import say
from photobench.records import RunRecord
from photobench.workflow.bench import Bench
from photobench.workflow.contest.handing_in import submit_anyway
from photobench.workflow.insight.reporting import report
from photobench.workflow.models.asking import evaluate_run, predict, write_predictions
from photobench.workflow.models.label_check import check_labels
from photobench.workflow.models.training import check_before_work, train
from photobench.workflow.photos.preparing import prepare


def run(bench: Bench) -> RunRecord:
    """manifest → pack → split → train → evaluate → what flips cost → predict → submission → report. What is up to date is skipped."""
    with bench.workspace.lock("photobench run"):
        record = run_to_submission(bench)
        say(f"report: {report(bench, record.name)}")
    return record


def run_to_submission(bench: Bench) -> RunRecord:
    """The journey without its report."""
    with bench.workspace.lock("photobench run"):
        check_before_work(bench)
        prepared = prepare(bench)
        record = train(bench)
        evaluate_run(bench, record.name)
        for warning in check_labels(bench, record).warnings:
            say(f"augment: {warning}")
        if (prepared.manifest.frame["split"] == "predict").any():
            out = bench.workspace.root / record.folder / "predictions.csv"
            write_predictions(predict(bench, name=record.name), out)
            if bench.options.submit.sample:
                submit_anyway(bench, record.name)
    return record
