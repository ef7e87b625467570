"""Which way to combine is worth it: each is fitted to some photos and measured on others, in turns, and the simplest good one is taken.

Shape legend: M members, N photos, K joint classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from photobench.data.folds import divide
from photobench.ensemble.known import Known
from photobench.ensemble.methods import METHODS, METRIC, combine
from photobench.errors import PhotobenchError
from photobench.evaluation import Figure
from photobench.paired import difference, standing
from photobench.progress import progress

PARTS = 5
"""Of the photos, which take turns to be those that nothing is fitted to."""
ONE_ERROR = 0.6827
"""An interval of this confidence reaches one standard error to each side."""


@dataclass(frozen=True)
class Tried:
    """A way to combine, what it says of photos that it was not fitted to (N, K), its macro-F1, and how much more that is than the
    macro-F1 of the best member, which is chosen in the same turns (None for that one)."""

    name: str
    probs_NK: np.ndarray
    score: Figure
    gain: Figure | None


def try_all(
    known: Known, num: int, confidence: float, seed: int, more: Mapping[str, np.ndarray] | None = None
) -> list[Tried]:
    """Every way, the simplest first.

    Args:
        num, confidence: resamplings behind each interval, and how often it holds the truth.
        more: what other ways say of the photos (N, K), each photo by what was fitted to the other parts of `parts_of`; after the best member.

    Raises:
        PhotobenchError: all photos are of one cluster.
    """
    part_N = parts_of(known, seed)
    said: dict[str, np.ndarray] = {}
    with progress(len(METHODS.names()), "combine", "ways") as bar:
        for name in METHODS.names():
            said[name] = cross_fitted(name, known, part_N, seed)
            bar.advance()
    said = {"single": said.pop("single"), **(more or {}), **said}
    return [_tried(known, name, said, num, confidence, seed) for name in said]


def chosen(known: Known, tried: Sequence[Tried], num: int, seed: int) -> Tried:
    """The simplest one from which the best is not apart by more than one standard error of their difference."""
    best = max(tried, key=lambda one: one.score.value)
    return next(one for one in tried if one is best or _is_near(known, best, one, num, seed))


def _is_near(known: Known, best: Tried, other: Tried, num: int, seed: int) -> bool:
    """Where no interval is known, there is no reason to prefer the more complex one."""
    apart = difference(known.sample(best.probs_NK), known.sample(other.probs_NK), num, ONE_ERROR, seed)[METRIC]
    return not apart.low > 0


def parts_of(known: Known, seed: int) -> np.ndarray:
    """The part of each photo, (N,): clusters stay whole.

    Raises:
        PhotobenchError: all photos are of one cluster.
    """
    num = len(np.unique(known.clusters_N))
    if num < 2:
        raise PhotobenchError(
            f"The {len(known.truth_N):,} photos that the members were asked about are all of one group, so nothing that is fitted to some "
            "of them can be measured on others. Hold out more groups: split.valid, or train --folds."
        )
    return divide(known.truth_N[:, None], known.clusters_N, min(PARTS, num), seed)


def cross_fitted(name: str, known: Known, part_N: np.ndarray, seed: int) -> np.ndarray:
    """What a way says of each photo when it is fitted to the other parts, (N, K)."""
    method = METHODS.build(name)
    probs_NK = np.zeros(known.probs_MNK.shape[1:])
    for part in np.unique(part_N):
        asked_N = part_N == part
        fitted = method.fit(known.rows(~asked_N), seed)
        members = fitted.asked()
        probs_NK[asked_N] = combine(method, fitted.only(members), known.probs_MNK[members][:, asked_N])
    return probs_NK


def _tried(known: Known, name: str, said: Mapping[str, np.ndarray], num: int, confidence: float, seed: int) -> Tried:
    own = known.sample(said[name])
    score = standing(own, num, confidence, seed)[METRIC]
    if name == "single":
        return Tried(name, said[name], score, None)
    gain = difference(own, known.sample(said["single"]), num, confidence, seed)[METRIC]
    return Tried(name, said[name], score, gain)
