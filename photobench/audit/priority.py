"""What deserves a look first, over all checks: what is sure, and would do harm if nobody looked.

Scores of different checks are no common measure. A kind has a weight (`audit/kinds.py`), and the worth of a look is the score times that: copies
with two labels, leaks and sure wrong labels come before copies and odd photos, and those before photos between two classes.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from photobench.audit.checks import CHECKS
from photobench.records import Checked, Finding

USUAL = 0.5
"""Weight of what no check of ours declares."""
AGAIN = 0.85
"""What each further finding of a kind is worth beside the one before it, in a short list: no kind hides the others."""


def worth(finding: Finding) -> float:
    """Of a look at it."""
    return finding.score * _weights().get((finding.check, finding.kind), USUAL)


@cache
def _weights() -> dict[tuple[str, str], float]:
    return {(entry.name, kind.name): kind.weight for entry in CHECKS for kind in entry.build().kinds}


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """What deserves a look the most first; equally worthy ones stay as they come."""
    return sorted(findings, key=worth, reverse=True)


def foremost(checked: Sequence[Checked], top: int) -> list[Finding]:
    """A short list that a person reads: what deserves a look first, but of each cluster one, as long as there are others, and of a kind that
    has many no more than leaves room for the others."""
    queues: dict[tuple[str, str], list[Finding]] = {}
    for finding in reversed(in_order(finding for one in checked for finding in one.findings)):
        queues.setdefault((finding.check, finding.kind), []).append(finding)
    heap = [(-worth(queue[-1]), kind) for kind, queue in queues.items()]
    heapq.heapify(heap)
    chosen: list[Finding] = []
    of_cluster: list[Finding] = []
    told, seen = Counter[tuple[str, str]](), set[str]()
    while heap and len(chosen) < top:
        _, kind = heapq.heappop(heap)
        finding = queues[kind].pop()
        if finding.cluster in seen:
            of_cluster.append(finding)
        else:
            chosen.append(finding)
            told[kind] += 1
            seen |= {finding.cluster} - {""}
        if queues[kind]:
            heapq.heappush(heap, (-worth(queues[kind][-1]) * AGAIN ** told[kind], kind))
    return in_order([*chosen, *of_cluster[: top - len(chosen)]])
