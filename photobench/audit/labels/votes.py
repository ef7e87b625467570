"""What a photo's neighbours and its group say of its label.

Shape legend: N photos, V values, k neighbours, G groups.
"""

from __future__ import annotations

import numpy as np

from photobench.audit.neighbours import nearest

NEIGHBOURS = 10
SPARE = 20
"""Neighbours that may be of the photo's own cluster and do not count: copies and photos of one person agree for another reason."""
FEW_PAIRS = 10
"""Photos in groups of two or more, below which nothing is concluded from groups."""
ONE_VALUE = 0.9
"""Share of photos whose label is that of most of their group, from which on the attribute is taken to be the group's."""
ENTRY = 0.15
"""How much of the weight of independent words those of one group keep: they often were one entry of a table."""


def neighbours_of(vectors_ND: np.ndarray, clusters_N: np.ndarray) -> np.ndarray:
    """(N, NEIGHBOURS) the most similar photos of other clusters, the nearest first; −1 where there are not as many."""
    rows_Nk, cosines_Nk = nearest(vectors_ND, min(NEIGHBOURS + SPARE, len(vectors_ND)))
    counts = (rows_Nk >= 0) & (clusters_N[rows_Nk] != clusters_N[:, None]) & np.isfinite(cosines_Nk)
    order = np.argsort(~counts, axis=1, kind="stable")[:, :NEIGHBOURS]
    chosen = np.where(np.take_along_axis(counts, order, 1), np.take_along_axis(rows_Nk, order, 1), -1)
    missing = NEIGHBOURS - chosen.shape[1]
    return np.pad(chosen, ((0, 0), (0, max(missing, 0))), constant_values=-1)


def votes_of(neighbours_Nk: np.ndarray, codes_N: np.ndarray, num_values: int) -> np.ndarray:
    """(N, V) how many of a photo's neighbours carry each value."""
    votes_NV = np.zeros((len(codes_N), num_values), dtype=np.int64)
    rows, places = np.nonzero(neighbours_Nk >= 0)
    np.add.at(votes_NV, (rows, codes_N[neighbours_Nk[rows, places]]), 1)
    return votes_NV


def fellows_of(groups_N: np.ndarray, codes_N: np.ndarray, num_values: int) -> np.ndarray:
    """(N, V) how many other photos of a photo's group carry each value."""
    group_N = np.unique(groups_N, return_inverse=True)[1]
    counts_GV = np.zeros((group_N.max(initial=-1) + 1, num_values), dtype=np.int64)
    np.add.at(counts_GV, (group_N, codes_N), 1)
    fellows_NV = counts_GV[group_N]
    fellows_NV[np.arange(len(codes_N)), codes_N] -= 1
    return fellows_NV


def is_of_the_group(groups_N: np.ndarray, codes_N: np.ndarray, num_values: int) -> bool:
    """Whether photos of one group have one value: so with a person's gender, not so with whether the mask is worn."""
    fellows_NV = fellows_of(groups_N, codes_N, num_values)
    paired = fellows_NV.sum(axis=1) > 0
    if paired.sum() < FEW_PAIRS:
        return False
    most_N = fellows_NV[paired].argmax(axis=1)
    agreed = float((most_N == codes_N[paired]).mean())
    share_V = np.bincount(codes_N, minlength=num_values) / len(codes_N)
    return agreed > max(ONE_VALUE, (1 + float((share_V**2).sum())) / 2)


def pooled(log_probs_NV: np.ndarray, groups_N: np.ndarray) -> np.ndarray:
    """Log-probabilities of a value that all photos of a group share: the mean of theirs, surer with more photos, but not as if
    they were independent."""
    group_N, sizes_G = np.unique(groups_N, return_inverse=True, return_counts=True)[1:]
    sums_GV = np.zeros((len(sizes_G), log_probs_NV.shape[1]))
    np.add.at(sums_GV, group_N, log_probs_NV)
    joint_NV = (sums_GV / np.sqrt(sizes_G)[:, None])[group_N]
    return joint_NV - np.logaddexp.reduce(joint_NV, axis=1, keepdims=True)


def words_of_fellows(groups_N: np.ndarray, codes_N: np.ndarray, noise_VV: np.ndarray) -> np.ndarray:
    """(N, V) log-likelihood of the labels of the others in the group, where these do not all say the same as the photo's own.

    Where a group agrees, nothing is learnt from it: one wrong entry for a person is wrong in all of their photos.
    """
    fellows_NV = fellows_of(groups_N, codes_N, len(noise_VV))
    own_N = fellows_NV[np.arange(len(codes_N)), codes_N]
    differ_N = fellows_NV.sum(axis=1) > own_N
    words_NV = fellows_NV @ np.log(np.maximum(noise_VV, 0.01)).T
    fewest = np.log(fellows_NV.sum(axis=1, keepdims=True) + 1) / np.maximum(fellows_NV.sum(axis=1, keepdims=True), 1)
    return np.where(differ_N[:, None], words_NV * np.maximum(fewest, ENTRY), 0.0)
