"""What a report is made from. Every piece but the manifest may be missing; the report then leaves its section out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from photobench.compare.table import RunLine
from photobench.crop.options import NO_CROP, CropOptions
from photobench.explain.record import PhotoLooks
from photobench.explore import Figure, Seen
from photobench.explore.settings import NOTHING_SET, Settings
from photobench.learning import ExamplePredictions
from photobench.records import Checked, Manifest, Predictions
from photobench.report.combined import CombinedInputs
from photobench.report.reported import Reported
from photobench.slices.found import Slices

Thumbnail = Callable[[str], np.ndarray]
"""Path of a photo → (H, W, 3) uint8. Raises a PhotobenchError for a photo that cannot be read."""

Scores = Mapping[str, Any]
"""`names` [K], `metrics` {name: {value, low, high}}, `per_class` [K dicts], `confusion` (K, K), rows are the truth."""


@dataclass(frozen=True)
class TunedInputs:
    """What a search for better options has found: in sentences, the trainings in full as a table, and figures."""

    study: str
    sentences: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[Figure]


@dataclass(frozen=True)
class HardPhoto:
    """A photo, its label of the attribute that was hardest, and the margin of that label."""

    path: str
    attribute: str
    label: str
    margin: float


@dataclass(frozen=True)
class HardToLearn:
    """The lowest margins of all, the lowest first, of how many photos that were learned, and how many of these lie below zero."""

    photos: Sequence[HardPhoto]
    num_photos: int
    num_below: int


@dataclass(frozen=True)
class ReportInputs:
    """All that a report can show.

    Attributes:
        model: who it is about; None where nothing is trained yet.
        evaluations: per split ("valid" or "out of fold", and "test"): `num_photos`, `num_groups`, `has_groups`, `joint` and
            `attributes` (Scores each).
        predictions: per split; the probabilities shown beside a mistake are looked up here.
        mistakes: `path`, `truth`, `predicted` (class ids or names), `prob_truth`, `confidence`.
        submission: `file`, `rows`, `valid`, `notes`.
        leaderboard: what submissions scored against what validation said of them.
        timings: seconds per stage, in the order of the journey.
        dataset_today: fingerprint of the data as it is now, where photos, labels or groups are not those of the training.
        truth_score: where the truth of the submission is known: `value`, `n`, and `metric` ("macro_f1" if
            not said).
        confidence: how often the intervals of the evaluations hold the truth.
        overview: whole photos, upright, for the pictures of the boxes; `thumbnail` gives what is cut from them.
        crop: how the boxes were found.
        augment_warnings: what the flips and turns of training cost the labels.
        audit: what each check of the audit found, in the order to show them.
        audit_since: what has changed since it was made, in a sentence; empty where it is up to date.
        planted: where the mistakes in the labels are known: how many of them the audit has at its top, as sentences.
        examples: what the training said of a few photos after its epochs.
        seen: what was measured of the photos, and where they lie.
        settings: what the project has set already: nothing of it is proposed.
        tuned: what a search for better options has found on these photos.
        slices: the kinds of held-out photos in which more is wrong than elsewhere.
        looks: makes the maps of where the model looked in some of its mistakes, where they are asked for.
        combined: the ensemble that it is, or that it is part of.
        hard: what was hard to learn.
        findings: what is suspected of a photo, by its path: points on the map can be coloured by it.
        runs: all runs of the workspace, a line each.
    """

    title: str
    manifest: Manifest
    model: Reported | None = None
    evaluations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    predictions: Mapping[str, Predictions] = field(default_factory=dict)
    mistakes: pd.DataFrame | None = None
    thumbnail: Thumbnail | None = None
    submission: Mapping[str, Any] | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    truth_score: Mapping[str, Any] | None = None
    dataset_today: str = ""
    confidence: float = 0.95
    overview: Thumbnail | None = None
    crop: CropOptions = NO_CROP
    augment_warnings: list[str] = field(default_factory=list)
    audit: Sequence[Checked] = ()
    audit_since: str = ""
    planted: Sequence[str] = ()
    examples: ExamplePredictions | None = None
    seen: Seen | None = None
    settings: Settings = NOTHING_SET
    slices: Slices | None = None
    looks: Callable[[], Sequence[PhotoLooks]] = lambda: ()
    findings: Mapping[str, str] = field(default_factory=dict)
    runs: Sequence[RunLine] = ()
    leaderboard: Figure | None = None
    tuned: TunedInputs | None = None
    combined: CombinedInputs | None = None
    hard: HardToLearn | None = None

    @property
    def interval(self) -> str:
        """What the intervals are called: `"95 % interval"`."""
        return f"{100 * self.confidence:g}\u00a0% interval"

    @property
    def split(self) -> str:
        """The split that the report's figures speak of: test where it was evaluated, else what was held out, else empty."""
        return next((s for s in ("test", *self.evaluations) if s in self.evaluations), "")

    @property
    def asked(self) -> str:
        """What the photos of that split are called: `"out-of-fold"` photos."""
        return photos_of(self.split)

    @property
    def evaluation(self) -> Mapping[str, Any] | None:
        return self.evaluations.get(self.split)


def photos_of(split: str) -> str:
    """What the photos of a split are called."""
    return {"valid": "validation", "out of fold": "out-of-fold"}.get(split, split)
