"""One check made: its findings in order, or why it could not be made."""

from __future__ import annotations

from dataclasses import replace

from photobench.audit.checks import CHECKS
from photobench.audit.evidence import Evidence, NotPossible
from photobench.audit.priority import worth
from photobench.records import Checked, Finding


def look(name: str, evidence: Evidence) -> Checked:
    """The findings of a check, what deserves a look first; the same evidence gives the same.

    Raises:
        ConfigError: there is no such check (with the nearest name).
    """
    check = CHECKS.get(name).build()
    own = replace(evidence, notes=[])
    try:
        findings = sorted(check.look(own), key=_order)
    except NotPossible as reason:
        return Checked(name, (), (), str(reason), check.misses, check.false_alarms)
    return Checked(name, tuple(findings), tuple(own.notes), "", check.misses, check.false_alarms)


def _order(finding: Finding) -> tuple[float, str, str, str]:
    return -worth(finding), finding.cluster, finding.path, finding.attribute
