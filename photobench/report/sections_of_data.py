"""The sections about photos and labels: what there is, what is unusual or wrong in it, what is cut out and left out."""

from __future__ import annotations

import numpy as np

from photobench import explore
from photobench.report import boxes, explored, photomap, pictures, suspicions, tables
from photobench.report.inputs import ReportInputs
from photobench.report.page import Section, inline


def examples_section(inputs: ReportInputs) -> Section | None:
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


def unusual_section(inputs: ReportInputs, figures: list[explore.Figure]) -> Section:
    found = explored.findings(inputs, figures)
    view = {"sentence": explored.headline(inputs, len(found)), "findings": found}
    return Section("unusual", "What is unusual here", view)


def data_section(inputs: ReportInputs) -> Section | None:
    return figures_section(_explored(inputs))


def figures_section(figures: list[explore.Figure], files: bool = False) -> Section | None:
    found = [figure for figure in figures if figure.key not in explored.ON_MAP]
    found = sorted(found, key=lambda figure: figure.drawing is None)  # those of words only come last
    view = {"figures": [(f, inline(f.svg, f.title)) for f in found], "files": files}
    return Section("data", "What the data is", view) if found else None


def where_section(inputs: ReportInputs) -> Section | None:
    return map_section(inputs, _explored(inputs))


def map_section(inputs: ReportInputs, figures: list[explore.Figure], files: bool = False) -> Section | None:
    found = [figure for figure in figures if figure.key in explored.ON_MAP]
    if not found:
        return None
    maps = [figure for figure in found if figure.key in explored.DRAWN_BY_SCRIPT]
    drawn = [(f, inline(f.svg, f.title)) for f in found if f not in maps]
    view = {"map": photomap.view(inputs), "maps": maps, "figures": drawn, "files": files}
    return Section("map", "Where photos lie", view)


def _explored(inputs: ReportInputs) -> list[explore.Figure]:
    return explore.figures(inputs.manifest, inputs.seen, inputs.settings)


def crop_section(inputs: ReportInputs, limit: int = boxes.SHOWN) -> Section | None:
    view = boxes.view(inputs, limit)
    return Section("crop", "What is cut out", {"view": view}) if view else None


def audit_section(inputs: ReportInputs) -> Section | None:
    if not inputs.audit:
        return None
    view = {
        "sentence": suspicions.sentence(inputs.audit),
        "since": inputs.audit_since,
        "checks": suspicions.views(inputs),
        "planted": list(inputs.planted),
    }
    return Section("audit", "What is probably wrong", view)


def left_out_section(inputs: ReportInputs) -> Section:
    return Section(
        "left-out",
        "What was left out",
        {"left_out": tables.left_out(inputs.manifest, inputs.notes)},
    )
