"""Which two groups look like one person or thing: copies in both, or photos that are each other's nearest.

Shape legend: N photos, M photos with an embedding, k neighbours, G groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from photobench.audit.copies import find_copies
from photobench.audit.evidence import Evidence
from photobench.audit.neighbours import nearest
from photobench.records import Reason, Sentence

LEAST_PHOTOS = 3
"""Photos of a group, below which its neighbours say little."""
LEAST_SHARE = 0.5
"""Share of each group's photos whose nearest photo must be in the other one."""


@dataclass(frozen=True)
class SamePerson:
    """Two groups, a photo of the smaller one, photos of the other one that are like it, and why, in English and as reasons."""

    group: str
    other: str
    path: str
    related: tuple[str, ...]
    score: float
    words: str
    why: tuple[Reason, ...]


def _share_copies(group: str, other: str, num: int) -> str:
    what = "is a copy" if num == 1 else "are copies"
    return f'Groups "{group}" and "{other}" look like one: {num} of their photos {what} of each other.'


SHARE_COPIES = Sentence("groups share copies", _share_copies)
NEAREST_ARE_THERE = Sentence(
    "groups are nearest",
    'Groups "{group}" and "{other}" look like one: {num} of {size} and {back} of {other_size} photos have their nearest photo in '
    "the other group.",
)


def likely_same(evidence: Evidence) -> Iterator[SamePerson]:
    """Pairs of groups, each once; none where no groups are known."""
    if not evidence.manifest.has_groups:
        return
    told = set()
    for pair in (*_by_copies(evidence), *_by_neighbours(evidence)):
        key = frozenset((pair.group, pair.other))
        if key not in told:
            told.add(key)
            yield pair


def _by_copies(evidence: Evidence) -> Iterator[SamePerson]:
    copies, frame = find_copies(evidence), evidence.manifest.frame
    groups, paths = frame["group"].to_numpy(dtype=object), frame["path"].to_numpy(dtype=object)
    apart = groups[copies.first_P] != groups[copies.second_P]
    sizes = frame["group"].value_counts()
    links: dict[tuple[str, str], list[tuple[int, int, float]]] = {}
    for one, other, alike in zip(copies.first_P[apart], copies.second_P[apart], copies.likeness_P[apart], strict=True):
        if (sizes[groups[one]], groups[one]) > (sizes[groups[other]], groups[other]):
            one, other = other, one
        links.setdefault((groups[one], groups[other]), []).append((one, other, alike))
    for (group, other), pairs in links.items():
        if sizes[group] < 2:  # a single photo that is there twice is the matter of "duplicates"
            continue
        score = min(0.75 + 0.08 * len(pairs), 0.98)
        words, why = SHARE_COPIES(group=group, other=other, num=len(pairs))
        related = tuple(paths[second] for _, second, _ in pairs)
        yield SamePerson(group, other, paths[pairs[0][0]], related, score, words, why)


def _by_neighbours(evidence: Evidence) -> Iterator[SamePerson]:
    """Groups of which each has its nearest photos in the other, rather than in itself."""
    if not evidence.views:
        return
    view = evidence.views[0]
    rows = np.flatnonzero(np.isfinite(view.embeddings_ND).all(axis=1) & evidence.manifest.usable())
    if len(rows) < 2:
        return
    frame = evidence.manifest.frame.iloc[rows]
    codes_M, names = pd.factorize(frame["group"])
    near_Mk, _ = nearest(view.embeddings_ND[rows], 2)
    nearest_M = np.where(near_Mk[:, 0] == np.arange(len(rows)), near_Mk[:, 1], near_Mk[:, 0])
    votes = pd.Series(1, index=pd.MultiIndex.from_arrays([codes_M, codes_M[nearest_M]])).groupby(level=[0, 1]).sum()
    sizes = np.bincount(codes_M)
    paths = frame["path"].to_numpy(dtype=object)
    for (one, other), count in votes.items():
        back = votes.get((other, one), 0)
        shares = count / sizes[one], back / sizes[other]
        if one < other and min(sizes[one], sizes[other]) >= LEAST_PHOTOS and min(shares) >= LEAST_SHARE:
            small, large = sorted((one, other), key=lambda code: (sizes[code], code))
            photos = np.flatnonzero((codes_M == small) & (codes_M[nearest_M] == large))
            words, why = NEAREST_ARE_THERE(
                group=names[small], other=names[large], num=count, size=sizes[one], back=back, other_size=sizes[other]
            )
            related = tuple(paths[nearest_M[photos]])
            score = float(0.9 * min(shares))
            yield SamePerson(names[small], names[large], paths[photos[0]], related, score, words, why)
