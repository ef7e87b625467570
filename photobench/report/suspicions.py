"""What the audit found, as pictures with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from photobench.explore.words import shortened
from photobench.records import Checked, Finding
from photobench.report.inputs import ReportInputs
from photobench.report.pictures import Picture, picture
from photobench.words import count

SHOWN = 12
"""Findings of each check that are pictured."""
RELATED = 4
"""Other photos beside each."""


@dataclass(frozen=True)
class Suspicion:
    """One finding with its photo and the photos that speak for it."""

    finding: Finding
    picture: Picture | None
    related: list[Picture]
    name: str

    @property
    def score(self) -> str:
        return f"{100 * self.finding.score:.0f}\u00a0%"


@dataclass(frozen=True)
class CheckView:
    """A check: what it found in all, and the first of its findings."""

    checked: Checked
    kinds: str
    shown: list[Suspicion]

    @property
    def num_hidden(self) -> int:
        return len(self.checked.findings) - len(self.shown)


def views(inputs: ReportInputs) -> list[CheckView]:
    """A view of each check that was made, in the order of the table of checks."""
    return [
        CheckView(one, _kinds(one), [_suspicion(inputs, finding) for finding in _first(one.findings)])
        for one in inputs.audit
    ]


def _kinds(one: Checked) -> str:
    kinds = Counter(finding.kind for finding in one.findings)
    return ", ".join(f"{kind} {number:,}" for kind, number in kinds.most_common()) or "nothing found"


def _first(findings: Sequence[Finding]) -> list[Finding]:
    """The most suspicious, one of each cluster, and no photo twice: a person sees as many different things as fit."""
    found: list[Finding] = []
    seen: set[str] = set()
    for finding in findings:
        known = {finding.path, finding.cluster or finding.path}
        if not known & seen:
            found.append(finding)
            seen |= known
        if len(found) == SHOWN:
            break
    return found


def _suspicion(inputs: ReportInputs, finding: Finding) -> Suspicion:
    related = [picture(inputs.thumbnail, path) for path in finding.related[:RELATED]]
    return Suspicion(
        finding,
        picture(inputs.thumbnail, finding.path),
        [one for one in related if one],
        shortened(finding.path, 60),
    )


def sentence(checked: Sequence[Checked]) -> str:
    """How much was found by how many checks."""
    made = [one for one in checked if not one.skipped]
    total = sum(len(one.findings) for one in made)
    return (
        f"{count(total, 'finding')} of {count(len(made), 'check')}. None is proof: each is a photo that a person should look at; "
        "in each check those that deserve it the most come first."
    )
