"""Photos divided into parts of alike classes, in whole clusters: the parts take turns to be asked, the others are learned from.

scikit-learn's StratifiedGroupKFold does the first half of this. It does not come back to a cluster that it has placed, so a rare
class is at times missing from a part though it has clusters enough. tests/data/test_folds.py compares the two.

Shape legend: N photos, G clusters, L kinds of label, K labels of all kinds and the photos themselves, F parts.
"""

from __future__ import annotations

import numpy as np

STARTS = 8
"""Divisions that are tried, of which the most even is taken; fewer where there are many clusters, which chance evens out."""
MANY_CLUSTERS = 4000
"""Of all tries together. With more, single moves make the parts even, and pairs are not looked at."""
MOST_PASSES = 20
SIZE_WEIGHT = 0.3
"""What an uneven number of photos counts beside an uneven share of a class."""


def divide(labels_NL: np.ndarray, clusters_N: np.ndarray, num: int, seed: int | tuple[int, ...] = 0) -> np.ndarray:
    """The part of each photo, (N,) 0 … num − 1: each has about its share of every label, and a cluster is in one part.

    Greedy: clusters that hold much of a rare label choose first, the others in random order; each goes where it makes the shares
    of the labels most even. Then clusters move, and change places, for as long as that makes them more even.

    Args:
        labels_NL: codes from 0 on, one column or several: the joint class, and the value of each attribute, which may be in every
            part even if some class that has it cannot be.
    """
    share_GK, where_N = _shares(labels_NL, clusters_N)
    rng = np.random.default_rng(seed)
    starts = max(1, min(STARTS, MANY_CLUSTERS // max(len(share_GK), 1)))
    tries = [_Division(share_GK, num, rng) for _ in range(starts)]
    return min(tries, key=lambda division: division.unevenness()).part_G[where_N]


def _shares(labels_NL: np.ndarray, clusters_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of each label, and of all photos, that is in each cluster, (G, K), and the cluster of each photo."""
    members, where_N = np.unique(clusters_N, return_inverse=True)
    columns = [_counts(codes_N, where_N, len(members)) for codes_N in labels_NL.T]
    shares = [counts_GV / np.maximum(counts_GV.sum(axis=0), 1) for counts_GV in columns]
    sizes_G = np.bincount(where_N, minlength=len(members)) / max(len(where_N), 1)
    return np.column_stack([*shares, SIZE_WEIGHT * sizes_G]), where_N


def _counts(codes_N: np.ndarray, where_N: np.ndarray, num_clusters: int) -> np.ndarray:
    counts_GV = np.zeros((num_clusters, int(codes_N.max(initial=-1)) + 1))
    np.add.at(counts_GV, (where_N, codes_N), 1)
    return counts_GV


class _Division:
    """Clusters in parts. `over_FK`: how much more of each label a part has than its share."""

    def __init__(self, share_GK: np.ndarray, num: int, rng: np.random.Generator):
        self.share_GK = share_GK
        self.part_G = np.full(len(share_GK), -1)
        self.over_FK = np.tile(share_GK.sum(axis=0) / -num, (num, 1))
        order = rng.permutation(len(share_GK))
        order = order[np.argsort(share_GK[order].max(axis=1, initial=0) <= 1 / (4 * num), kind="stable")]
        for group in order:
            tie_F = rng.random(num) * 1e-9  # chance decides between parts that want it alike
            self._put(group, int((self.over_FK @ share_GK[group] + tie_F).argmin()))
        for _ in range(MOST_PASSES):
            if not self._pass(order):
                break

    def unevenness(self) -> float:
        return float(np.square(self.over_FK).sum())

    def _put(self, group: int, part: int) -> None:
        if self.part_G[group] >= 0:
            self.over_FK[self.part_G[group]] -= self.share_GK[group]
        self.part_G[group] = part
        self.over_FK[part] += self.share_GK[group]

    def _pass(self, order: np.ndarray) -> bool:
        """Every cluster moves, or else changes places with another, where that helps. Whether any did."""
        pairs = len(order) <= MANY_CLUSTERS
        return sum(self._move(group) or (pairs and self._swap(group)) for group in order) > 0

    def _move(self, group: int) -> bool:
        share_K, own = self.share_GK[group], self.part_G[group]
        change_F = (self.over_FK - self.over_FK[own]) @ share_K + share_K @ share_K
        change_F[own] = 0
        best = int(change_F.argmin())
        if change_F[best] > -1e-9:
            return False
        self._put(group, best)
        return True

    def _swap(self, group: int) -> bool:
        """With the cluster of another part that helps most."""
        own = self.part_G[group]
        gain_GK = self.share_GK - self.share_GK[group]  # what the own part gets more, and the other one less
        change_G = ((self.over_FK[own] - self.over_FK[self.part_G] + gain_GK) * gain_GK).sum(axis=1)
        change_G[self.part_G == own] = 0
        best = int(change_G.argmin())
        if change_G[best] > -1e-9:
            return False
        self.part_G[group], self.part_G[best] = self.part_G[best], own
        self.over_FK[own] += gain_GK[best]
        self.over_FK[self.part_G[group]] -= gain_GK[best]
        return True
