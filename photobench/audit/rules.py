"""Which findings become decisions: rules that a person writes in a TOML file.

[[rule]]
check = "labels"
attribute = "gender"
min_score = 0.9
do = "relabel"
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from photobench import config
from photobench.audit.checks import CHECKS
from photobench.audit.kinds import Kind
from photobench.config import Layer, Options
from photobench.errors import ConfigError, did_you_mean, unknown
from photobench.records import EXCLUDE, GROUP, ClassSpace, Finding
from photobench.words import examples, listed

Topic = tuple[str, str]
"""A photo and the field of a decision on it."""

MAX_NAMED = 3


class Rule(Options):
    """Findings of one check that are decided without a further look."""

    check: str = Field(description="whose findings: labels, duplicates, … (photobench list kinds)")
    do: Literal["relabel", "exclude", "group"] = Field(
        description="relabel: the suggested label; exclude: leave the photo out; group: merge its group with the suggested one"
    )
    kind: str = Field("", description="only findings of this kind, such as wrong label; all where empty")
    attribute: str = Field("", description="only findings about this attribute; all where empty")
    min_score: float = Field(0.0, ge=0, le=1, description="only findings that are at least so sure")
    max: int = Field(0, ge=0, description="at most so many, the surest first; 0 is no limit")
    why: str = Field("", description="the reason that the decision keeps, beside check, score and rule")


class Rules(Options):
    """The file: rules in their order. The first that fits a photo and a field counts."""

    rule: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What a rule decides."""

    photo: str
    field: str
    new: Any
    given: str  # the label of which the finding speaks; empty where it is of none
    why: str


@dataclass(frozen=True)
class Proposed:
    """What the rules decide, and what is to be said of it."""

    proposals: list[Proposal]
    notes: list[str]


def read_rules(path: Path, space: ClassSpace, checks: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules of a file. `checks`: names of findings that are there, besides the checks that we have.

    Raises:
        ConfigError: naming every mistake, with the nearest valid name.
    """
    if not path.is_file():
        raise ConfigError(
            [
                f"There is no file of rules {path}: it was looked for at {path.absolute()}. What it holds: docs/decisions.md"
            ]
        )
    rules = _resolved(path)
    known, attributes = {*CHECKS.names(), *checks}, [a.name for a in space.attributes]
    mistakes = []
    for number, rule in enumerate(rules, start=1):
        if rule.check not in known:
            mistakes.append(f"{path.name}, rule {number}: {unknown('check', rule.check, sorted(known))}")
        kinds = [kind.name for kind in _kinds_of(rule.check)]
        if rule.kind and kinds and rule.kind not in kinds:
            mistakes.append(
                f"{path.name}, rule {number}: {unknown(f'kind of finding of {rule.check}', rule.kind, kinds)}"
            )
        elif reason := _never_applies(rule):
            mistakes.append(f"{path.name}, rule {number}: {reason}")
        if rule.attribute and rule.attribute not in attributes:
            mistakes.append(f"{path.name}, rule {number}: {unknown('attribute', rule.attribute, attributes)}")
    if mistakes:
        raise ConfigError(mistakes)
    return rules


def _kinds_of(check: str) -> tuple[Kind, ...]:
    """What a check says that it may find; empty where it says nothing, or is none of ours."""
    return CHECKS.build(check).kinds if check in CHECKS.names() else ()


def _never_applies(rule: Rule) -> str:
    """Why no finding can be what a rule wants; empty where one may."""
    meant = [kind for kind in _kinds_of(rule.check) if rule.kind in ("", kind.name)]
    if not meant:
        return ""
    whose = f'{rule.check} of the kind "{rule.kind}"' if rule.kind else rule.check
    if rule.do != "exclude" and not any(kind.suggests == rule.do for kind in meant):
        what = "another label" if rule.do == "relabel" else "another group"
        named = [
            f"{check} ({kind.name})"
            for check in CHECKS.names()
            for kind in _kinds_of(check)
            if kind.suggests == rule.do
        ]
        return (
            f'no finding of {whose} suggests {what}, so do = "{rule.do}" would never apply. Leave the photos out with do = "exclude", or name '
            f"what suggests one: {listed(named)}."
        )
    if rule.attribute and not any(kind.of_label and rule.do in ("exclude", kind.suggests) for kind in meant):
        to_merge = " that suggests another group" * (rule.do == "group")
        return (
            f'no finding of {whose}{to_merge} is about a label, so with attribute = "{rule.attribute}" the rule would never apply: leave the '
            "attribute out."
        )
    return ""


def _resolved(path: Path) -> tuple[Rule, ...]:
    try:
        rules = config.resolve(Rules, [Layer(path.name, config.read_toml(path))]).rule
    except ConfigError as error:  # people count rules from one
        told = [re.sub(r"\brule\.(\d+)", lambda found: f"rule {int(found[1]) + 1}", text) for text in error.mistakes]
        raise ConfigError([text if path.name in text else f"{path.name}: {text}" for text in told]) from None
    if not rules:
        raise ConfigError([f"{path} has no [[rule]]. What one holds: docs/decisions.md"])
    return rules


def propose(rules: Sequence[Rule], findings: Sequence[Finding], decided: Collection[Topic]) -> Proposed:
    """What the rules make of the findings. Of several on one photo and field the first rule counts, within it the surest finding.

    Args:
        decided: photos and fields that a person has decided on: they are left as they stand.
    """
    taken: dict[Topic, tuple[int, Proposal]] = {}
    conflicts, already, counts = [], 0, Counter[int]()
    for number, rule in enumerate(rules, start=1):
        for finding in _fitting(rule, findings):
            if rule.max and counts[number] >= rule.max:
                break
            proposal = _proposal(number, rule, finding)
            topic = (proposal.photo, proposal.field)
            if topic in decided:
                already += 1
            elif topic not in taken:
                taken[topic] = (number, proposal)
                counts[number] += 1
            elif taken[topic][1].new != proposal.new:
                conflicts.append((taken[topic], (number, proposal)))
    notes = [*_unused(rules, findings), *_conflicting(conflicts), *_left_out_and_changed(taken)]
    if already:
        is_on = "1 finding is" if already == 1 else f"{already:,} findings are"
        notes.append(f"{is_on} on what is decided already, and change{'s' if already == 1 else ''} nothing")
    return Proposed([proposal for _, proposal in taken.values()], notes)


def _left_out_and_changed(taken: Mapping[Topic, tuple[int, Proposal]]) -> list[str]:
    """Decisions on different fields do not exclude each other, but to leave a photo out and to change it are two minds."""
    by_photo: dict[str, dict[str, int]] = defaultdict(dict)
    for (photo, field), (number, _) in taken.items():
        by_photo[photo][field] = number
    both = {photo: fields for photo, fields in by_photo.items() if EXCLUDE in fields and len(fields) > 1}
    if not both:
        return []
    named = examples(
        (
            f"{photo} (left out by rule {fields[EXCLUDE]}, "
            + ", ".join(f"{field} by rule {number}" for field, number in fields.items() if field != EXCLUDE)
            + ")"
            for photo, fields in both.items()
        ),
        MAX_NAMED,
        "; ",
    )
    return [f"some photos are changed and left out as well, and being left out counts: {named}"]


def _fitting(rule: Rule, findings: Sequence[Finding]) -> list[Finding]:
    """The findings of which a rule speaks, the surest first. What only wants a look is left out, never relabelled or merged."""
    return sorted(
        (
            f
            for f in findings
            if f.check == rule.check
            and rule.kind in ("", f.kind)
            and rule.attribute in ("", f.attribute)
            and f.score >= rule.min_score
            and (rule.do == "exclude" or (f.fix == rule.do and f.suggested))
        ),
        key=lambda f: (-f.score, f.path, f.attribute),
    )


def _proposal(number: int, rule: Rule, finding: Finding) -> Proposal:
    field = {"exclude": EXCLUDE, "group": GROUP}.get(rule.do, finding.attribute)
    new = True if rule.do == "exclude" else finding.suggested
    said = f"{finding.check}: {finding.kind} {finding.score:.2f}, rule {number}"
    given = finding.given if rule.do == "relabel" else ""
    return Proposal(finding.path, field, new, given, f"{rule.why}; {said}" if rule.why else said)


def _unused(rules: Sequence[Rule], findings: Sequence[Finding]) -> list[str]:
    numbered = enumerate(rules, start=1)
    return [f"rule {n} ({r.check}) {_why_unused(r, findings)}" for n, r in numbered if not _fitting(r, findings)]


def _why_unused(rule: Rule, findings: Sequence[Finding]) -> str:
    of_check = [finding for finding in findings if finding.check == rule.check]
    kinds = sorted({finding.kind for finding in of_check})
    if rule.kind and kinds and rule.kind not in kinds:
        guess = did_you_mean(rule.kind, kinds) or f" They are: {', '.join(kinds)}."
        return f'fits no finding: none of them is of the kind "{rule.kind}".{guess}'
    if of_check and rule.do != "exclude" and not any(f.fix == rule.do and f.suggested for f in of_check):
        return (
            f'fits no finding: none of the {len(of_check):,} of this check suggests what to do = "{rule.do}" would set'
        )
    return "fits no finding"


def _conflicting(conflicts: Sequence[tuple[tuple[int, Proposal], tuple[int, Proposal]]]) -> list[str]:
    if not conflicts:
        return []
    named = examples(
        (f'{p.photo}, {p.field}: "{p.new}" (rule {a}), not "{q.new}" (rule {b})' for (a, p), (b, q) in conflicts),
        MAX_NAMED,
        "; ",
    )
    return [f"rules differ, and the first counts: {named}"]
