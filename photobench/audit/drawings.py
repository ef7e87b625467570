"""Drawings, screenshots and graphics among photos, without an example of one: part of the check "outliers".

Some of the photos are redrawn in few flat colours with dark outlines. A backbone looks at both, and a linear model learns what redrawing does
to what it sees. Suspected is what that model, having learnt from others, places on the way to the redrawn ones, and in which colours change in
hard steps: in a photo most changes are soft, of light and focus. Both are needed: the steps alone also report products on white ground.

Shape legend: N photos, M photos that are asked, R photos that are redrawn, S side in pixels, D features of an embedding.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression

from photobench.audit.evidence import Evidence, View
from photobench.audit.heads import fold_numbers
from photobench.records import Finding, Sentence

REDRAWN = 150
"""Photos that are redrawn, at most."""
COLOURS = (5, 12)
OUTLINED = 0.7
"""Share of drawings that have outlines."""
LEAST_BOTH = 0.95
"""Of the share of hard steps and the way from photos (0) to redrawn photos (1) together: from here on it looks drawn."""
LEAST_APART = 2.0
"""Log-odds between the two, below which a backbone does not see what redrawing does."""
FOLDS = 5
INVERSE_REG = 30.0
"""Of the logistic regression on embeddings of length 1."""

SIDE_PX = 96
HARD_STEP = 60
"""Of 255, between neighbours at SIDE_PX."""
LEAST_STEPS = 0.5
"""Share of all change that hard steps have in a drawing, at least."""
FAR = 1.5
"""Usual spreads beyond the median by which they exceed what is usual here."""
USUAL_SPREAD = 1.4826


DRAWN = Sentence(
    "drawing",
    "It may be a drawing, a screenshot or a graphic: {steps:.0%} of its changes in colour are hard steps between flat areas, where {usual:.0%} is usual "
    "here, and to the backbone it lies {way:.0%} of the way from these photos to the same photos redrawn.",
)


def drawings(evidence: Evidence, view: View, asked: np.ndarray) -> Iterator[Finding]:
    """A finding for each of the rows in `asked` that looks drawn; none where the backbone can look at nothing new."""
    if view.ask is None or len(np.unique(evidence.clusters_N[asked])) < FOLDS:
        return
    steps_M = np.array([hard_steps(evidence.pixels[row]) for row in asked])
    usual = float(np.median(steps_M))
    spread = USUAL_SPREAD * float(np.median(np.abs(steps_M - usual)))
    hard_M = steps_M >= max(LEAST_STEPS, usual + FAR * spread)
    if not hard_M.any():
        return
    way_M = _way_to_redrawn(evidence, view, asked)
    paths = evidence.manifest.frame["path"].to_numpy()
    for place in np.flatnonzero(hard_M & (way_M + steps_M > LEAST_BOTH)):
        way = float(np.clip(way_M[place], 0, 1))
        words, why = DRAWN(steps=steps_M[place], usual=usual, way=way)
        score = 0.5 + 0.5 * max(way + steps_M[place] - LEAST_BOTH, 0) / (2 - LEAST_BOTH)
        yield Finding("outliers", "drawing", paths[asked[place]], "", float(score), "", "", "look", words, reasons=why)


def hard_steps(square_SSC: np.ndarray) -> float:
    """The share of all change between neighbouring pixels that lies in hard steps, from 0 to 1."""
    small = cv2.resize(np.ascontiguousarray(square_SSC), (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    pair = np.ones((2, 2), np.uint8)
    change = cv2.subtract(cv2.dilate(small, pair), cv2.erode(small, pair)).max(axis=2).astype(np.float64)
    return float(change[change > HARD_STEP].sum() / (change.sum() + 1))


def redrawn(square_SSC: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same in few flat colours, mostly with dark outlines."""
    square_SSC = np.ascontiguousarray(square_SSC)
    smooth = cv2.pyrMeanShiftFiltering(square_SSC, 6, int(rng.integers(25, 45)))
    flat = cv2.medianBlur(_flattened(smooth, int(rng.integers(*COLOURS))), 5)
    threshold = int(rng.integers(3, 9))
    if rng.random() < OUTLINED:
        grey = cv2.medianBlur(cv2.cvtColor(square_SSC, cv2.COLOR_RGB2GRAY), 5)
        light = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 9, threshold)
        flat[light == 0] = rng.integers(0, 40)
    return flat


def _flattened(square_SSC: np.ndarray, num_colours: int) -> np.ndarray:
    """In its own main colours; they begin as bands of equal lightness, so that nothing is left to chance."""
    pixels = square_SSC.reshape(-1, 3).astype(np.float32)
    order = pixels.sum(axis=1).argsort(kind="stable")
    bands = np.empty(len(pixels), np.int32)
    bands[order] = np.arange(len(pixels)) * num_colours // len(pixels)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 8, 1.0)
    _, labels, colours = cv2.kmeans(pixels, num_colours, bands, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    return np.round(colours[labels.ravel()]).astype(np.uint8).reshape(square_SSC.shape)


def _way_to_redrawn(evidence: Evidence, view: View, asked: np.ndarray) -> np.ndarray:
    """(M,) how far each photo lies from where photos lie (0) to where redrawn ones do (1), by models that learnt from other clusters."""
    assert view.ask is not None
    rng = np.random.default_rng(evidence.seed)
    places_R = np.sort(rng.permutation(len(asked))[:REDRAWN])
    drawn_RD = _unit(view.ask(np.stack([redrawn(evidence.pixels[row], rng) for row in asked[places_R]])))
    photos_MD = _unit(view.embeddings_ND[asked])
    fold_M = fold_numbers(np.zeros(len(asked), int), evidence.clusters_N[asked], FOLDS, evidence.seed)
    said_M, said_R = np.zeros(len(asked)), np.zeros(len(places_R))
    for fold in np.unique(fold_M):
        own_M, own_R = fold_M == fold, fold_M[places_R] == fold
        vectors = np.concatenate([photos_MD[places_R[~own_R]], drawn_RD[~own_R]])
        model = LogisticRegression(C=INVERSE_REG, max_iter=200).fit(vectors, np.repeat([0, 1], (~own_R).sum()))
        said_M[own_M] = model.decision_function(photos_MD[own_M])
        if own_R.any():
            said_R[own_R] = model.decision_function(drawn_RD[own_R])
    begin, end = np.median(said_M), np.median(said_R)
    return (said_M - begin) / max(end - begin, LEAST_APART)


def _unit(vectors_ND: np.ndarray) -> np.ndarray:
    return vectors_ND / np.maximum(np.linalg.norm(vectors_ND, axis=1, keepdims=True), 1e-9)
