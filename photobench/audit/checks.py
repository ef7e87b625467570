"""The table of checks. Each is a function of the Evidence that returns Findings, in any order, and says what it misses.

A check of one's own is another Entry: everything that shows findings shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from photobench.audit import duplicates, leakage, outliers, quality
from photobench.audit.evidence import Evidence
from photobench.audit.kinds import Kind
from photobench.audit.labels import between
from photobench.audit.labels import check as labels
from photobench.records import Finding
from photobench.registry import Entry, Registry


class Look(Protocol):
    """What a check does. Raises NotPossible where the evidence does not suffice."""

    def __call__(self, evidence: Evidence) -> list[Finding]: ...


@dataclass(frozen=True)
class Check:
    """How to look, and what a person must know of the result."""

    look: Look
    misses: str  # one sentence: which real problems it does not see
    false_alarms: str  # one sentence: what it wrongly reports
    kinds: tuple[Kind, ...] = ()  # what it may find: these names a rule may use
    needs_models: bool = True  # it looks at embeddings, probabilities or margins, which cost more than the photos
    method: int = 1  # raise it with every change of what it finds or says: what was kept is then made anew, also between two releases


CHECKS: Registry[Check] = Registry(
    "check",
    Entry(
        "labels",
        lambda: Check(labels.look, labels.MISSES, labels.FALSE_ALARMS, labels.KINDS),
        "labels that are probably wrong, with the label suggested and the reasons",
    ),
    Entry(
        "ambiguous",
        lambda: Check(between.look, between.MISSES, between.FALSE_ALARMS, between.KINDS),
        "photos between two classes by nature: for a look, not called wrong",
    ),
    Entry(
        "duplicates",
        lambda: Check(duplicates.look, duplicates.MISSES, duplicates.FALSE_ALARMS, duplicates.KINDS),
        "the same picture several times, also altered, and copies with different labels",
    ),
    Entry(
        "leakage",
        lambda: Check(leakage.look, leakage.MISSES, leakage.FALSE_ALARMS, leakage.KINDS),
        "photos or groups on both sides of a split, groups that look like one, labels that file or background give away",
    ),
    Entry(
        "quality",
        lambda: Check(quality.look, quality.MISSES, quality.FALSE_ALARMS, quality.KINDS, needs_models=False),
        "unreadable, dark, bright, blurred, empty; odd size, shape or colour; crops that fell back",
    ),
    Entry(
        "outliers",
        lambda: Check(outliers.look, outliers.MISSES, outliers.FALSE_ALARMS, outliers.KINDS),
        "photos that are unlike every class, and drawings among photos",
    ),
)
