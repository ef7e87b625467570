"""A comparison as a page shows it: numbers, photos by their numbers, and the sentences of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from photobench.compare import Common, People, Slice, changed
from photobench.paired import Gain
from photobench.records import Predictions
from photobench.workflow.reviewing.photos import ReviewPhotos
from photobench.workflow.runs.comparing_words import WORTH, Compared, Comparison, largest, people_words, verdict

SHOWN = 48
"""Photos of each kind."""
MOST_GROUPS = 8
"""Of those that got worse, and of those that got better."""


def told(comparison: Comparison, photos: ReviewPhotos) -> dict[str, Any]:
    """The first, and each of the others against it; NaN is null, and a photo or a group that is not here any more has no number."""
    common = comparison.common
    return {
        "confidence": comparison.confidence,
        "num_photos": len(common.manifest),
        "num_groups": common.num_groups,
        "notes": [note.to_json() for note in common.notes],
        "rows": [_row(row, number, comparison, photos) for number, row in enumerate(comparison.rows)],
    }


def _row(row: Compared, number: int, comparison: Comparison, photos: ReviewPhotos) -> dict[str, Any]:
    line = {"name": row.name, "score": row.score.to_json(), "seconds": _null(row.seconds), "differs": row.differs}
    if row.gain is None:
        return line
    open_ones = largest(row.slices)
    return {
        **line,
        "gain": _gain(row.gain),
        "power": _power(row.gain),
        "verdict": verdict(row, comparison),
        "parts": [_part(one, one in open_ones) for one in row.slices if one.gain.value],
        "people": _people(row.people, row.name, photos) if row.people else None,
        "changed": _changed(comparison.common, number, photos),
    }


def _gain(gain: Gain) -> dict[str, Any]:
    """`kind`: noise, better or worse; unknown where there is no interval."""
    kind = "unknown" if not gain.is_known else "noise" if gain.is_noise else "better" if gain.value > 0 else "worse"
    return {**gain.figure.to_json(), "probability": _null(gain.probability), "kind": kind}


def _power(gain: Gain) -> dict[str, float] | None:
    """How often a true difference is found, and which one four times in five."""
    return {"true": WORTH, "found": gain.power(WORTH), "detectable": gain.detectable()} if gain.is_known else None


def _part(one: Slice, is_open: bool) -> dict[str, Any]:
    """`is_open`: it is among those that changed most. `reasons`: what its name is made of, where the program gave it."""
    counts = {"num_photos": one.num_photos, "num_groups": one.num_groups}
    return {
        "kind": one.kind,
        "name": one.name,
        "reasons": one.said.to_json()["reasons"],
        **counts,
        "first": one.first,
        "other": one.other,
        "gain": _gain(one.gain),
        "open": is_open,
    }


def _people(people: People, name: str, photos: ReviewPhotos) -> dict[str, Any]:
    rows = people.rows
    worst = rows[rows["other"] < rows["first"]].head(MOST_GROUPS)
    best = rows[rows["other"] > rows["first"]][::-1].head(MOST_GROUPS)
    counts = {"worse": people.worse, "better": people.better, "same": people.same, "chance": people.chance}
    return {
        **counts,
        "words": people_words(people, name),
        "worst": _groups(worst, photos),
        "best": _groups(best, photos),
    }


def _groups(rows: pd.DataFrame, photos: ReviewPhotos) -> list[dict[str, Any]]:
    return [
        {
            "group": str(row.group),
            "photo": next(iter(photos.rows_of_group.get(str(row.group), ())), None),
            "num_photos": int(row.photos),
            "first": int(row.first),
            "other": int(row.other),
        }
        for row in rows.itertuples()
    ]


def _changed(common: Common, number: int, photos: ReviewPhotos) -> dict[str, Any]:
    """Photos that one of them gets right and the other wrong."""
    rows = changed(common, 0, number)
    return {
        kind: {"total": len(found), "photos": [_photo(common, (0, number), int(row), photos) for row in found[:SHOWN]]}
        for kind, found in (("worse", rows.worse), ("better", rows.better))
    }


def _photo(common: Common, numbers: Sequence[int], row: int, photos: ReviewPhotos) -> dict[str, Any]:
    names, truth = common.manifest.space.class_names, common.manifest.classes()[row]
    path = str(common.manifest.frame["path"].iloc[row])
    said = [_said(common.said[number], row, names) for number in numbers]
    return {"photo": photos.row_of.get(path), "path": path, "truth": names[truth], "said": said}


def _said(predictions: Predictions, row: int, names: Sequence[str]) -> dict[str, Any]:
    best = int(predictions.classes()[row])
    return {"name": names[best], "probability": round(float(predictions.joint_NK[row, best]), 4)}


def _null(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
