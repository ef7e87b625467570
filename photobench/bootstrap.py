"""Intervals by resampling whole groups: photos of one person are not independent, so persons are drawn, not
photos.

A resampling is a weight per group, how often it was drawn. Every figure is a function of sums over groups, so
that B resamplings are a product of a sparse matrix, made once, with the weights.

Shape legend: N photos, G groups, K classes, B resamplings, b those of one chunk, U distinct scores of a
class's photos."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from photobench import metrics
from photobench.metrics import Counts

CHUNK = 2_000_000  # numbers per array while resampling: 16 MB
AUC_BUDGET = 2_000_000_000  # photos × classes × resamplings that AUC may cost: some seconds
FEWEST_AUC = 100
MIN_GROUPS = 5  # with fewer there is too little to resample: an interval would look exact and mean nothing
JACKKNIFE_GROUPS = 1000  # with more groups the bootstrap needs no correction of its width

Figures = dict[str, np.ndarray]
"""Figures of B resamplings by name: `accuracy`, `macro_f1`, … (B,), and per class `class_f1`, … (B, K)."""


@dataclass(frozen=True)
class Sample:
    """Photos with their truth, what was predicted, and who is in them (0 … G − 1)."""

    truth_N: np.ndarray
    predicted_N: np.ndarray
    probs_NK: np.ndarray
    groups_N: np.ndarray
    num_groups: int

    @property
    def num_classes(self) -> int:
        return self.probs_NK.shape[1]


def resample(sample: Sample, num: int, seed: int, with_auc: bool = True) -> Figures:
    """The figures of `num` resamplings of the groups, with replacement: for one seed the same groups, whatever was predicted.

    AUC is the costly one: where photos × classes × resamplings exceed AUC_BUDGET, it is made from the first
    resamplings only (at least FEWEST_AUC), and the others have NaN."""
    num_auc = min(num, max(FEWEST_AUC, AUC_BUDGET // max(1, sample.probs_NK.size))) if with_auc else 0
    return _figures(sample, multiplicities(sample.num_groups, num, seed, chunk_size(sample)), num_auc)


def leave_one_out(sample: Sample, with_auc: bool = True) -> Figures | None:
    """The figures without each group in turn; None with more than JACKKNIFE_GROUPS, which need none."""
    num = sample.num_groups
    if num > JACKKNIFE_GROUPS:
        return None
    size = chunk_size(sample)
    weights = (1.0 - np.eye(num)[:, start : start + size] for start in range(0, num, size))
    affordable = with_auc and num * sample.probs_NK.size <= AUC_BUDGET
    return _figures(sample, weights, num if affordable else 0)


def chunk_size(sample: Sample) -> int:
    """Resamplings to do at once, so that memory stays bounded."""
    return max(1, min(256, CHUNK // max(len(sample.truth_N), sample.num_classes, 1)))


def multiplicities(num_groups: int, num: int, seed: int, size: int = 256) -> Iterator[np.ndarray]:
    """How often each group is drawn, (G, b) at a time, until there were `num` draws of G groups from G."""
    rng = np.random.default_rng(seed)
    for start in range(0, num, size):
        width = min(size, num - start)
        drawn = rng.integers(num_groups, size=(width, num_groups)) + np.arange(width)[:, None] * num_groups
        counts_bG = np.bincount(drawn.ravel(), minlength=width * num_groups).reshape(width, num_groups)
        yield np.ascontiguousarray(counts_bG.T, dtype=np.float64)


def interval(
    value: np.ndarray,
    resampled: np.ndarray,
    left_out: np.ndarray | None,
    confidence: float,
    lowest: float = 0.0,
    highest: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends (...) for a value (...) from its resamplings (B, ...) and leave-one-out values (G,
    ...). No figure is below `lowest`, or above `highest`.

    The percentiles of the resamplings, moved so that their mean lies on the value, and widened by how much
    the standard error of the leave-one-group-out jackknife exceeds theirs. A rare class is missing from a
    third of the resamplings or more and then hides its share of the doubt, and macro-F1 is lower in a
    resampling than in the sample; the jackknife errs on the wide side (Efron & Stein 1981).
    `bench/intervals.py` compares the coverage with that of the usual methods. Undefined figures are left out.
    NaN where the resamplings do not differ: they then say nothing about the doubt."""
    tail = (1 - confidence) / 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a figure that is never defined has no interval
        center, spread = np.nanmean(resampled, axis=0), np.nanstd(resampled, axis=0)
        low, high = _quantiles(resampled, tail, 1 - tail)
        widen = 1.0 if left_out is None else np.fmax(1.0, jackknife_error(left_out) / spread)
        low = np.clip(np.fmin(value + (low - center) * widen, value), lowest, highest)
        high = np.clip(np.fmax(value + (high - center) * widen, value), lowest, highest)
    known = (spread > 1e-12) & np.isfinite(value)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _quantiles(values_B: np.ndarray, *levels: float) -> list[np.ndarray]:
    """`np.nanquantile` along the first axis, without its loop over columns."""
    ordered_B = np.sort(values_B, axis=0)  # NaN goes last
    last = np.maximum(np.isfinite(values_B).sum(axis=0) - 1, 0)
    found = []
    for level in levels:
        place = level * last
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, last)
        low, high = (np.take_along_axis(ordered_B, at[None], axis=0)[0] for at in (below, above))
        found.append(low + (high - low) * (place - below))
    return found


def jackknife_error(left_out: np.ndarray) -> np.ndarray:
    """Standard errors (...) of figures from their values without each group (G, ...)."""
    defined = np.isfinite(left_out).sum(axis=0)
    return np.sqrt(np.nanvar(left_out, axis=0) * (defined - 1))


def _figures(sample: Sample, chunks: Iterator[np.ndarray], num_auc: int) -> Figures:
    counts, auc = GroupCounts(sample), GroupAuc(sample) if num_auc else None
    parts: list[Figures] = []
    for weights_Gb in chunks:
        width = weights_Gb.shape[1]
        now = min(width, num_auc)
        num_auc -= now
        auc_bK = np.full((width, sample.num_classes), np.nan)
        if now and auc:
            auc_bK[:now] = auc.weighted(np.ascontiguousarray(weights_Gb[:, :now]))
        parts.append(figures(counts.weighted(weights_Gb), auc_bK))
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def figures(counts: Counts, auc: np.ndarray) -> Figures:
    """Every figure of an evaluation, over any leading axes."""
    per_class = {
        "precision": metrics.precision(counts),
        "recall": metrics.recall(counts),
        "f1": metrics.f1(counts),
        "auc": auc,
    }
    means = {"auc" if name == "auc" else f"macro_{name}": metrics.macro(v) for name, v in per_class.items()}
    return {"accuracy": metrics.accuracy(counts), **means} | {f"class_{n}": v for n, v in per_class.items()}


class GroupCounts:
    """Hits, truth and predictions per class and group, sparse; weighting the groups gives Counts."""

    def __init__(self, sample: Sample):
        hit_N = sample.truth_N == sample.predicted_N
        shape = (sample.num_classes, sample.num_groups)
        self.hits = _tally(sample.truth_N[hit_N], sample.groups_N[hit_N], shape)
        self.truth = _tally(sample.truth_N, sample.groups_N, shape)
        self.predicted = _tally(sample.predicted_N, sample.groups_N, shape)

    def weighted(self, weights_Gb: np.ndarray) -> Counts:
        """Counts (b, K)."""
        return Counts((self.hits @ weights_Gb).T, (self.truth @ weights_Gb).T, (self.predicted @ weights_Gb).T)


class GroupAuc:
    """The ROC curves sorted once, each class against the rest; weighting the groups costs a sparse product.

    See `metrics.auc_steps` for the stairs.
    """

    def __init__(self, sample: Sample):
        self._classes = [self._class(sample, k) for k in range(sample.num_classes)]

    def weighted(self, weights_Gb: np.ndarray) -> np.ndarray:
        """AUC (b, K), NaN where a resampling has no photo of the class, or no other."""
        return np.stack([self._weighted(*stairs, weights_Gb) for stairs in self._classes], axis=1)

    @staticmethod
    def _class(sample: Sample, k: int) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        positive_N = sample.truth_N == k
        step, left, right = metrics.auc_steps(positive_N, sample.probs_NK[:, k])
        size = int(step.max(initial=-1)) + 2
        theirs, others = sample.groups_N[positive_N], sample.groups_N[~positive_N]
        gained = _tally(np.r_[left, right], np.r_[others, others], (size, sample.num_groups)) * 0.5
        return _tally(step, theirs, (size - 1, sample.num_groups)), gained

    @staticmethod
    def _weighted(positives_UG: sparse.csr_matrix, gained_UG: sparse.csr_matrix, weights_Gb: np.ndarray) -> np.ndarray:
        above_Ub, gained_Ub = positives_UG @ weights_Gb, gained_UG @ weights_Gb
        pairs_b = above_Ub.sum(axis=0) * gained_Ub.sum(axis=0)
        credit_b = (above_Ub * np.cumsum(gained_Ub[:-1], axis=0)).sum(axis=0)
        return np.divide(credit_b, pairs_b, out=np.full(len(pairs_b), np.nan), where=pairs_b > 0)


def _tally(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()
