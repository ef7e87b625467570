"""The sections about a model and the others beside it: how good it is, how it learnt, where it fails, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from photobench import config
from photobench.records import RunRecord
from photobench.report import failing, figures, hard, headline, looked, pictures, runs, tables, told, trainings, trust
from photobench.report.inputs import ReportInputs
from photobench.report.page import Section, inline

SMALL_PX = 460
"""Figures up to this wide stand beside each other."""


def headline_section(inputs: ReportInputs) -> Section:
    view = {
        "sentence": headline.sentence(inputs),
        "explanation": headline.explanation(inputs),
        "about": inputs.model.about if inputs.model else "",
        "cards": headline.cards(inputs.evaluation),
        "caveats": headline.caveats(inputs),
        "evaluated": inputs.evaluation is not None,
        "interval": inputs.interval,
        "byline": headline.byline(inputs.model),
    }
    return Section("headline", "In short", view)


def learning_section(inputs: ReportInputs) -> Section | None:
    if inputs.model is None:
        return None
    if not inputs.model.is_one_training:
        return _trainings_section(inputs.model.trainings)
    record = inputs.model.first
    if not record.history:
        return None
    charts = [(chart.title, inline(chart.svg, chart.title)) for chart in figures.curve_charts(record)]
    examples, space = inputs.examples, inputs.manifest.space
    view = {
        "charts": charts,
        "words": figures.curve_words(record),
        "photos": told.photos(examples, space, inputs.thumbnail) if examples else [],
        "epochs": told.few(told.epochs(examples, space)) if examples else [],
    }
    return Section("learning", "How the model learnt", view)


def _trainings_section(records: Sequence[RunRecord]) -> Section:
    charts = [(chart.title, inline(chart.svg, chart.title)) for chart in trainings.charts(records)]
    view = {"rows": trainings.rows(records), "words": trainings.words(records), "charts": charts}
    return Section("trainings", "How its models learnt", view)


def confusion_section(inputs: ReportInputs) -> Section | None:
    evaluation = inputs.evaluation
    if evaluation is None:
        return None
    space, joint = inputs.manifest.space, evaluation["joint"]
    block = space.num_classes // space.sizes[0] if len(space.sizes) > 1 else 0
    whole = figures.confusion("All classes", joint, "confusion", block)
    if whole is None:
        return None
    attributes = evaluation.get("attributes", {}) if len(space.attributes) > 1 else {}
    parts = [figures.confusion(name, scores, f"confusion-{i}") for i, (name, scores) in enumerate(attributes.items())]
    matrix = np.array(joint["confusion"], dtype=np.int64)
    view = {
        "whole": whole,
        "parts": [part for part in parts if part],
        "where": figures.where_mistakes_are(space, matrix),
        "asked": inputs.asked,
    }
    return Section("confusion", "What is taken for what", view)


def classes_section(inputs: ReportInputs) -> Section | None:
    evaluation = inputs.evaluation
    if evaluation is None or not evaluation["joint"]["per_class"]:
        return None
    whole = tables.class_table("All classes", evaluation["joint"])
    attributes = evaluation.get("attributes", {}) if len(inputs.manifest.space.attributes) > 1 else {}
    parts = [tables.class_table(name, scores) for name, scores in attributes.items()]
    return Section(
        "classes", "Class by class", {"tables": [*parts, whole], "asked": inputs.asked, "interval": inputs.interval}
    )


def calibration_section(inputs: ReportInputs) -> Section | None:
    found = trust.reliabilities(inputs)
    if not found:
        return None
    from photobench.explore import drawing

    label = "The share of answers that is right, by the confidence with which they were given"
    view = {
        "words": [trust.sentence(name, one) for name, one in found.items()],
        "plot": inline(
            drawing.reliability("reliability", {name: {"": one} for name, one in found.items()}).svg(), label
        ),
        "asked": inputs.asked,
        "refine": inputs.model.name if inputs.model and inputs.model.can_be_refined else "",
    }
    return Section("calibration", "What its probabilities mean", view)


def mistakes_section(inputs: ReportInputs) -> Section | None:
    if inputs.evaluation is None and (inputs.mistakes is None or inputs.mistakes.empty):
        return None
    shown = pictures.mistakes(inputs)
    counted = len(inputs.mistakes) if inputs.mistakes is not None else 0
    total = max(counted, figures.num_mistakes(inputs.evaluation["joint"]) if inputs.evaluation else 0)
    return Section("mistakes", "The worst mistakes", {"mistakes": shown, "total": total, "asked": inputs.asked})


def failing_section(inputs: ReportInputs) -> Section | None:
    view = failing.view(inputs)
    return Section("failing", "Where it fails", {"view": view}) if view else None


def looks_section(inputs: ReportInputs) -> Section | None:
    shown = [looked.one_photo(one) for one in inputs.looks()]
    return Section("looks", "Where it looks", {"shown": shown}) if shown else None


def hard_section(inputs: ReportInputs) -> Section | None:
    view = hard.view(inputs)
    return Section("hard", "What was hard to learn", {"view": view}) if view else None


def ensemble_section(inputs: ReportInputs) -> Section | None:
    found = inputs.combined
    if found is None:
        return None
    return Section(
        "ensemble", "Ensemble", {"found": found, "picture": inline(found.picture, "correlation of mistakes")}
    )


def runs_section(inputs: ReportInputs) -> Section | None:
    if len(inputs.runs) < 2:
        return None
    return Section(
        "runs",
        "All runs",
        {"view": runs.view(inputs.runs, inputs.model.name if inputs.model else ""), "interval": inputs.interval},
    )


def tuned_section(inputs: ReportInputs) -> Section | None:
    found = inputs.tuned
    if found is None:
        return None
    figures = [(figure, inline(figure.svg, figure.title)) for figure in found.figures]
    small = [one for one in figures if one[0].drawing and one[0].drawing.width_px <= SMALL_PX]
    wide = [one for one in figures if one not in small]
    return Section("tuned", "Better options", {"found": found, "small": small, "wide": wide})


def submission_section(inputs: ReportInputs) -> Section | None:
    board = inputs.leaderboard
    if inputs.submission is None and inputs.truth_score is None and board is None:
        return None
    view = {
        "submission": inputs.submission,
        "notes": _lines((inputs.submission or {}).get("notes")),
        "words": tables.submission_words(inputs) if inputs.submission else "",
        "truth": tables.truth_words(inputs),
        "leaderboard": [(board, inline(board.svg, board.title))] if board else [],
    }
    return Section("submission", "The submission", view)


def timings_section(inputs: ReportInputs) -> Section | None:
    if not inputs.timings:
        return None
    view = {
        "rows": tables.timing_rows(inputs.timings),
        "words": tables.timing_words(inputs.timings, inputs.model),
    }
    return Section("timings", "How long it took", view)


def reproduce_section(inputs: ReportInputs) -> Section:
    model = inputs.model
    view = {
        "facts": tables.facts(inputs.manifest, model, inputs.dataset_today),
        "config": config.dump(model.first.config) if model else "",
        "others": tables.how_others_differ(model) if model else "",
    }
    return Section("reproduce", "How to do it again", view)


def _lines(notes: Any) -> list[str]:
    return [notes] if isinstance(notes, str) and notes else list(notes or [])
