"""Inputs → one HTML file that opens from disk and asks no server for anything. Its only script is that of the map of photos."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from photobench import config, explore
from photobench.report import (
    augmented,
    boxes,
    explored,
    failing,
    figures,
    headline,
    looked,
    photomap,
    pictures,
    suspicions,
    tables,
    told,
)
from photobench.report.augmented import AugmentInputs
from photobench.report.inputs import ReportInputs
from photobench.report.looked import ExplainInputs

__all__ = [
    "ReportInputs",
    "build_augment_sheet",
    "build_crop_sheet",
    "build_explain_sheet",
    "build_explore_page",
    "build_report",
]


@dataclass(frozen=True)
class Section:
    """A part of the page: its anchor, its heading, and what the template's block of that name shows."""

    key: str
    title: str
    view: dict[str, Any]


def build_report(inputs: ReportInputs) -> str:
    """The report as HTML. The same inputs give the same bytes. Missing pieces leave their sections out."""
    return _page(inputs.title, [section for make in SECTIONS if (section := make(inputs)) is not None])


def build_crop_sheet(inputs: ReportInputs) -> str:
    """The boxes of many photos as a page of their own, the misses and the doubtful ones first."""
    section = _crop(inputs, boxes.SHEET)
    return _page(inputs.title, [section] if section else [])


def build_augment_sheet(inputs: AugmentInputs) -> str:
    """What training does to photos, as a page of its own."""
    return _page(inputs.title, [Section("augment", "What training sees", {"view": augmented.view(inputs)})])


def build_explain_sheet(inputs: ExplainInputs) -> str:
    """Where a model looked, as a page of its own."""
    return _page(
        f"{inputs.title}: where it looks", [Section("explain", "Where it looks", {"view": looked.view(inputs)})]
    )


def build_explore_page(inputs: ReportInputs, figures: list[explore.Figure]) -> str:
    """What is unusual in the data, the map of its photos, and every figure, each beside its files."""
    made = (
        _unusual(inputs, figures),
        _map(inputs, figures, files=True),
        _figures(figures, files=True),
        _examples(inputs),
        _left_out(inputs),
    )
    return _page(f"{inputs.title}: know the data", [section for section in made if section is not None])


def _page(title: str, sections: list[Section]) -> str:
    page = environment().get_template("template.html.j2")
    script = (
        resource("map.script.js") if any(section.key == "map" and section.view["map"] for section in sections) else ""
    )
    return page.render(
        title=title,
        sections=sections,
        style=Markup(resource("style.css")),
        script=Markup(script),
        allowed=_allowed(script),
    )


def _allowed(script: str) -> str:
    """This script and no other, for the page's security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" if script else ""


def _headline(inputs: ReportInputs) -> Section:
    view = {
        "sentence": headline.sentence(inputs),
        "explanation": headline.explanation(inputs),
        "cards": headline.cards(inputs.evaluation),
        "caveats": headline.caveats(inputs),
        "evaluated": inputs.evaluation is not None,
        "interval": inputs.interval,
        "byline": headline.byline(inputs.record),
    }
    return Section("headline", "In short", view)


def _examples(inputs: ReportInputs) -> Section | None:
    found = pictures.examples(inputs)
    num_present = len(np.unique(inputs.manifest.classes()[inputs.manifest.usable()]))
    hidden = max(num_present - len(found), 0) if len(found) == pictures.MAX_CLASSES else 0
    return (
        Section(
            "examples",
            "Example photos",
            {"examples": found, "num_hidden": hidden, "single": all(len(e.pictures) < 2 for e in found)},
        )
        if found
        else None
    )


def _unusual(inputs: ReportInputs, figures: list[explore.Figure]) -> Section:
    found = explored.findings(inputs, figures)
    view = {"sentence": explored.headline(inputs, len(found)), "findings": found}
    return Section("unusual", "What is unusual here", view)


def _data(inputs: ReportInputs) -> Section | None:
    return _figures(_explored(inputs))


def _figures(figures: list[explore.Figure], files: bool = False) -> Section | None:
    found = [figure for figure in figures if figure.key not in explored.ON_MAP]
    found = sorted(found, key=lambda figure: figure.drawing is None)  # those of words only come last
    view = {"figures": [(f, _inline(f.svg, f.title)) for f in found], "files": files}
    return Section("data", "What the data is", view) if found else None


def _where(inputs: ReportInputs) -> Section | None:
    return _map(inputs, _explored(inputs))


def _map(inputs: ReportInputs, figures: list[explore.Figure], files: bool = False) -> Section | None:
    found = [figure for figure in figures if figure.key in explored.ON_MAP]
    if not found:
        return None
    maps = [figure for figure in found if figure.key in explored.DRAWN_BY_SCRIPT]
    drawn = [(f, _inline(f.svg, f.title)) for f in found if f not in maps]
    view = {"map": photomap.view(inputs), "maps": maps, "figures": drawn, "files": files}
    return Section("map", "Where photos lie", view)


def _explored(inputs: ReportInputs) -> list[explore.Figure]:
    return explore.figures(inputs.manifest, inputs.seen)


def _crop(inputs: ReportInputs, limit: int = boxes.SHOWN) -> Section | None:
    view = boxes.view(inputs, limit)
    return Section("crop", "What is cut out", {"view": view}) if view else None


def _curves(inputs: ReportInputs) -> Section | None:
    if inputs.record is None or not inputs.record.history:
        return None
    charts = [(chart.title, _inline(chart.svg, chart.title)) for chart in figures.curve_charts(inputs.record)]
    examples, space = inputs.examples, inputs.manifest.space
    view = {
        "charts": charts,
        "words": figures.curve_words(inputs.record),
        "photos": told.photos(examples, space, inputs.thumbnail) if examples else [],
        "epochs": told.few(told.epochs(examples, space)) if examples else [],
    }
    return Section("learning", "How the model learnt", view)


def _confusion(inputs: ReportInputs) -> Section | None:
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
        "split": inputs.split,
    }
    return Section("confusion", "What is taken for what", view)


def _classes(inputs: ReportInputs) -> Section | None:
    evaluation = inputs.evaluation
    if evaluation is None or not evaluation["joint"]["per_class"]:
        return None
    whole = tables.class_table("All classes", evaluation["joint"])
    attributes = evaluation.get("attributes", {}) if len(inputs.manifest.space.attributes) > 1 else {}
    parts = [tables.class_table(name, scores) for name, scores in attributes.items()]
    return Section(
        "classes", "Class by class", {"tables": [*parts, whole], "split": inputs.split, "interval": inputs.interval}
    )


def _mistakes(inputs: ReportInputs) -> Section | None:
    if inputs.evaluation is None and (inputs.mistakes is None or inputs.mistakes.empty):
        return None
    shown = pictures.mistakes(inputs)
    counted = len(inputs.mistakes) if inputs.mistakes is not None else 0
    total = max(counted, figures.num_mistakes(inputs.evaluation["joint"]) if inputs.evaluation else 0)
    return Section("mistakes", "The worst mistakes", {"mistakes": shown, "total": total, "split": inputs.split})


def _failing(inputs: ReportInputs) -> Section | None:
    view = failing.view(inputs)
    return Section("failing", "Where it fails", {"view": view}) if view else None


def _looks(inputs: ReportInputs) -> Section | None:
    shown = [looked.one_photo(one) for one in inputs.looks()]
    return Section("looks", "Where it looks", {"shown": shown}) if shown else None


def _audit(inputs: ReportInputs) -> Section | None:
    if not inputs.audit:
        return None
    view = {
        "sentence": suspicions.sentence(inputs.audit),
        "checks": suspicions.views(inputs),
        "planted": list(inputs.planted),
    }
    return Section("audit", "What is probably wrong", view)


def _submission(inputs: ReportInputs) -> Section | None:
    if inputs.submission is None and inputs.truth_score is None:
        return None
    view = {
        "submission": inputs.submission,
        "notes": _lines((inputs.submission or {}).get("notes")),
        "words": tables.submission_words(inputs) if inputs.submission else "",
        "truth": tables.truth_words(inputs),
    }
    return Section("submission", "The submission", view)


def _timings(inputs: ReportInputs) -> Section | None:
    if not inputs.timings:
        return None
    view = {
        "rows": tables.timing_rows(inputs.timings),
        "words": tables.timing_words(inputs.timings, inputs.record),
    }
    return Section("timings", "How long it took", view)


def _left_out(inputs: ReportInputs) -> Section:
    return Section(
        "left-out",
        "What was left out",
        {"left_out": tables.left_out(inputs.manifest, inputs.notes)},
    )


def _reproduce(inputs: ReportInputs) -> Section:
    record = inputs.record
    view = {
        "facts": tables.facts(inputs.manifest, record, inputs.dataset_today),
        "config": config.dump(record.config) if record else "",
    }
    return Section("reproduce", "How to do it again", view)


SECTIONS: tuple[Callable[[ReportInputs], Section | None], ...] = (
    _headline, _examples, _data, _where, _crop, _curves, _confusion, _classes, _mistakes, _failing, _looks, _audit, _submission, _timings, _left_out,
    _reproduce,
)  # fmt: skip
"""The page, in its order."""


def _lines(notes: Any) -> list[str]:
    return [notes] if isinstance(notes, str) and notes else list(notes or [])


def _inline(svg: str, label: str) -> Markup:
    """An SVG document of ours (its text is escaped already) as part of the page, with a name for those who
    cannot see it.
    """
    head = f'<svg role="img" aria-label="{Markup.escape(label)}" '
    return Markup(re.sub(r'^<svg xmlns="[^"]*" ', lambda _: head, svg, count=1))


def resource(name: str) -> str:
    return files("photobench.report").joinpath(name).read_text(encoding="utf-8")


def environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
