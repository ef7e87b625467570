"""Two shots of one scene, which are no copies: part of the check "leakage".

Likeness alone tells little: aligned faces of two people are as alike as two shots of one. So two photos are taken for one scene where each is the
other's nearest, and nearer by far than whatever comes next to either (the ratio test of Lowe 2004, asked both ways).

Shape legend: N photos, M that are no copies of each other, D features of an embedding, P that are asked, and their pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photobench.audit.copies import find_copies
from photobench.audit.evidence import Evidence
from photobench.audit.neighbours import nearest

LEAST_PHOTOS = 30
"""Below which nothing can be said to be far nearer than the others."""
FARTHEST = 0.6
"""Distance (1 − cosine) between the two, as a share of that to what comes next: all pairs below were one scene, and most above were not."""
SUREST, LEAST_SURE = 0.9, 0.5
"""Scores at no distance, and at FARTHEST."""


@dataclass(frozen=True)
class Scene:
    """Rows of the manifest, how similar they are (cosine), how similar the next photo is to either, and how sure it is."""

    first: int
    second: int
    similarity: float
    next_similarity: float
    score: float


def scenes_across(evidence: Evidence) -> list[Scene]:
    """Such pairs on two sides of the split; of copies only the first counts. None where no backbone is at hand that has learnt no label."""
    view = evidence.views[0] if evidence.views else None
    if view is None or not view.asked_N.all():
        return []
    rows_M = _without_copies(evidence, view.embeddings_ND)
    _, sides_M, counts = np.unique(
        evidence.manifest.frame["split"].to_numpy(dtype=str)[rows_M], return_inverse=True, return_counts=True
    )
    if len(rows_M) < LEAST_PHOTOS or len(counts) < 2:
        return []
    vectors_MD = view.embeddings_ND[rows_M]
    # asked from the smaller sides alone: at least one of two that lie across is there
    first_P = np.flatnonzero(sides_M != counts.argmax())
    near_P2, apart_P2 = _two_nearest(vectors_MD, first_P)
    across = np.flatnonzero((near_P2 >= 0).all(axis=1) & (sides_M[first_P] != sides_M[near_P2[:, 0]]))
    first_P, second_P, apart_P2 = first_P[across], near_P2[across, 0], apart_P2[across]
    back_P2, back_apart_P2 = _two_nearest(vectors_MD, second_P)
    once = (first_P < second_P) | ~np.isin(second_P, first_P)
    next_P = np.minimum(apart_P2[:, 1], back_apart_P2[:, 1])
    share_P = apart_P2[:, 0] / np.maximum(next_P, 1e-6)
    return [
        Scene(
            int(rows_M[first_P[p]]), int(rows_M[second_P[p]]), 1 - float(apart_P2[p, 0]), 1 - float(next_P[p]),
            SUREST - (SUREST - LEAST_SURE) * float(share_P[p]) / FARTHEST,
        )
        for p in np.flatnonzero((back_P2[:, 0] == first_P) & once & (share_P < FARTHEST))
    ]  # fmt: skip


def _without_copies(evidence: Evidence, embeddings_ND: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(np.isfinite(embeddings_ND).all(axis=1) & evidence.manifest.usable())
    clusters_N = find_copies(evidence).clusters(len(evidence.manifest))
    return known[np.sort(np.unique(clusters_N[known], return_index=True)[1])]


def _two_nearest(vectors_MD: np.ndarray, asked_P: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each that is asked the two nearest others, and how far (1 − cosine) they are: both (P, 2)."""
    rows_Pk, cosines_Pk = nearest(vectors_MD, 3, vectors_MD[asked_P])
    itself = rows_Pk == asked_P[:, None]
    itself[~itself.any(axis=1), -1] = True  # one that is the same to the backbone took its place
    shape = len(asked_P), 2
    return rows_Pk[~itself].reshape(shape), 1 - cosines_Pk[~itself].reshape(shape)
