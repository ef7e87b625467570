"""Greedy soups: whose weights are averaged. Wortsman et al., ICML 2022, recipe 1.

The best member comes first. The others follow, the better ones sooner, and each goes into the mean of the weights where that gets no worse by it.
What the mean of some members' weights says is no function of their answers, so it is asked for: `Mixed`.

Shape legend: N photos, K joint classes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from photobench.ensemble.known import METRIC, Known
from photobench.metrics import score

Members = tuple[int, ...]
"""Numbers of members, the lowest first."""
Mixed = Callable[[Members], np.ndarray]
"""What the mean of the weights of two members or more says of all known photos, (N, K)."""


def greedy_soup(known: Known, mixed: Mixed, rows_N: np.ndarray | None = None) -> Members:
    """Whose weights are averaged, by these of the photos; all of them where none are named. One member alone where no other helps."""
    rows_N = np.ones(len(known.truth_N), dtype=bool) if rows_N is None else rows_N
    truth_N = known.truth_N[rows_N]
    marks = known.rows(rows_N).marks()
    first, *others = sorted(range(known.num_members), key=lambda member: marks[member], reverse=True)
    chosen: Members = (first,)
    best = marks[first][0]
    for member in others:
        more = tuple(sorted((*chosen, member)))
        mark = score(METRIC, truth_N, mixed(more)[rows_N])
        if mark >= best:
            chosen, best = more, mark
    return chosen


def told(known: Known, mixed: Mixed, members: Members) -> np.ndarray:
    """What a soup of these members says of the known photos, (N, K)."""
    return mixed(members) if len(members) > 1 else known.probs_MNK[members[0]]


def cross_chosen(known: Known, mixed: Mixed, part_N: np.ndarray) -> np.ndarray:
    """What a soup says of each photo whose members were chosen by the other parts, (N, K)."""
    probs_NK = np.zeros(known.probs_MNK.shape[1:])
    for part in np.unique(part_N):
        asked_N = part_N == part
        probs_NK[asked_N] = told(known, mixed, greedy_soup(known, mixed, ~asked_N))[asked_N]
    return probs_NK
