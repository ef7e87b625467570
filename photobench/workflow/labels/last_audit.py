"""The audit as it was made last, for those who only show it: where decisions or photos came since, that is said, and nothing is made anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from photobench.audit.checks import CHECKS
from photobench.decisions.standing import changed_since
from photobench.decisions.words import told
from photobench.records import Checked, Decision, Finding, Manifest
from photobench.workflow.bench import Bench
from photobench.workflow.labels.auditing import is_current, last_made, opened
from photobench.workflow.labels.evidence import witnesses

UP_TO_DATE = "Bring it up to date: photobench audit"


@dataclass(frozen=True)
class LastAudit:
    """Every check that was ever made, with what it found of the photos and labels that are there today and nobody has decided on.

    Attributes:
        since: what has changed since it was made, in a sentence; empty where it is up to date.
    """

    checks: tuple[Checked, ...] = ()
    since: str = ""


def last_audit(bench: Bench) -> LastAudit:
    """Makes no check."""
    made = [one for name in CHECKS.names() if (one := last_made(bench, name))]
    if not made:
        return LastAudit()
    asked = witnesses(bench)
    older = {one.check: one for one in made if not is_current(bench, one.check, asked)}
    labels = _labels(asked.prepared.manifest)
    shown = [opened(bench, _of_today(one, labels) if one.check in older else one) for one in made]
    return LastAudit(tuple(shown), _since(bench.workspace.numbered_decisions(), older.values()) if older else "")


def _labels(manifest: Manifest) -> dict[str, dict[str, str | None]]:
    """What stands on each photo, by attribute."""
    names = [attribute.name for attribute in manifest.space.attributes]
    rows = manifest.frame[names].to_dict("records")
    return dict(zip(manifest.frame["path"], rows, strict=True))


def _of_today(one: Checked, labels: Mapping[str, Mapping[str, str | None]]) -> Checked:
    """With the findings on photos that are still there and labels that still stand."""

    def stands(finding: Finding) -> bool:
        known = labels.get(finding.path)
        return known is not None and known.get(finding.attribute, finding.given) == finding.given

    findings = [
        replace(f, related=tuple(path for path in f.related if path in labels)) for f in one.findings if stands(f)
    ]
    return replace(one, findings=tuple(findings))


def _since(decisions: Mapping[int, Decision], older: Iterable[Checked]) -> str:
    came = changed_since(decisions, min(one.known for one in older))
    what = f"decisions came to this: {told(came)}" if came else "photos, options or the models behind it have changed"
    return f"Since this audit was made, {what}. Its figures are those of before. {UP_TO_DATE}"
