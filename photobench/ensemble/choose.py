"""Which way to combine is worth it: each is fitted to some photos and measured on others, in turns, and the simplest good one is taken.

Shape legend: M members, N photos, K joint classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from photobench.data.folds import divide
from photobench.ensemble.known import METRIC, Known
from photobench.ensemble.methods import METHODS, Fitted, Method, combine
from photobench.errors import PhotobenchError
from photobench.evaluation import Figure
from photobench.paired import COMPARED, Drawn, apart, drawn, weighted
from photobench.progress import progress

PARTS = 5
"""Of the photos, which take turns to be those that nothing is fitted to."""
ONE_ERROR = 0.6827
"""An interval of this confidence reaches one standard error to each side."""
LIKELY = 0.9
"""What is above an interval of this confidence is better in 19 of 20 cases."""


@dataclass(frozen=True)
class Told:
    """What a way says of photos that it was not fitted to (N, K), how good that is, and how good what it says with more noise; None where no noise
    is known."""

    probs_NK: np.ndarray
    own: Drawn
    noisier: Drawn | None


@dataclass(frozen=True)
class Tried:
    """A way to combine, what it says of photos that it was not fitted to (N, K), its macro-F1, and how much more that is than the
    macro-F1 of the best member, which is chosen in the same turns (None for that one).

    `outlook`: how good it is expected to be on new photos, where each member is the mean of its models. `expected`: how much better than the best
    member there, in an interval of LIKELY; None where that is not known, or is the same.
    """

    name: str
    probs_NK: np.ndarray
    score: Figure
    gain: Figure | None
    outlook: Drawn
    expected: Figure | None


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
    told: dict[str, Told] = {}
    with progress(len(METHODS.names()), "combine", "ways") as bar:
        for name in METHODS.names():
            told[name] = _told(CrossFitted.of(name, known, part_N, seed), known, num, seed)
            bar.advance()
    single = told.pop("single")
    others = {
        name: Told(said_NK, drawn(known.sample(said_NK), num, seed), None) for name, said_NK in (more or {}).items()
    }
    score = single.own.figure(METRIC, confidence)
    best = Tried("single", single.probs_NK, score, None, _outlook(single, single), None)
    return [best, *(_tried(known, name, one, single, confidence) for name, one in {**others, **told}.items())]


def chosen(known: Known, tried: Sequence[Tried], sure: float = ONE_ERROR) -> Tried:
    """The simplest of those that are better than the best member on new photos, and no more than one standard error behind the best of them.

    Args:
        sure: of the interval that the difference to the best member has to leave; the best member is taken where none does.
    """
    single, *others = tried
    better = [one for one in others if _is_apart(known, one, single, sure)]
    best = max(better, key=lambda one: one.outlook.value[METRIC], default=single)
    return next((one for one in better if not _is_apart(known, best, one, ONE_ERROR)), single)


def _is_apart(known: Known, best: Tried, other: Tried, confidence: float) -> bool:
    """Where no interval is known, there is no reason to prefer the more complex one."""
    differ_N = best.probs_NK.argmax(axis=1) != other.probs_NK.argmax(axis=1)
    return _gain(known, differ_N, best.outlook, other.outlook, confidence).low > 0


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


@dataclass(frozen=True)
class CrossFitted:
    """A way that was fitted several times, each time to all photos but those (N,) of which it is asked."""

    method: Method
    fits: Sequence[tuple[np.ndarray, Fitted]]

    @classmethod
    def of(cls, name: str, known: Known, part_N: np.ndarray, seed: int) -> CrossFitted:
        """One fit per part."""
        method, parts = METHODS.build(name), [part_N == part for part in np.unique(part_N)]
        return cls(method, [(asked_N, method.fit(known.rows(~asked_N), seed)) for asked_N in parts])

    def told(self, probs_MNK: np.ndarray) -> np.ndarray:
        """What it makes of the members' answers, (N, K)."""
        probs_NK = np.zeros(probs_MNK.shape[1:])
        for asked_N, fitted in self.fits:
            members = fitted.asked()
            probs_NK[asked_N] = combine(self.method, fitted.only(members), probs_MNK[members][:, asked_N])
        return probs_NK


def _told(way: CrossFitted, known: Known, num: int, seed: int) -> Told:
    said_NK, noisier = way.told(known.probs_MNK), None
    if known.noisier_DMNK is not None:
        noisier = drawn(known.sample(np.stack([way.told(one) for one in known.noisier_DMNK])), num, seed)
        value = {name: np.array(known.with_more_noise(name, way.told)) for name in COMPARED}
        noisier = replace(noisier, value=value)  # of single draws, as that of the answers is of a single one
    return Told(said_NK, drawn(known.sample(said_NK), num, seed), noisier)


def _tried(known: Known, name: str, told: Told, single: Told, confidence: float) -> Tried:
    differ_N = told.probs_NK.argmax(axis=1) != single.probs_NK.argmax(axis=1)
    gain, outlook, expected = _gain(known, differ_N, told.own, single.own, confidence), _outlook(told, single), None
    if told.noisier:
        expected = _gain(known, differ_N, outlook, _outlook(single, single), LIKELY)
    return Tried(name, told.probs_NK, told.own.figure(METRIC, confidence), gain, outlook, expected)


def _outlook(told: Told, single: Told) -> Drawn:
    """Less noise adds what more of it takes off; where that is not known of a way, as much as of the best member."""
    own, noisier = (told.own, told.noisier) if told.noisier else (single.own, single.noisier)
    return weighted([told.own, own, noisier], [1, 1, -1]) if noisier else told.own


def _gain(known: Known, differ_N: np.ndarray, first: Drawn, second: Drawn, confidence: float) -> Figure:
    """How much better the first is, where the two differ about these of the photos."""
    num_differ = np.array([len(np.unique(known.clusters_N[differ_N]))])
    return apart([first], [second], METRIC, num_differ, confidence).gains()[0].figure
