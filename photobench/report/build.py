"""The pages: the report of a run or of the data, and the sheets that verbs write by themselves."""

from __future__ import annotations

from collections.abc import Callable

from photobench import explore
from photobench.report import augmented, boxes, compared, looked
from photobench.report.augmented import AugmentInputs
from photobench.report.compared import CompareInputs
from photobench.report.inputs import ReportInputs
from photobench.report.looked import ExplainInputs
from photobench.report.page import Section, page_of
from photobench.report.sections_of_data import (
    audit_section,
    crop_section,
    data_section,
    examples_section,
    figures_section,
    left_out_section,
    map_section,
    unusual_section,
    where_section,
)
from photobench.report.sections_of_models import (
    calibration_section,
    classes_section,
    confusion_section,
    ensemble_section,
    failing_section,
    hard_section,
    headline_section,
    learning_section,
    looks_section,
    mistakes_section,
    reproduce_section,
    runs_section,
    submission_section,
    timings_section,
    tuned_section,
)

SECTIONS: tuple[Callable[[ReportInputs], Section | None], ...] = (
    headline_section, examples_section, data_section, where_section, crop_section, learning_section, confusion_section, classes_section, calibration_section, mistakes_section, failing_section, looks_section, hard_section, ensemble_section,
    audit_section, runs_section, tuned_section, submission_section, timings_section, left_out_section, reproduce_section,
)  # fmt: skip
"""The report, in its order."""


def build_report(inputs: ReportInputs) -> str:
    """The report as HTML. The same inputs give the same bytes. Missing pieces leave their sections out."""
    return page_of(inputs.title, [section for make in SECTIONS if (section := make(inputs)) is not None])


def build_crop_sheet(inputs: ReportInputs) -> str:
    """The boxes of many photos as a page of their own, the misses and the doubtful ones first."""
    section = crop_section(inputs, boxes.SHEET)
    return page_of(inputs.title, [section] if section else [])


def build_augment_sheet(inputs: AugmentInputs) -> str:
    """What training does to photos, as a page of its own."""
    return page_of(inputs.title, [Section("augment", "What training sees", {"view": augmented.view(inputs)})])


def build_compare_page(inputs: CompareInputs) -> str:
    """Who is better, by how much and where, and the photos of which they differ."""
    sections = [Section("compared", "In short", compared.summary(inputs))]
    for number, name in enumerate(inputs.names[1:], 1):
        after = f": {name}" if len(inputs.names) > 2 else ""
        sections.append(Section(f"where-{number}", f"Where it changed{after}", compared.where(inputs, number)))
        sections.append(
            Section(f"photos-{number}", f"Photos that changed{after}", {"changes": compared.changes(inputs, number)})
        )
    return page_of(f"{inputs.title}: {' and '.join(inputs.names)}", sections)


def build_explain_sheet(inputs: ExplainInputs) -> str:
    """Where a model looked, as a page of its own."""
    return page_of(
        f"{inputs.title}: where it looks", [Section("explain", "Where it looks", {"view": looked.view(inputs)})]
    )


def build_explore_page(inputs: ReportInputs, figures: list[explore.Figure]) -> str:
    """What is unusual in the data, the map of its photos, and every figure, each beside its files."""
    made = (
        unusual_section(inputs, figures),
        map_section(inputs, figures, files=True),
        figures_section(figures, files=True),
        examples_section(inputs),
        left_out_section(inputs),
    )
    return page_of(f"{inputs.title}: know the data", [section for section in made if section is not None])
