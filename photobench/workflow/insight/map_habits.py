"""What the maps of many photos say together, and whether they may be believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from photobench.evaluation import Figure
from photobench.explain.habits import difference_figure, habit, mean_figure
from photobench.explain.hiding import SHARE, elsewhere, hidden, marked
from photobench.explain.record import Habits, Hiding, PhotoLooks
from photobench.explain.where import area
from photobench.records import RunRecord
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.bench import Bench
from photobench.workflow.models.held_out import HeldOut

if TYPE_CHECKING:
    from photobench.explain.maps import Explainer


def run_of(answerer: Answerer, name: str) -> RunRecord:
    """The one of an answerer's trainings that has this name."""
    return next(record for record in answerer.runs if record.name == name)


def explainer_of(bench: Bench, record: RunRecord) -> Explainer:
    """With the model of a run, loaded for it."""
    from photobench.explain.maps import Explainer
    from photobench.predict import load_model

    return Explainer(load_model(bench.workspace.root / record.folder, bench.options.train.device))


def habits_of(bench: Bench, answerer: Answerer, held: HeldOut, photos: Sequence[PhotoLooks]) -> Habits | None:
    """What the maps of held-out photos say together; None without photos."""
    if not photos:
        return None
    options = bench.options.evaluate
    group = dict(zip(held.manifest.frame["path"], held.manifest.frame["group"], strict=True))
    of_photo = [group[one.path] if held.manifest.has_groups else one.path for one in photos]
    groups_N, _ = pd.factorize(np.array(of_photo, dtype=object))
    how = (options.bootstraps, options.confidence, options.seed)
    columns = zip(*(one.looks for one in photos), strict=True)
    names = {one.region_name for one in photos}
    return Habits(
        num_photos=len(photos),
        region_name="box" if names == {"box"} else "centre" if names == {"centre"} else "box or centre",
        area=float(np.mean([area(one.region) for one in photos])),
        attributes=tuple(habit(looks, groups_N, *how) for looks in columns),
        hiding=_hiding(bench, answerer, photos, groups_N, how),
    )


def _hiding(
    bench: Bench, answerer: Answerer, photos: Sequence[PhotoLooks], groups_N: np.ndarray, how: tuple[int, float, int]
) -> Hiding | None:
    """What hiding what the maps mark costs the answer, the mean over the attributes, by the model that each map is of."""
    rng = np.random.default_rng(how[2])
    lost_N2 = np.full((len(photos), 2), np.nan)
    for record in dict.fromkeys(one.run for one in photos):
        rows = [row for row, one in enumerate(photos) if one.run == record]
        explainer = explainer_of(bench, run_of(answerer, record))
        lost_N2[rows] = _lost([photos[row] for row in rows], explainer, rng)
    known_N = np.isfinite(lost_N2).all(axis=1)
    if not known_N.any():
        return None
    num = len(photos)
    both = np.concatenate([lost_N2[:, 0], lost_N2[:, 1]])
    first, second = np.r_[known_N, np.zeros(num, bool)], np.r_[np.zeros(num, bool), known_N]
    groups = np.tile(groups_N, 2)
    marked_, other = (mean_figure(both, side, groups, *how) for side in (first, second))
    difference: Figure = difference_figure(both, first, second, groups, *how)
    return Hiding(int(known_N.sum()), SHARE, marked_, other, difference)


def _lost(photos: Sequence[PhotoLooks], explainer: Explainer, rng: np.random.Generator) -> np.ndarray:
    """(N, 2) the probability of what was said that is lost by hiding what the map marks, and as much elsewhere."""
    space = explainer.model.spec.space
    lost_AN2 = np.full((len(space.attributes), len(photos), 2), np.nan)
    for number, attribute in enumerate(space.attributes):
        rows = [row for row, one in enumerate(photos) if one.looks[number].said_hw.sum() > 0]
        if not rows:
            continue
        parts = [marked(photos[row].looks[number].said_hw, photos[row].image_HWC.shape[0]) for row in rows]
        said = [attribute.values.index(photos[row].looks[number].said) for row in rows]
        before = [photos[row].looks[number].probabilities[photos[row].looks[number].said] for row in rows]
        for column, hide in enumerate((parts, [elsewhere(part, rng) for part in parts])):
            images = np.stack([hidden(photos[row].image_HWC, part) for row, part in zip(rows, hide, strict=True)])
            after_NV = space.marginal(explainer.probabilities(images), number)
            lost_AN2[number, rows, column] = np.array(before) - after_NV[np.arange(len(rows)), said]
    with np.errstate(invalid="ignore"):
        counted = np.isfinite(lost_AN2).sum(axis=0)
        return np.where(counted > 0, np.nansum(lost_AN2, axis=0) / np.maximum(counted, 1), np.nan)
