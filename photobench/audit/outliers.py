"""The check "outliers": photos that are unlike every class, and drawings among photos.

Unlike: how far a photo is from its nearest neighbours (Ramaswamy et al. 2000), whatever their class, compared with how far that is for the others.

Shape legend: N photos, M photos that are asked, k neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from photobench.audit.drawings import drawings
from photobench.audit.evidence import Evidence, NotPossible, View
from photobench.audit.neighbours import nearest
from photobench.records import Finding, Sentence

MISSES = (
    "Strangers that come in numbers or as copies, for they are each other's neighbours, and whatever the backbone does not see, "
    "such as a wrong serial number; drawings with soft shades, and all of them where no pretrained backbone is at hand."
)
FALSE_ALARMS = "Rare but right photos: an unusual pose, or a class of few photos; as drawings: photos that were cut out, of hard light, with bold prints."

FAR_FROM_ALL = Sentence(
    "far from all",
    "Even its {num} nearest neighbours are unlike it: similarity {similarity:.2f}, where {usual:.2f} is usual.",
)

NEIGHBOURS = 8
LEAST_PHOTOS = 30
FAR = 3.5
"""Usual spreads beyond the median distance from which a photo is far."""
USUAL_SPREAD = 1.4826
LEAST_SPREAD = 0.02
SHOWN = 4


def look(evidence: Evidence) -> list[Finding]:
    """A finding for each photo that is far from all others, and for each that looks drawn.

    Raises:
        NotPossible: there are no embeddings, or too few.
    """
    if not evidence.views:
        raise NotPossible("Outliers cannot be sought: there are no embeddings of these photos.")
    findings: list[Finding] = []
    num_known = 0
    for view in evidence.views:
        known = np.flatnonzero(np.isfinite(view.embeddings_ND).all(axis=1) & evidence.manifest.usable())
        num_known = max(num_known, len(known))
        if len(known) >= LEAST_PHOTOS:
            asked = known[view.asked_N[known]]
            findings += [*_far(evidence, view, known, asked), *drawings(evidence, view, asked)]
    if num_known < LEAST_PHOTOS:
        raise NotPossible(f"Outliers cannot be told among {num_known} embeddings: {LEAST_PHOTOS} photos are needed.")
    return findings


def _far(evidence: Evidence, view: View, known: np.ndarray, asked: np.ndarray) -> Iterator[Finding]:
    if not len(asked):
        return
    near_Mk, apart_Mk = _others(view.embeddings_ND[known], np.searchsorted(known, asked))
    apart_M = apart_Mk.mean(axis=1)
    usual = np.median(apart_M)
    spread = max(USUAL_SPREAD * np.median(np.abs(apart_M - usual)), LEAST_SPREAD)
    paths = evidence.manifest.frame["path"].to_numpy()
    for place in np.flatnonzero(apart_M > usual + FAR * spread):
        far = (apart_M[place] - usual) / spread
        words, why = FAR_FROM_ALL(num=apart_Mk.shape[1], similarity=1 - apart_M[place], usual=1 - usual)
        related = tuple(paths[known[near_Mk[place, :SHOWN]]])
        score = float(far / (far + FAR))
        yield Finding(
            "outliers", "unlike every class", paths[asked[place]], "", score, "", "", "look", words, related, "", why
        )


def _others(embeddings_ND: np.ndarray, asked_M: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest other photos of those asked, and how far (1 − cosine) each is: both (M, k)."""
    k = min(NEIGHBOURS, len(embeddings_ND) - 1)
    rows_Mk, cosines_Mk = nearest(embeddings_ND, k + 1, embeddings_ND[asked_M])
    itself = rows_Mk == asked_M[:, None]
    itself[~itself.any(axis=1), -1] = True  # a copy of it took its place
    shape = len(asked_M), k
    return rows_Mk[~itself].reshape(shape), 1 - cosines_Mk[~itself].reshape(shape)
