"""Whether a probability means what it says: of answers given with 80 %, four of five should be right.

The expected calibration error (ECE) is the mean distance between the confidence of answers and the share of them that is right, over bins
of equally many photos (equal mass: Nixon et al. 2019). Chance alone makes it positive, the more so the fewer photos a bin has; about 40 % of
that are taken off, as what a normal error of the bin adds to its distance (Kumar, Liang and Ma, "Verified uncertainty calibration", NeurIPS
2019, the debiased ℓ1 estimate). The error of a bin is that of whole groups, since photos of one person are right and wrong together.

Shape legend: N photos, G groups, M bins, B resamplings, b those of one chunk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import ndtr, ndtri

from photobench import bootstrap
from photobench.bootstrap import MIN_GROUPS, Sample
from photobench.evaluation import Bin, Figure, Reliability

NUM_BINS = 15
FEWEST_IN_BIN = 50
"""Photos; with fewer there are fewer bins."""


def reliability(sample: Sample, num: int, confidence: float, seed: int) -> Reliability:
    """ECE of the class that is said, with its interval from `num` resamplings of the groups, and the bins behind it."""
    said_N1 = sample.predicted_N[:, None]
    confidence_N = np.take_along_axis(sample.probs_NK, said_N1, axis=1)[:, 0].astype(np.float64)
    right_N = (sample.predicted_N == sample.truth_N).astype(np.float64)
    binned = _Binned.of(confidence_N, right_N, sample.groups_N, sample.num_groups)
    value = binned.ece(np.ones((sample.num_groups, 1)))[0]
    ece = Figure(float(value))
    if num and sample.num_groups >= MIN_GROUPS:
        drawn = [binned.ece(w) for w in bootstrap.multiplicities(sample.num_groups, num, seed)]
        low, high = bootstrap.interval(np.array(value), np.concatenate(drawn), None, confidence)
        ece = Figure(float(value), float(low), float(high))
    return Reliability(ece, binned.bins(confidence_N, right_N, confidence))


@dataclass(frozen=True)
class _Binned:
    """Which bin each photo is in, and per bin and group: photos, and how many more were right than promised."""

    bin_N: np.ndarray
    sizes_MG: sparse.csr_matrix
    gaps_MG: sparse.csr_matrix

    @classmethod
    def of(cls, confidence_N: np.ndarray, right_N: np.ndarray, groups_N: np.ndarray, num_groups: int) -> _Binned:
        num = int(np.clip(len(confidence_N) // FEWEST_IN_BIN, 1, NUM_BINS))
        edges = np.unique(np.quantile(confidence_N, np.arange(1, num) / num))  # equal ones stay together
        bin_N = np.searchsorted(edges, confidence_N, side="right")
        bin_N = np.unique(bin_N, return_inverse=True)[1]
        shape = (int(bin_N.max(initial=0)) + 1, num_groups)
        sizes, gaps = (
            sparse.coo_matrix((values, (bin_N, groups_N)), shape=shape).tocsr()
            for values in (np.ones(len(bin_N)), right_N - confidence_N)
        )
        return cls(bin_N, sizes, gaps)

    def ece(self, weights_Gb: np.ndarray) -> np.ndarray:
        """(b,) the debiased error under weights of the groups; never below 0."""
        sizes_Mb, gap_Mb, error_Mb = self._moments(weights_Gb)
        share_Mb = sizes_Mb / sizes_Mb.sum(axis=0)
        return np.maximum((share_Mb * (2 * np.abs(gap_Mb) - _folded_mean(gap_Mb, error_Mb))).sum(axis=0), 0)

    def bins(self, confidence_N: np.ndarray, right_N: np.ndarray, confidence: float) -> tuple[Bin, ...]:
        sizes_M1, _, error_M1 = self._moments(np.ones((self.sizes_MG.shape[1], 1)))
        promised_M, kept_M = (np.bincount(self.bin_N, values) / sizes_M1[:, 0] for values in (confidence_N, right_N))
        half_M = ndtri((1 + confidence) / 2) * error_M1[:, 0]
        return tuple(
            Bin(int(n), float(p), float(k), float(max(k - h, 0)), float(min(k + h, 1)))
            for n, p, k, h in zip(sizes_M1[:, 0], promised_M, kept_M, half_M, strict=True)
        )

    def _moments(self, weights_Gb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Photos of each bin, the mean gap, and its standard error over groups, (M, b) each."""
        sizes_Mb = self.sizes_MG @ weights_Gb
        safe_Mb = np.maximum(sizes_Mb, 1e-9)
        gap_Mb = (self.gaps_MG @ weights_Gb) / safe_Mb
        # Σ_g w (gaps − gap · sizes)², from its three sums
        squares = (
            self.gaps_MG.power(2) @ weights_Gb
            - 2 * gap_Mb * (self.gaps_MG.multiply(self.sizes_MG).tocsr() @ weights_Gb)
            + gap_Mb**2 * (self.sizes_MG.power(2) @ weights_Gb)
        )
        return sizes_Mb, gap_Mb, np.sqrt(np.maximum(squares, 0)) / safe_Mb


def _folded_mean(mean: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The mean of the absolute value of a normal variable."""
    ratio = np.divide(mean, error, out=np.full_like(mean, np.inf), where=error > 0)
    return np.where(error > 0, 2 * error * _density(ratio) + mean * (1 - 2 * ndtr(-ratio)), np.abs(mean))


def _density(values: np.ndarray) -> np.ndarray:
    """Of the standard normal distribution."""
    return np.exp(-(values**2) / 2) / np.sqrt(2 * np.pi)
