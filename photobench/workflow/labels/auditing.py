"""The audit: every check made of the project's photos, kept until the photos, their labels or the evidence are others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from photobench import __version__
from photobench.audit.checks import CHECKS
from photobench.audit.priority import in_order
from photobench.decisions.standing import Topic, standing_values
from photobench.errors import PhotobenchError
from photobench.progress import say
from photobench.records import EXCLUDE, GROUP, Checked, Finding, findings_frame, fingerprint
from photobench.words import count
from photobench.workflow.bench import Bench
from photobench.workflow.labels.evidence import Witnesses, witnesses
from photobench.workflow.models.asking import write_table


def audit(bench: Bench, checks: Sequence[str] = ()) -> list[Checked]:
    """Make these checks, or all of them; what is up to date is not made again. A kill loses the check in flight.

    What a person has decided is not brought up again.

    Raises:
        ConfigError: there is no such check (with the nearest name).
    """
    wanted = list(dict.fromkeys(CHECKS.get(name).name for name in checks or CHECKS.names()))
    asked = witnesses(bench)
    kept = {name: _kept(bench, name, asked) for name in wanted}
    todo = [name for name, checked in kept.items() if checked is None]
    if todo:
        with bench.workspace.lock("photobench audit"), bench.stage("audit"):
            kept |= {name: _made(bench, name, asked) for name in todo}
    return [opened(bench, checked) for checked in kept.values() if checked]


def opened(bench: Bench, checked: Checked) -> Checked:
    """With the findings that nobody has decided on; how many others there are is said."""
    left = tuple(undecided(bench, checked.findings))
    decided = len(checked.findings) - len(left)
    note = (
        f"{count(decided, 'more finding')} {'is' if decided == 1 else 'are'} decided on already, and not listed again."
    )
    return replace(checked, findings=left, notes=(*checked.notes, note) if decided else checked.notes)


def only_new(checked: Sequence[Checked]) -> list[Checked]:
    """With the findings that the list before did not have: after decisions every score moves, and what was looked at need not be looked at again."""
    return [replace(one, findings=tuple(finding for finding in one.findings if finding.new)) for one in checked]


def ranked(checked: Sequence[Checked]) -> list[Finding]:
    """The findings of all checks, what deserves a look the most first."""
    return in_order(finding for one in checked for finding in one.findings)


def undecided(bench: Bench, findings: Sequence[Finding]) -> list[Finding]:
    """Without those on which a person has decided: on the label in question, or that the photo is left out."""
    decided = standing_values(bench.workspace.numbered_decisions())
    return [
        finding
        for finding in findings
        if decided.get((finding.path, EXCLUDE)) is not True and topic_of(finding) not in decided
    ]


def field_of(finding: Finding) -> str:
    """Of a decision that would settle it."""
    return {"exclude": EXCLUDE, "group": GROUP}.get(finding.fix) or finding.attribute or EXCLUDE


def topic_of(finding: Finding) -> Topic:
    """The photo and the field of it that the finding doubts: by this it is known again, and was reviewed or not."""
    return finding.path, field_of(finding)


def suspected(checked: Sequence[Checked]) -> dict[str, str]:
    """What is most suspected of each photo, by its path."""
    return {finding.path: finding.kind for finding in reversed(ranked(checked))}


def write_findings(findings: Sequence[Finding], out: Path) -> None:
    """A table for people and other programs, .csv or .parquet: a row per finding.

    Raises:
        PhotobenchError: another ending.
    """
    write_table(findings_frame(findings), out)


def _made(bench: Bench, name: str, asked: Witnesses) -> Checked:
    from photobench.audit.look import look

    say(f"audit: {name}, {CHECKS.get(name).line}")
    needs_models = CHECKS.get(name).build().needs_models
    checked = look(name, asked.evidence if needs_models else asked.photos)
    path = _path(bench, name)
    known = max(bench.workspace.numbered_decisions(), default=0)
    checked = replace(_compared(checked, last_made(bench, name)), known=known)
    bench.workspace.make_folder(path.parent)
    bench.workspace.put_derived(path, _key(name, asked), checked.to_bytes())
    return checked


def _kept(bench: Bench, name: str, asked: Witnesses) -> Checked | None:
    return last_made(bench, name) if is_current(bench, name, asked) else None


def is_current(bench: Bench, name: str, asked: Witnesses) -> bool:
    """Whether a check was made of the photos, labels and evidence of today."""
    return bench.workspace.is_current(_path(bench, name), _key(name, asked))


def last_made(bench: Bench, name: str) -> Checked | None:
    """A check as it was made last, of whatever photos and labels there were; None where it never was."""
    path = _path(bench, name)
    try:
        return Checked.read(path) if path.exists() else None
    except PhotobenchError:  # damaged: it is made again
        return None


def _compared(checked: Checked, before: Checked | None) -> Checked:
    """What the list before did not have is marked as new; nothing is where there was no list."""
    if before is None or before.skipped:
        return checked
    seen = {topic_of(finding) for finding in before.findings}
    return replace(checked, findings=tuple(replace(one, new=topic_of(one) not in seen) for one in checked.findings))


def _path(bench: Bench, name: str) -> Path:
    return bench.workspace.findings / f"{name}.parquet"


def _key(name: str, asked: Witnesses) -> str:
    return fingerprint(__version__, name, CHECKS.get(name).build().method, asked.fingerprint)
