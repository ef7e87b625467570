"""An audit told in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from photobench.records import Checked, Finding
from photobench.words import columns, count


def summary(checked: Sequence[Checked], only_new: bool = False) -> str:
    """A row per kind of finding, or of new finding, then what was said of the whole, then what could not be looked at."""
    rows = []
    for one in checked:
        findings = [finding for finding in one.findings if finding.new or not only_new]
        photos = {
            kind: len({finding.path for finding in findings if finding.kind == kind}) for kind in _kinds(findings)
        }
        rows += [(one.check, kind, f"{number:,}", f"{photos[kind]:,}") for kind, number in _kinds(findings).items()]
        if not findings and not one.skipped:
            rows.append((one.check, "nothing new" if one.findings else "nothing found", "", ""))
    lines = [columns(rows, ("check", "kind", "findings", "photos"))] if rows else []
    lines += [f"{one.check}: {note}" for one in checked for note in one.notes]
    lines += [_told_new(one) for one in checked if any(finding.new for finding in one.findings)]
    lines += [f"{one.check} was not made: {one.skipped}" for one in checked if one.skipped]
    return "\n".join(lines)


def of_all(shown: int, total: int) -> str:
    """The line above a ranking."""
    if shown == total:
        which = (
            "The finding" if total == 1 else f"All {count(total, 'finding')}, those that deserve a look the most first"
        )
    else:
        which = f"The {shown:,} of {count(total, 'finding')} that deserve a look first"
    order = "" if total == 1 else ", which alone is not the order: what would do more harm comes first"
    return f"{which}. The score is how sure a check is of what it says{order}."


def ranking(findings: Sequence[Finding]) -> str:
    """Two lines for each finding: how sure, what, where; and why, with the other photo where the words do not name it."""
    rows = [
        (f"{one.score:.2f}", f"{one.kind} (new)" if one.new else one.kind, _change(one), one.path) for one in findings
    ]
    table = columns(rows, ("score", "what", "label", "photo")).splitlines()
    return "\n".join(
        [
            table[0],
            *(f"{row}\n      {one.evidence}{_beside(one)}" for row, one in zip(table[1:], findings, strict=True)),
        ]
    )


def _beside(one: Finding) -> str:
    """Of what belongs together, such as copies: the photo to look at beside this one."""
    if not one.cluster or not one.related or one.related[0] in one.evidence:
        return ""
    return f" Beside: {one.related[0]}"


def _told_new(one: Checked) -> str:
    new = sum(finding.new for finding in one.findings)
    return f"{one.check}: {new:,} of {count(len(one.findings), 'finding')} {'was' if new == 1 else 'were'} not in the list before (photobench audit --new)."


def _kinds(findings: Sequence[Finding]) -> dict[str, int]:
    return dict(Counter(finding.kind for finding in findings).most_common())


def _change(finding: Finding) -> str:
    if not finding.attribute:
        return f"→ {finding.suggested}" if finding.suggested else ""
    arrow = f" → {finding.suggested}" if finding.suggested else ""
    return f"{finding.attribute}: {finding.given}{arrow}"
