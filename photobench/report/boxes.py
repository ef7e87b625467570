"""Photos with their boxes: what was found, what is cut out around it, and where nothing was found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from photobench.crop.geometry import region
from photobench.crop.words import DOUBTFUL_SCORE, HOW, by_doubt, doubts, misses_by_class
from photobench.explore.words import percent, shortened
from photobench.records import Box
from photobench.report.inputs import ReportInputs
from photobench.report.pictures import Picture, picture
from photobench.words import count

SHOWN, SHEET = 24, 240
SHARES = {"missed": 0.35, "odd": 0.1, "doubtful": 0.2, "several": 0.1}
"""At most these parts of the pictures go to what is doubtful, so that each kind is seen, and the usual case too."""


@dataclass(frozen=True)
class BoxedPicture:
    """A whole photo; the boxes as CSS positions on it, in per cent."""

    picture: Picture
    box: str  # empty where nothing was found
    cut: str
    role: str  # missed | odd | doubtful | several | sure
    words: str
    name: str


@dataclass(frozen=True)
class BoxView:
    counts: list[tuple[str, str, str]]  # how many, their share, how their box is known
    pictures: list[BoxedPicture]
    num_photos: int
    sentence: str


def view(inputs: ReportInputs, limit: int) -> BoxView | None:
    """None where photos are taken whole."""
    manifest = inputs.manifest
    if "box_how" not in manifest.frame or inputs.crop.method == "none":
        return None
    readable = manifest.frame[manifest.usable()]
    hows = Counter(readable["box_how"])
    counts = [(f"{hows[how]:,}", percent(hows[how] / len(readable)), words) for how, words in HOW.items() if hows[how]]
    several = int((readable["box_found"] > 1).sum())
    doubtful = int((readable["box_score"] < DOUBTFUL_SCORE).sum())
    doubt = doubts(manifest)
    num_odd = int((doubt[manifest.usable()] == "odd").sum())
    extra = [f"{count(num_odd, 'box', 'boxes')} of an unusual size"] * bool(num_odd)
    extra += [f"{count(doubtful, 'box', 'boxes')} with a confidence under {DOUBTFUL_SCORE:g}"] * bool(doubtful)
    extra += [
        f"{count(several, 'photo')} with several found, of which the {_PREFERENCE[inputs.crop.several]} is taken"
    ] * bool(several)
    by_class = misses_by_class(manifest, doubt)
    extra += [f"not found, by label: {by_class}"] * bool(by_class)
    return BoxView(counts, _pictures(inputs, limit), len(readable), "; ".join(extra))


_PREFERENCE = {"largest": "largest", "central": "most central", "confident": "most confident"}


def _pictures(inputs: ReportInputs, limit: int) -> list[BoxedPicture]:
    doubt = doubts(inputs.manifest)
    order = by_doubt(inputs.manifest, doubt)
    boxes, frame = inputs.manifest.boxes(), inputs.manifest.frame
    asked = order[_mixed(doubt[order], limit)] if len(order) else order
    found = [_picture(inputs, boxes[row], frame.iloc[row], str(doubt[row])) for row in asked]
    return [one for one in found if one]


def _mixed(doubt: np.ndarray, limit: int) -> np.ndarray:
    """Positions to show, in their order: each kind of doubt its share, and the sure ones, spread evenly, for the rest."""
    first = np.concatenate([np.flatnonzero(doubt == kind)[: round(limit * share)] for kind, share in SHARES.items()])
    sure = np.flatnonzero(doubt == "")
    spread = np.unique(np.linspace(0, max(len(sure) - 1, 0), limit - len(first), dtype=int))[: len(sure)]
    shown = np.concatenate([first, sure[spread]])
    more = np.setdiff1d(np.flatnonzero(doubt != ""), first)[: limit - len(shown)]  # where few are sure
    return np.sort(np.concatenate([shown, more])).astype(int)


def _picture(inputs: ReportInputs, box: Box, row: pd.Series, doubt: str) -> BoxedPicture | None:
    one = picture(inputs.overview, row["path"])
    if one is None:
        return None
    # in the small picture's own pixels: proportions are what counts
    left, top, right, bottom = region(box, 100 * one.width, 100 * one.height, inputs.crop.margin, inputs.crop.aspect)
    cut = (left / one.width, top / one.height, right / one.width, bottom / one.height)
    around = tuple(100 * corner for corner in box.corners) if box.is_around_something else None
    turn = f";transform:rotate({box.angle:g}deg)" if box.angle else ""
    shown = _css(around) if around and doubt != "missed" else ""
    return BoxedPicture(
        one,
        shown,
        _css(cut) + turn,
        doubt or "sure",
        _words(box, row, doubt),
        shortened("/".join(Path(row["path"]).parts[-2:]), 30),
    )


def _css(corners: tuple[float, ...]) -> str:
    left, top, right, bottom = corners
    return f"left:{left:.2f}%;top:{top:.2f}%;width:{right - left:.2f}%;height:{bottom - top:.2f}%"


def _words(box: Box, row: pd.Series, doubt: str) -> str:
    if doubt == "missed":
        return HOW[box.how]
    parts = [HOW[box.how]] if box.how != "found" else [f"confidence {row['box_score']:.2f}"]
    parts += ["unusual size"] * (doubt == "odd")
    parts += [f"one of {int(row['box_found'])}"] * bool(row["box_found"] > 1)
    parts += [f"turned {box.angle:+.0f}°"] * bool(abs(box.angle) >= 1)
    return ", ".join(parts)
