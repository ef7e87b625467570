"""What the last audit found, as one list of which a finding is known by its place.

The list is that of the files, whatever was decided since: a finding that somebody has settled stays in it, so that an undo brings it back, and a
decision that makes the audit's fingerprint another one does not empty the queue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from photobench.audit.checks import CHECKS
from photobench.decisions.fields import fields_of
from photobench.records import EXCLUDE, FIXES, GROUP, Checked, Decision, Finding, Said
from photobench.workflow.bench import Bench
from photobench.workflow.labels.auditing import field_of, last_made, ranked
from photobench.workflow.reviewing.photos import ReviewPhotos
from photobench.workflow.reviewing.words import AUDIT_IS_OLD, NO_AUDIT


@dataclass(frozen=True)
class FoundList:
    """The findings of all checks, the most suspicious first, and the checks without their findings."""

    findings: Sequence[Finding]
    checks: Sequence[Checked] = ()
    notes: tuple[Said, ...] = ()
    missing: Said = field(default_factory=Said)
    """Why there are none, where no check was made yet."""

    def by_photo(self) -> dict[str, list[int]]:
        """Places of the findings on each photo."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, finding in enumerate(self.findings):
            found[finding.path].append(place)
        return found

    def columns(self, photos: ReviewPhotos) -> Mapping[str, Any]:
        """A list per column: numbers, and the lists in which they are places."""
        named = ("path", "check", "kind", "attribute", "score", "given", "suggested", "fix", "cluster")
        frame: dict[str, list[Any]] = {name: [getattr(one, name) for one in self.findings] for name in named}
        frame["field"] = [field_of(one) for one in self.findings]
        attributes = [a.name for a in photos.manifest.space.attributes]
        declared = [value for a in photos.manifest.space.attributes for value in a.values]
        texts = [*declared, *frame["given"], *frame["suggested"]]
        lists = {
            "checks": list(dict.fromkeys(frame["check"])),
            "kinds": list(dict.fromkeys(frame["kind"])),
            "attributes": list(dict.fromkeys([*attributes, *(text for text in frame["attribute"] if text)])),
            "values": [text for text in dict.fromkeys(texts) if text],
            "fixes": list(FIXES),
            "fields": list(dict.fromkeys([*attributes, EXCLUDE, GROUP, *frame["field"]])),
        }
        homes = {
            "check": "checks", "kind": "kinds", "attribute": "attributes", "given": "values", "suggested": "values",
            "fix": "fixes", "field": "fields",
        }  # fmt: skip
        clusters = [text for text in dict.fromkeys(frame["cluster"]) if text]
        return {
            "photo": [photos.row_of[path] for path in frame["path"]],
            **{name: _places(frame[name], lists[home]) for name, home in homes.items()},
            "score": [round(score, 3) for score in frame["score"]],
            "cluster": _places(frame["cluster"], clusters),
            **lists,
        }


def _places(column: Sequence[str], known: Sequence[str]) -> list[int]:
    place_of = {text: place for place, text in enumerate(known)}
    return [place_of.get(text, -1) for text in column]


def last_findings(bench: Bench, photos: ReviewPhotos, decisions: Iterable[Decision]) -> FoundList:
    """What the checks that were made last have found, of the photos and labels that are there.

    Args:
        decisions: every one ever made: a finding may be about a label that a decision gave.
    """
    said = {(one.photo, one.field, one.new) for one in decisions}
    made = [one for name in CHECKS.names() if (one := last_made(bench, name))]
    if not made:
        return FoundList((), missing=NO_AUDIT())
    kept = [replace(one, findings=tuple(f for f in one.findings if _is_of_today(f, photos, said))) for one in made]
    gone = sum(len(one.findings) for one in made) - sum(len(one.findings) for one in kept)
    notes = (AUDIT_IS_OLD(num=gone),) if gone else ()
    return FoundList(ranked(kept), [replace(one, findings=()) for one in kept], notes)


def _is_of_today(finding: Finding, photos: ReviewPhotos, said: set[tuple[str, str, Any]]) -> bool:
    field = field_of(finding)
    if finding.path not in photos.row_of or field not in fields_of(photos.manifest.space):
        return False
    if not finding.attribute or not finding.given:
        return True
    topic = (finding.path, field)
    return finding.given == photos.known.stands(*topic) or (*topic, finding.given) in said
