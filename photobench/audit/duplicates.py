"""The check "duplicates": photos that are there several times, and copies whose labels disagree."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from photobench.audit.copies import Copies, find_copies
from photobench.audit.evidence import Evidence
from photobench.audit.kinds import Kind
from photobench.audit.registration import COPY
from photobench.records import Finding, Sentence

MISSES = (
    "Copies of which less than half is left, that were turned by more than about 30 degrees or upside down, "
    "flat or painted over, and, without embeddings, most that were turned or cut at all."
)
FALSE_ALARMS = "Shots in a row that differ in nothing one sees at 48 pixels, such as a face that blinks, a scan or a product before one background."

KINDS = (
    Kind(
        "copies with two labels",
        "copies of one picture whose labels differ: one of them is wrong for sure",
        1.4,
        "relabel",
        of_label=True,
    ),
    Kind("exact copy", "the same bytes as another photo on its side of the split, so it counts twice", 0.5),
    Kind("near copy", "the same picture in other bytes, size, mirror or light, so it counts twice", 0.5),
)

RANKS = {"train": 0, "": 1, "valid": 2, "test": 3}
"""Which copy is rather kept."""
SHOWN = 8
"""Other photos that a finding names."""


def _twice(photo: str, more: int, alike: float, exact: bool) -> str:
    what = "Byte for byte the same as" if exact else "The same picture as"
    return f"{what} {photo}{f' and {more} more' if more else ''}: it counts twice{_measured(alike, exact)}."


def _two_labels(num: int, labels: str, alike: float, exact: bool) -> str:
    what = "byte-identical photos" if exact else "copies of one picture"
    return f"{num} {what} have different labels: {labels}{_measured(alike, exact)}."


def _measured(alike: float, exact: bool) -> str:
    return "" if exact else f" (laid over each other they correlate with {alike:.3f})"


TWICE, TWO_LABELS = Sentence("there twice", _twice), Sentence("copies with two labels", _two_labels)


def look(evidence: Evidence) -> list[Finding]:
    """A finding for each copy but the one to keep; where labels of copies disagree, for each photo whose label others contradict."""
    copies, manifest = find_copies(evidence), evidence.manifest
    names = [attribute.name for attribute in manifest.space.attributes]
    columns = ["path", "split", "width", "height", "bytes", *names]
    frame = manifest.frame[columns].assign(cluster=copies.clusters(len(manifest)))
    frame = frame[frame["cluster"].isin(frame["cluster"].iloc[copies.first_P])]
    best = _best_links(copies)
    findings: list[Finding] = []
    for _, cluster in frame.groupby("cluster"):
        cluster = _in_order(cluster)
        told = [finding for name in names for finding in _conflicts(cluster, name, best)]
        findings += told or _surplus(cluster, best)
    return findings


def _best_links(copies: Copies) -> dict[int, tuple[float, bool]]:
    """For each photo: how alike its most alike copy is, and whether that one has the same bytes."""
    best: dict[int, tuple[float, bool]] = {}
    for first, second, alike, exact in zip(
        copies.first_P.tolist(),
        copies.second_P.tolist(),
        copies.likeness_P.tolist(),
        copies.exact_P.tolist(),
        strict=True,
    ):
        for row in (first, second):
            best[row] = max(best.get(row, (0.0, False)), (alike, exact))
    return best


def _in_order(cluster: pd.DataFrame) -> pd.DataFrame:
    """The photo to keep first: one that is learned from, the largest, the first by name."""
    rank = cluster["split"].map(RANKS).fillna(len(RANKS))
    size = -cluster["width"].astype(np.int64) * cluster["height"]
    order = cluster.assign(_rank=rank, _size=size, _bytes=-cluster["bytes"])
    return order.sort_values(["_rank", "_size", "_bytes", "path"], kind="stable")


def _surplus(cluster: pd.DataFrame, best: dict[int, tuple[float, bool]]) -> Iterator[Finding]:
    """Copies on the same side as another one; those on two sides are the matter of "leakage"."""
    asked = cluster[cluster["split"] != "predict"]
    for _, side in asked.groupby(asked["split"] == "test", sort=False):
        keep = side["path"].iloc[0]
        for row, photo in side.iloc[1:].iterrows():
            others = tuple(path for path in cluster["path"] if path not in (keep, photo["path"]))
            alike, exact = best[row]
            words, why = TWICE(photo=keep, more=len(others), alike=alike, exact=exact)
            yield Finding(
                "duplicates", "exact copy" if exact else "near copy", photo["path"], "", _certainty(alike), "", "", "exclude",
                words, (keep, *others)[:SHOWN], keep, why,
            )  # fmt: skip


def _conflicts(cluster: pd.DataFrame, attribute: str, best: dict[int, tuple[float, bool]]) -> Iterator[Finding]:
    """Photos whose label is not the one that most of their copies have; all of them where it is a draw."""
    known = cluster[cluster[attribute].notna()]
    counts = known[attribute].value_counts()
    if len(counts) < 2:
        return
    winners = sorted(counts.index[counts == counts.max()])
    winner = winners[0] if len(winners) == 1 else ""
    told = ", ".join(f"{count} × {value}" for value, count in counts.sort_index().items())
    for row, photo in known[known[attribute] != winner].iterrows():
        others = known.loc[known[attribute] != photo[attribute], "path"]
        alike, exact = best[row]
        score = (1 - counts[photo[attribute]] / len(known) / 2) * _certainty(alike)  # one of them is wrong for sure
        words, why = TWO_LABELS(num=len(known), labels=told, alike=alike, exact=exact)
        yield Finding(
            "duplicates", "copies with two labels", photo["path"], attribute, float(score), photo[attribute], winner,
            "relabel" if winner else "look", words, tuple(others)[:SHOWN], cluster["path"].iloc[0], why,
        )  # fmt: skip


def _certainty(alike: float) -> float:
    """0.7 for photos that are just alike enough, 1 for the same pixels."""
    return float(np.clip(0.7 + 0.3 * (alike - COPY) / (1 - COPY), 0, 1))
