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
    "median": "not found, usual box (the median of all)",
    "center": "centre",
    "whole": "whole photo",
}
"""`Box.how` in words, in the order in which they are told."""

DOUBTFUL_SCORE = 0.9
MAX_VALUES = 8
ODD_FACTOR = 2.5
"""A box whose side is that much shorter or longer than the usual one is probably around something else."""


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


def misses_by_class(manifest: Manifest, doubt: np.ndarray) -> str:
    """`"with_mask 14 of 850, without_mask 0 of 750"`: a cut that hangs on the label tells the model the label. Empty without misses."""
    missed = (doubt == "missed") & manifest.usable()
    if not missed.any():
        return ""
    parts = []
    for attribute in manifest.space.attributes:
        labels = manifest.frame[attribute.name].fillna("").to_numpy(dtype=str)  # what is to be predicted has none
        counts = [(labels == value) & manifest.usable() for value in attribute.values[:MAX_VALUES]]
        parts += [
            f"{v} {int((missed & of).sum()):,} of {int(of.sum()):,}"
            for v, of in zip(attribute.values, counts, strict=False)
        ]
    return ", ".join(parts)


def doubts(manifest: Manifest) -> np.ndarray:
    """What a person should look at, per photo: "missed", "odd" (its box is unlike the others), "doubtful", "several", or ""."""
    frame = manifest.frame
    known = frame["box_how"].isin(["found", "given", "decided"]).to_numpy()
    whole = (frame["box_how"].isin(["center", "whole"]) & (frame["box_score"] == 1.0)).to_numpy()  # as asked for
    sides = np.sqrt((frame["box_x2"] - frame["box_x1"]) * (frame["box_y2"] - frame["box_y1"])).to_numpy()
    usual = float(np.median(sides[known])) if known.any() else 1.0
    odd = known & ((sides < usual / ODD_FACTOR) | (sides > usual * ODD_FACTOR))
    unsure = (frame["box_score"] < DOUBTFUL_SCORE).to_numpy()
    several = (frame["box_found"] > 1).to_numpy()
    found = np.select([odd, unsure, several], ["odd", "doubtful", "several"], default="")
    return np.where(known | whole, found, "missed")


def by_doubt(manifest: Manifest, doubt: np.ndarray) -> np.ndarray:
    """Row numbers of the readable photos: the misses first, then odd boxes, the least sure, those of several, the rest."""
    rank = np.select([doubt == name for name in ("missed", "odd", "doubtful", "several")], range(4), default=4)
    score = manifest.frame["box_score"].fillna(1.0).to_numpy()
    order = np.lexsort((manifest.frame["path"].to_numpy(dtype=str), score, rank))
    return order[manifest.usable()[order]]
