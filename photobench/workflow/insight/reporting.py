"""The report of whoever answers, or of the data where nothing is trained yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from photobench import __version__
from photobench.data.pseudo import without_pseudo
from photobench.evaluate import worst_mistakes
from photobench.learning import ExamplePredictions
from photobench.records import BOX_COLUMNS, Manifest, fingerprint
from photobench.report import Reported, ReportInputs, build_report
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.answers.ensembles import combined_inputs
from photobench.workflow.answers.judging_folds import OUT_OF_FOLD
from photobench.workflow.bench import Bench
from photobench.workflow.contest.handing_in import submission_facts
from photobench.workflow.contest.leaderboard import leaderboard_figure
from photobench.workflow.insight.explaining import mistakes_explained
from photobench.workflow.insight.exploring import see, seen_key, settings_of
from photobench.workflow.insight.hardness import hard_to_learn
from photobench.workflow.insight.mapping import kept_map
from photobench.workflow.insight.slicing import slices_of
from photobench.workflow.labels.auditing import suspected
from photobench.workflow.labels.last_audit import last_audit
from photobench.workflow.models.asking import PLAIN, way_of
from photobench.workflow.models.held_out import HeldOut
from photobench.workflow.models.label_check import label_check
from photobench.workflow.photos.cropping import overview
from photobench.workflow.photos.preparing import prepare, stored_squares
from photobench.workflow.runs.listing import list_runs
from photobench.workflow.search.tuned import read_tuned

SHOWN_MISTAKES = 24
EXPLAINED = 6
"""Mistakes with maps of where the model looked."""


def report(
    bench: Bench, name: str | None = None, folds: bool = False, truth_score: dict[str, Any] | None = None,
    planted: Sequence[str] = (),
) -> Path:  # fmt: skip
    """One HTML file of the data, of the audit where it was made, and of whoever answers under this name, where somebody does.

    Without a name that is what was trained or asked for last. `truth_score` and `planted`: what is known of a data set whose truth is known.
    """
    path = bench.workspace.report_file
    asked = name is not None or folds or bench.workspace.latest_run() is not None
    answerer = find_answerer(bench, name, folds) if asked else None
    inputs = replace(_report_inputs(bench, answerer), truth_score=truth_score, planted=tuple(planted))

    def built() -> str:
        with bench.stage("report"):
            return build_report(inputs)

    bench.workspace.derived(path, _key(bench, inputs), built)
    return path


def _key(bench: Bench, inputs: ReportInputs) -> str:
    """Of all that the report shows but the timings, which differ at each call."""
    model = inputs.model
    cost = repr(model.ms_per_photo) if model else ""  # not known while another process works
    of_model = (model.name, model.about, [one.fingerprint for one in model.trainings], cost) if model else ()
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
        inputs.audit_since,
        list(inputs.planted),
        seen_key(inputs.seen) if inputs.seen else "",
        repr(inputs.settings),
        [repr(line) for line in inputs.runs],
        (inputs.leaderboard.words, inputs.leaderboard.data.to_json()) if inputs.leaderboard else "",
        inputs.tuned.sentences if inputs.tuned else "",
        str(inputs.slices),
        inputs.combined,
        repr(inputs.hard),
        None if inputs.mistakes is None else inputs.mistakes.to_json(),
    )
    return fingerprint(__version__, of_model, bench.options.evaluate.model_dump(), *shown)


def _report_inputs(bench: Bench, answerer: Answerer | None) -> ReportInputs:
    prepared = prepare(bench, way_of(bench, answerer.runs[0]) if answerer else None)
    held = answerer.held_out() if answerer else None
    manifest = as_learned(held.manifest) if held else prepared.manifest
    audit = last_audit(bench)
    inputs = ReportInputs(
        title=bench.workspace.root.name,
        confidence=bench.options.evaluate.confidence,
        manifest=manifest,
        thumbnail=stored_squares(prepared),
        notes=list(manifest.notes),
        overview=overview(manifest),
        crop=prepared.way.crop,
        audit=audit.checks,
        audit_since=audit.since,
        findings=suspected(audit.checks),
        leaderboard=leaderboard_figure(bench),
        seen=see(bench, prepared, kept_map(bench, prepared.way, _model(bench, answerer))),
        settings=settings_of(bench.options),
        tuned=read_tuned(bench, prepared.manifest.fingerprint()),
        runs=list_runs(bench),
        timings=bench.workspace.timings(),
    )
    if answerer is None or held is None:
        return inputs
    same = _undivided_key(prepared.manifest) == _undivided_key(held.manifest)
    inputs = replace(inputs, dataset_today="" if same else prepared.manifest.fingerprint())
    return _with_answers(bench, inputs, answerer, held)


def as_learned(manifest: Manifest) -> Manifest:
    """What is asked out of fold is learned from by the other models, so among the data it is training photos."""
    split = manifest.frame["split"]
    return manifest.with_columns(split=split.mask(split == OUT_OF_FOLD, "train"))


def _undivided_key(manifest: Manifest) -> str:
    """Changes when a photo that has a side, its label or its group does; on which side it is does not matter, nor its box."""
    manifest = without_pseudo(manifest)
    split = manifest.frame["split"].replace({OUT_OF_FOLD: "train", "valid": "train", "test": "train"})
    return manifest.with_columns(split=split).without_columns(*BOX_COLUMNS).fingerprint()


def _with_answers(bench: Bench, inputs: ReportInputs, answerer: Answerer, held: HeldOut) -> ReportInputs:
    """What it is, how good it is, where it fails, and what it costs."""
    trainings = list({record.name: record for record in answerer.runs}.values())
    evaluations = answerer.evaluations()
    test = answerer.test() if "test" in evaluations else None
    shown = test or held
    can_be_refined = answerer.with_views(PLAIN) is not None
    checks = [check for record in trainings if (check := label_check(bench, record))]
    return replace(
        inputs,
        model=Reported(answerer.name, trainings, answerer.about, answerer.ms_per_photo(), can_be_refined),
        evaluations={split: evaluation.to_json() for split, evaluation in evaluations.items()},
        predictions={one.split: one.predictions for one in (held, test) if one},
        mistakes=worst_mistakes(shown.manifest, shown.predictions, shown.split, SHOWN_MISTAKES),
        submission=submission_facts(bench, answerer.name),
        augment_warnings=list(dict.fromkeys(warning for check in checks for warning in check.warnings)),
        slices=slices_of(bench, answerer),
        looks=partial(mistakes_explained, bench, answerer, EXPLAINED),
        hard=hard_to_learn(bench, answerer, held.manifest),
        combined=combined_inputs(bench, answerer),
        examples=ExamplePredictions.read(bench.workspace.root / trainings[0].folder) if len(trainings) == 1 else None,
    )


def _model(bench: Bench, answerer: Answerer | None) -> Mapping[str, Any]:
    """The options of the model whose map of the photos is wanted."""
    return answerer.runs[0].config["model"] if answerer else bench.options.model.model_dump(mode="json")
