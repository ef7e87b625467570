"""Which photos are copies of each other. Hashes and embeddings propose pairs; laying one photo over the other decides.

Shape legend: N photos, P pairs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from photobench.audit.evidence import Evidence
from photobench.audit.hashes import LEFT_RIGHT, photo_hashes, thumbnails
from photobench.audit.near import near_pairs
from photobench.audit.neighbours import nearest
from photobench.audit.registration import COPY, SIDE_PX, likeness
from photobench.parallel import ahead

RADIUS = 8
"""Bits of 64 in which the hashes of two photos may differ to be looked at."""
NEIGHBOURS = 3
LEAST_COSINE = 0.7
MOST = 20
"""Pairs proposed for one photo, the most alike first: where thousands look alike at 32 px, the rest is not looked at."""
TOGETHER = 256
SAME_GROUP = 0.99
"""Likeness from which photos of one group are copies: two shots in a row are nearly that alike."""


@dataclass(frozen=True)
class Copies:
    """Pairs of rows of the manifest that show the same picture, first < second; `likeness_P` is 1 where the bytes are the same."""

    first_P: np.ndarray
    second_P: np.ndarray
    likeness_P: np.ndarray
    exact_P: np.ndarray

    def clusters(self, num: int) -> np.ndarray:
        """(N,) photos that hang together by copies have the same number."""
        links = coo_matrix((np.ones(len(self.first_P), np.int8), (self.first_P, self.second_P)), shape=(num, num))
        return connected_components(links, directed=False)[1]


def find_copies(evidence: Evidence) -> Copies:
    """All copies among the readable photos: of identical ones each with the first, of others every pair that was proposed and found alike.

    They are sought once for each evidence, and kept with it.
    """
    if "copies" not in evidence.found:
        evidence.found["copies"] = _found(evidence)
    return evidence.found["copies"]


def _found(evidence: Evidence) -> Copies:
    twins_P2, distinct = _identical(evidence)
    pairs_P2 = np.unique(np.concatenate([twins_P2[:0], *_proposals(evidence, distinct)]), axis=0)
    alike_P = _likeness(evidence.pixels, pairs_P2)
    groups = evidence.manifest.frame["group"].to_numpy()
    same_P = groups[pairs_P2[:, 0]] == groups[pairs_P2[:, 1]]
    keep = alike_P >= np.where(same_P, SAME_GROUP, COPY)
    first_P, second_P = np.concatenate([twins_P2, pairs_P2[keep]]).T
    likeness_P = np.concatenate([np.ones(len(twins_P2)), np.minimum(alike_P[keep], 1)])
    return Copies(first_P, second_P, likeness_P, np.arange(len(first_P)) < len(twins_P2))


def _identical(evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (P, 2) of photos with the same bytes, each with the first of them; and one row of each content."""
    rows = np.flatnonzero(evidence.manifest.usable())
    codes, _ = pd.factorize(evidence.manifest.frame["sha256"].to_numpy()[rows])
    _, firsts = np.unique(codes, return_index=True)
    first_of = rows[firsts[codes]] if len(rows) else rows
    twins = first_of != rows
    return np.stack([first_of[twins], rows[twins]], axis=1).astype(np.int64), np.unique(first_of).astype(np.int64)


def _proposals(evidence: Evidence, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs (P, 2) of rows, first < second, that are worth a look."""
    hashes, flat = photo_hashes(evidence.pixels, rows)
    full = rows[~flat]
    for turn in (0, LEFT_RIGHT):
        asked_N = np.zeros(len(full), np.int64)
        for first_P, second_P, bits_P in near_pairs(hashes[~flat], RADIUS, turn):
            some = _closest(first_P, bits_P, asked_N)
            yield np.stack([full[first_P[some]], full[second_P[some]]], axis=1)
    if evidence.views:
        yield _neighbours(evidence.views[0].embeddings_ND, full)


def _closest(first_P: np.ndarray, bits_P: np.ndarray, asked_N: np.ndarray) -> np.ndarray:
    """Which pairs to look at, so that no photo asks for more than MOST; `asked_N` is counted up."""
    order = np.argsort(bits_P, kind="stable")
    rank = pd.Series(first_P[order]).groupby(first_P[order]).cumcount().to_numpy() + asked_N[first_P[order]]
    some = order[rank < MOST]
    asked_N += np.bincount(first_P[some], minlength=len(asked_N))
    return some


def _neighbours(embeddings_ND: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Pairs (P, 2) of photos that are among the nearest of each other's embeddings."""
    rows = rows[np.isfinite(embeddings_ND[rows]).all(axis=1)]
    if len(rows) < 2:
        return np.zeros((0, 2), np.int64)
    near_Mk, cosines_Mk = nearest(embeddings_ND[rows], min(NEIGHBOURS + 1, len(rows)))
    asking, place = np.nonzero(
        (cosines_Mk >= LEAST_COSINE) & (near_Mk >= 0) & (near_Mk != np.arange(len(rows))[:, None])
    )
    return np.sort(np.stack([rows[asking], rows[near_Mk[asking, place]]], axis=1), axis=1)


def _likeness(pixels: np.ndarray, pairs_P2: np.ndarray) -> np.ndarray:
    """(P,) how alike the two photos of each pair are once laid over each other."""

    def work(start: int) -> list[float]:
        pairs = pairs_P2[start : start + TOGETHER]
        rows, places = np.unique(pairs, return_inverse=True)
        small = thumbnails(pixels[rows], SIDE_PX)
        return [likeness(small[one], small[other]) for one, other in places.reshape(-1, 2)]

    parts = ahead(work, range(0, len(pairs_P2), TOGETHER), os.cpu_count() or 1)
    return np.array([value for part in parts for value in part], dtype=np.float64)
