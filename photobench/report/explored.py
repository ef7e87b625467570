"""What was found out about the data, as parts of a page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from photobench import explore
from photobench.explore import unusual
from photobench.explore.words import photos
from photobench.report import pictures
from photobench.report.inputs import ReportInputs
from photobench.words import count

ON_MAP = ("overlap", "tsne", "umap", "pca")
"""Figures that belong to the map of the photos."""
DRAWN_BY_SCRIPT = ("tsne", "umap")
"""Of them, those whose picture is the map itself; the file beside the page has them as they stand."""
SHEET_PHOTOS = 8


@dataclass(frozen=True)
class Unusual:
    """A sentence, and the figure that it comes from; empty where there is none."""

    words: str
    key: str
    title: str


def headline(inputs: ReportInputs, num_findings: int) -> str:
    """What there is, in one sentence."""
    manifest = inputs.manifest
    labelled = int((manifest.classes()[manifest.usable()] >= 0).sum())
    classes = count(
        len(np.unique(manifest.classes()[manifest.usable() & (manifest.classes() >= 0)])), "class", "classes"
    )
    rest = int(manifest.usable().sum()) - labelled
    more = f", and {rest:,} without" if rest else ""
    known = f": {count(num_findings, 'thing')} to know before training" if num_findings else ""
    return f"{photos(labelled)} with a label in {classes}{more}{known}."


def findings(inputs: ReportInputs, figures: list[explore.Figure]) -> list[Unusual]:
    """All that is unusual, in the order of the figures."""
    of_files = [Unusual(words, "", "") for words in unusual.in_files(inputs.manifest)]
    return [Unusual(words, figure.key, figure.title) for figure in figures for words in figure.unusual] + of_files


def example_sheet(inputs: ReportInputs) -> list[explore.Figure]:
    """The examples of the page as a figure of their own: a row of photos per class. Empty without labelled photos."""
    found = [example for example in pictures.examples(inputs) if example.pictures]
    if not found or inputs.thumbnail is None:
        return []
    from photobench.explore import drawing

    paths = [[one.path for one in example.pictures[:SHEET_PHOTOS]] for example in found]
    rows = [[inputs.thumbnail(path) for path in row] for row in paths]
    data = pd.DataFrame(
        [(e.name, path) for e, row in zip(found, paths, strict=True) for path in row], columns=["class", "path"]
    )
    sheet = drawing.contact_sheet([f"{example.name} ({example.num_photos:,})" for example in found], rows)
    return [explore.Figure("examples", "Example photos", "Photos of each class, of different subjects.", data, sheet)]
