"""The table of checks. Each is a function of the Evidence that returns Findings, in any order, and says what it misses.

A check of one's own is another Entry: everything that shows findings shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from photobench.audit.evidence import Evidence
from photobench.audit.labels.check import look as look_for_wrong_labels
from photobench.audit.labels.check import look_between
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


def _wrong_labels() -> Check:
    return Check(
        look_for_wrong_labels,
        "A wrong label that its photo bears out, a mistake made in most photos of a kind, and one in a class of fewer than five photos.",
        "Rare poses and views that look like another class, and photos between two classes by nature.",
    )


def _ambiguous() -> Check:
    return Check(
        look_between,
        "A photo between classes of which the model is wrongly sure.",
        "Photos that only this model cannot tell, such as dark or small ones.",
    )


CHECKS: Registry[Check] = Registry(
    "check",
    Entry("labels", _wrong_labels, "labels that are probably wrong, with the label suggested and the reasons"),
    Entry("ambiguous", _ambiguous, "photos between two classes by nature: for a look, not called wrong"),
)
