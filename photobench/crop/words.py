"""How the boxes of a data set are known, in words, and which of them a person should look at first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from photobench.records import Manifest

HOW = {
    "found": "found",
    "given": "given by the table",
    "decided": "set by a person",
    "group": "not found, box of the same group's photos",
    "median": "not found, usual box",
    "center": "centre",
    "whole": "whole photo",
}
"""`Box.how` in words, in the order in which they are told."""

DOUBTFUL_SCORE = 0.9


def box_counts(manifest: Manifest) -> str:
    """`"1,430 found (31 among several, 12 doubtful) · 40 not found, usual box"`."""
    readable = manifest.frame[manifest.usable()]
    counts = readable["box_how"].value_counts()
    parts = []
    for how, words in HOW.items():
        if counts.get(how, 0):
            more = _of_found(readable[readable["box_how"] == how]) if how == "found" else ""
            parts.append(f"{counts[how]:,} {words}{more}")
    return " · ".join(parts) or "no photos"


def _of_found(found: pd.DataFrame) -> str:
    several, doubtful = int((found["box_found"] > 1).sum()), int((found["box_score"] < DOUBTFUL_SCORE).sum())
    parts = [f"{several:,} among several"] * bool(several) + [f"{doubtful:,} doubtful"] * bool(doubtful)
    return f" ({', '.join(parts)})" if parts else ""


def by_doubt(manifest: Manifest) -> np.ndarray:
    """Row numbers of the readable photos: the misses first, then the least sure, then those with several, then the rest."""
    frame = manifest.frame
    missed = ~frame["box_how"].isin(["found", "given", "decided"]).to_numpy()
    score = frame["box_score"].fillna(1.0).to_numpy()
    several = (frame["box_found"] > 1).to_numpy()
    rank = np.select([missed, score < DOUBTFUL_SCORE, several], [0, 1, 2], default=3)
    order = np.lexsort((frame["path"].to_numpy(dtype=str), np.where(rank == 1, score, -score), rank))
    return order[manifest.usable()[order]]
