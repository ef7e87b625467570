"""One HTML file that says what the data is, how good the model is, how sure that is, and where it goes wrong."""

from photobench.report.augmented import AugmentInputs, AugmentRow, MixedPhotos
from photobench.report.build import (
    build_augment_sheet,
    build_compare_page,
    build_crop_sheet,
    build_explain_sheet,
    build_explore_page,
    build_report,
)
from photobench.report.compared import CompareInputs
from photobench.report.explored import example_sheet
from photobench.report.inputs import HardPhoto, HardToLearn, ReportInputs, TunedInputs
from photobench.report.looked import ExplainInputs, explained_words
from photobench.report.reported import Reported

__all__ = [
    "AugmentInputs",
    "AugmentRow",
    "CompareInputs",
    "ExplainInputs",
    "HardPhoto",
    "HardToLearn",
    "MixedPhotos",
    "ReportInputs",
    "Reported",
    "TunedInputs",
    "build_augment_sheet",
    "build_compare_page",
    "build_crop_sheet",
    "build_explain_sheet",
    "build_explore_page",
    "build_report",
    "example_sheet",
    "explained_words",
]
