"""Which conditions go with wrong answers, beyond what chance shows among so many.

The measure of a condition is how its photos' errors exceed the mean error, as a sum over groups, divided by its standard error
(a score test whose clusters are the groups). What the largest of all measures would be by chance is found by turning the sign of each
group's contribution at random, the same for all conditions, so that conditions that are nearly the same count as nearly one
(Chernozhukov, Chetverikov, Kato 2013: multiplier bootstrap of a maximum). The clearest condition is taken, its photos are put aside,
and the rest is looked at again, until nothing exceeds chance: what overlaps with a clearer slice is not named twice.

Shape legend: N photos, G groups, S conditions, B draws, K classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from photobench import metrics
from photobench.bootstrap import MIN_GROUPS, GroupCounts, Sample, multiplicities
from photobench.evaluation import Figure
from photobench.metrics import Counts
from photobench.records import Manifest, Predictions
from photobench.slices.conditions import FEWEST_PHOTOS, LARGEST_SHARE, Condition, conditions
from photobench.slices.found import Slice, Slices

DRAWS = 1000
MAX_FOUND = 8
MAX_CLUSTERS = 1500
"""More groups are put together at random, which is as valid and bounded in time."""
SIMPLER = 1.0
"""Standard errors by which two conditions together must be clearer than one of them alone."""
CHUNK = 4_000_000
"""Numbers of photos × conditions at once."""


def find_slices(
    manifest: Manifest,
    predictions: Predictions,
    split: str,
    sample: Sample,
    paths_N: np.ndarray,
    facts: pd.DataFrame,
    confidence: float,
    seed: int,
) -> Slices:
    """The slices in which more is wrong than elsewhere, the most costly first.

    Args:
        sample: the labelled photos of the split with their answers; `paths_N` are their names (`evaluate.joint_sample`, `told_paths`).
        facts: a row per photo of the manifest (`photo_facts`).
        confidence: where no slice is worse than any other, none is named so often.
    """
    wrong_N = sample.truth_N != sample.predicted_N
    about = (
        len(wrong_N),
        int(wrong_N.sum()),
        sample.num_groups,
        manifest.has_groups,
        confidence,
        predictions.run,
        split,
    )
    why_not = _why_not(wrong_N, sample.num_groups)
    if why_not:
        return Slices((), 0, *about, why_not)
    rows = pd.Index(manifest.frame["path"]).get_indexer(pd.Index(paths_N))
    known = conditions(facts.iloc[rows].reset_index(drop=True))
    picks = search(wrong_N, sample.groups_N, known, confidence, seed)
    made = [_slice(sample, manifest, paths_N, known[pick.place], pick, seed) for pick in picks]
    return Slices(tuple(sorted(made, key=lambda one: -one.macro_f1.value)), len(known), *about)


def _why_not(wrong_N: np.ndarray, num_groups: int) -> str:
    if len(wrong_N) < 2 * FEWEST_PHOTOS or num_groups < 2 * MIN_GROUPS:
        return f"{len(wrong_N):,} photos of {num_groups:,} groups are too few to compare kinds of photos."
    return (
        ""
        if wrong_N.any() and not wrong_N.all()
        else f"All photos are answered {'wrongly' if wrong_N.any() else 'rightly'}."
    )


@dataclass(frozen=True)
class Pick:
    """A condition that was found: its place, its measure, the probability of one as clear by chance, and how wide an interval must be."""

    place: int
    measure: float
    chance: float
    width: float  # standard errors on each side, for all conditions together


def search(
    wrong_N: np.ndarray, groups_N: np.ndarray, known: Sequence[Condition], confidence: float, seed: int
) -> list[Pick]:
    """The clearest condition, then the clearest among the photos that do not meet it, and so on while they exceed chance."""
    rng = np.random.default_rng(seed)
    found: list[Pick] = []
    left_N = np.ones(len(wrong_N), dtype=bool)
    meets_NS = np.stack([one.meets_N for one in known], axis=1) if known else np.zeros((len(wrong_N), 0), dtype=bool)
    while len(found) < MAX_FOUND and left_N.sum() >= 2 * FEWEST_PHOTOS:
        pick = _clearest(wrong_N[left_N], groups_N[left_N], meets_NS[left_N], known, rng, confidence)
        if pick is None or pick.chance > 1 - confidence:
            break
        found.append(pick)
        left_N &= ~known[pick.place].meets_N
    return found


def _clearest(
    wrong_N: np.ndarray, groups_N: np.ndarray, meets_NS: np.ndarray, known: Sequence[Condition], rng: np.random.Generator, confidence: float
) -> Pick | None:  # fmt: skip
    clusters_N, num = _clusters(groups_N, rng)
    sizes_S = meets_NS.sum(axis=0)
    places = np.flatnonzero((sizes_S >= FEWEST_PHOTOS) & (sizes_S <= LARGEST_SHARE * len(wrong_N)))
    if not len(places) or num < 2 * MIN_GROUPS:
        return None
    sums_GS = _sums(wrong_N, clusters_N, num, meets_NS[:, places])
    error_S = np.sqrt(np.square(sums_GS).sum(axis=0))
    measure_S = sums_GS.sum(axis=0) / np.maximum(error_S, 1e-12)
    signs_BG = rng.integers(0, 2, (DRAWS, num)).astype(np.float64) * 2 - 1
    largest_B = (signs_BG @ (sums_GS / np.maximum(error_S, 1e-12))).max(axis=1)
    best = _simplest(int(measure_S.argmax()), measure_S, places, known)
    chance = (1 + (largest_B >= measure_S.max()).sum()) / (1 + DRAWS)
    return Pick(int(places[best]), float(measure_S[best]), float(chance), float(np.quantile(largest_B, confidence)))


def _clusters(groups_N: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    _, clusters_N = np.unique(groups_N, return_inverse=True)
    num = int(clusters_N.max()) + 1
    if num > MAX_CLUSTERS:
        clusters_N, num = (rng.permutation(num) % MAX_CLUSTERS)[clusters_N], MAX_CLUSTERS
    return clusters_N, num


def _sums(wrong_N: np.ndarray, clusters_N: np.ndarray, num: int, meets_NS: np.ndarray) -> np.ndarray:
    """(G, S) what each group adds to (condition − its share) × (error − mean error)."""
    excess_N = wrong_N - wrong_N.mean()
    gather = sparse.csr_matrix((excess_N, (clusters_N, np.arange(len(clusters_N)))), shape=(num, len(clusters_N)))
    width = max(1, CHUNK // len(wrong_N))
    parts = [gather @ meets_NS[:, s : s + width].astype(np.float64) for s in range(0, meets_NS.shape[1], width)]
    whole_G = np.bincount(clusters_N, excess_N, num)
    return np.concatenate(parts, axis=1) - whole_G[:, None] * meets_NS.mean(axis=0)


def _simplest(best: int, measure_S: np.ndarray, places: np.ndarray, known: Sequence[Condition]) -> int:
    """The best itself, or the one of its two conditions that is nearly as clear alone."""
    parts = [int(at) for part in known[places[best]].parts for at in np.flatnonzero(places == part)]
    near = [at for at in parts if measure_S[at] > measure_S[best] - SIMPLER]
    return max(near, key=lambda at: measure_S[at]) if near else best


def _slice(
    sample: Sample, manifest: Manifest, paths_N: np.ndarray, condition: Condition, pick: Pick, seed: int
) -> Slice:
    meets_N, wrong_N = condition.meets_N, sample.truth_N != sample.predicted_N
    f1, accuracy = _costs(sample, meets_N, pick.width, seed)
    sure_N = sample.probs_NK[np.arange(len(wrong_N)), sample.predicted_N]
    rows = np.flatnonzero(meets_N & wrong_N)
    return Slice(
        words=condition.words,
        num_photos=int(meets_N.sum()),
        num_wrong=len(rows),
        error=float(wrong_N[meets_N].mean()),
        error_elsewhere=float(wrong_N[~meets_N].mean()),
        macro_f1=f1,
        accuracy=accuracy,
        chance=pick.chance,
        mostly=_mostly(manifest, sample, rows),
        paths=tuple(paths_N[rows[np.argsort(-sure_N[rows], kind="stable")]]),
    )


def _mostly(manifest: Manifest, sample: Sample, rows: np.ndarray) -> str:
    """The label that is wrong in most of these photos."""
    space = manifest.space
    if len(space.attributes) == 1 or not len(rows):
        return ""
    differs_A = (space.decompose(sample.truth_N[rows]) != space.decompose(sample.predicted_N[rows])).sum(axis=0)
    return f"{space.attributes[int(differs_A.argmax())].name} ({int(differs_A.max())})"


def _costs(sample: Sample, meets_N: np.ndarray, width: float, seed: int) -> tuple[Figure, Figure]:
    """Macro-F1 and accuracy that are lost, with intervals from resampling groups, `width` standard errors wide on each side."""
    inside, outside = (GroupCounts(_part(sample, part)) for part in (meets_N, ~meets_N))
    whole = np.ones((sample.num_groups, 1))
    values = _lost(inside.weighted(whole), outside.weighted(whole))
    size = max(1, CHUNK // max(len(meets_N), sample.num_classes))
    drawn = [
        _lost(inside.weighted(weights_Gb), outside.weighted(weights_Gb))
        for weights_Gb in multiplicities(sample.num_groups, DRAWS // 2, seed, min(size, 250))
    ]
    found = []
    for number, value in enumerate(values):
        spread = float(np.nanstd(np.concatenate([part[number] for part in drawn])))
        found.append(Figure(float(value[0]), float(value[0]) - width * spread, float(value[0]) + width * spread))
    return found[0], found[1]


def _part(sample: Sample, part_N: np.ndarray) -> Sample:
    return Sample(
        sample.truth_N[part_N],
        sample.predicted_N[part_N],
        sample.probs_NK[part_N],
        sample.groups_N[part_N],
        sample.num_groups,
    )


def _lost(inside: Counts, outside: Counts) -> tuple[np.ndarray, np.ndarray]:
    """(b,) each: how much higher macro-F1 and accuracy would be if as few were wrong inside as outside.

    The errors inside are thinned out evenly: each class loses the same share of them.
    """
    error_in, error_out = (_error(counts) for counts in (inside, outside))
    keep = np.divide(error_out, error_in, out=np.ones_like(error_in), where=error_in > 0)[:, None]
    mended_bK = (1 - keep) * (inside.truth - inside.hits)
    freed_bK = (1 - keep) * (inside.predicted - inside.hits)
    now = Counts(inside.hits + outside.hits, inside.truth + outside.truth, inside.predicted + outside.predicted)
    then = Counts(now.hits + mended_bK, now.truth, now.predicted - freed_bK + mended_bK)
    lost_f1 = metrics.macro(metrics.f1(then)) - metrics.macro(metrics.f1(now))
    return lost_f1, metrics.accuracy(then) - metrics.accuracy(now)


def _error(counts: Counts) -> np.ndarray:
    truth_b = counts.truth.sum(axis=-1)
    return 1 - np.divide(counts.hits.sum(axis=-1), truth_b, out=np.ones_like(truth_b), where=truth_b > 0)
