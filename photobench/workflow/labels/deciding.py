"""What people decide of photos: kept, listed, taken back, written as a table, and taken over from one or from findings.

Decisions are only ever added, in one transaction each time, and wait for no lock: a training may go on meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from photobench.audit.rules import Proposal, propose, read_rules
from photobench.decisions.applying import decide_labels, merge_groups, untouched
from photobench.decisions.fields import Photos, parse, shown
from photobench.decisions.standing import (
    UNDO_OF,
    Topic,
    before,
    rule_reason,
    says_more,
    standing,
    standing_on,
    standing_values,
    undo_reason,
)
from photobench.decisions.table import contradicting_rows, decisions_frame, differing, read_rows, write_decisions
from photobench.decisions.words import changes, decision_list, decision_notes, told, undo_hint
from photobench.errors import PhotobenchError, SourceError
from photobench.records import BOX, Attribute, ClassSpace, Decision, Finding, Manifest
from photobench.sources.manifest import build_manifest
from photobench.sources.reading import read_table
from photobench.workflow.bench import Bench
from photobench.workflow.signing import sign
from photobench.workspace import disk_errors, write_atomic

NOTHING = "nothing new decided"


def decide(bench: Bench, photos: Sequence[str], field: str, new: Any, why: str = "") -> list[Decision]:
    """Decide the same of some photos; what a person has decided so already is not decided again. Returns what was added.

    Args:
        field: an attribute's name, "exclude" (`new` is True) or "group".
        new: the label or group; None takes back what was decided.

    Raises:
        PhotobenchError: there is no such photo, field or value (all are named); nothing is decided.
    """
    known, stand = Photos(manifest_now(bench)), standing_on(bench.workspace.numbered_decisions())
    found, problems = [], []
    for photo in dict.fromkeys(photos):
        try:
            value = _value(known, field, new)
            if value is not None:
                known.check(photo, field, value)
        except ValueError as problem:
            problems.append(str(problem))
            continue
        before_ = stand.get((photo, field))
        if says_more(before_, value):
            old = before_.new if before_ else known.stands(photo, field)
            found.append(sign(photo, field, old, value, why))
    if problems:
        raise PhotobenchError(f"Nothing was decided: {'; '.join(dict.fromkeys(problems))}.")
    return _add(bench, found)


def _value(known: Photos, field: str, new: Any) -> Any:
    if field == BOX:
        raise ValueError("a box is changed in a table: photobench crop --export, then --import")
    return parse(field, shown(new), known.space)


def decisions_table(bench: Bench) -> pd.DataFrame:
    """Every decision ever made, the oldest first: number, photo, field, old, new, who, when, why, standing."""
    return decisions_frame(bench.workspace.numbered_decisions())


def list_decisions(bench: Bench, pattern: str = "") -> str:
    """The same as text, of the photos, fields and people whose names hold `pattern`, and what is to be said of them all."""
    decisions = bench.workspace.numbered_decisions()
    if not decisions:
        return "Nothing has been decided. Change labels with: photobench audit --apply rules.toml, or photobench decisions import"
    notes = decision_notes(_manifest(bench), decisions)
    stand = f"{len(standing(decisions)):,} of {len(decisions):,} decisions stand."
    return "\n".join([decision_list(decisions, pattern), stand, *(f"note: {note}" for note in notes)])


def undo_decision(bench: Bench, numbers: Iterable[int]) -> str:
    """Take back decisions by their numbers, the latest first: each restores what stood before it, in a decision of its own.

    The undo of an undo restores what was undone.

    Raises:
        PhotobenchError: one is not there or does not stand; none is taken back then.
    """
    decisions, found = bench.workspace.numbered_decisions(), []
    later = max(decisions, default=0)
    on_topic: dict[Topic, dict[int, Decision]] = defaultdict(dict)
    for number, one in decisions.items():
        on_topic[one.photo, one.field][number] = one
    for number in sorted(set(numbers), reverse=True):
        if number not in decisions:
            raise PhotobenchError(f"There is no decision {number}. See: photobench decisions list")
        topic = (decisions[number].photo, decisions[number].field)
        found.append(undoing(on_topic[topic], number))
        on_topic[topic][later := later + 1] = found[-1]
    _add(bench, found)
    return _undone(found)


def undoing(same: Mapping[int, Decision], number: int, name: str = "") -> Decision:
    """The decision that takes one back. `same`: the decisions on its photo and field; `name`: who does it, where not who runs this.

    Raises:
        PhotobenchError: it does not stand.
    """
    one = same[number]
    try:
        back = before(same, number)
    except ValueError as problem:
        raise PhotobenchError(f"Nothing is undone: {problem}. See: photobench decisions list") from None
    stands = standing_values(same).get((one.photo, one.field))
    return sign(one.photo, one.field, stands, back and back.new, undo_reason(number, back), name)


def undo_all(bench: Bench) -> str:
    """Take back every decision that stands."""
    stand = standing(bench.workspace.numbered_decisions())
    found = [sign(one.photo, one.field, one.new, None, f"{UNDO_OF}{number}") for number, one in stand.items()]
    _add(bench, found)
    return _undone(found)


def _undone(found: Sequence[Decision]) -> str:
    return changes(found, 10) or "There is nothing to undo."


def export_decisions(bench: Bench, out: Path) -> int:
    """Every decision ever made as CSV, a line each, the oldest first: a new one adds a line. Returns how many.

    Raises:
        PhotobenchError: the name has another ending.
    """
    if out.suffix.lower() != ".csv":
        raise PhotobenchError(f'"{out}" would be CSV: name a .csv file.')
    decisions = bench.workspace.numbered_decisions()
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(out, write_decisions(decisions))
    return len(decisions)


def import_decisions(bench: Bench, table: Path) -> str:
    """Take over what a table wants and does not stand yet; says what. Who, when and why stay those of the table, where it has them.

    Raises:
        SourceError: the table has mistakes (all are named); nothing is taken over.
    """
    if not table.is_file():
        raise SourceError(
            f"There is no table of decisions {table}. Write one with: photobench decisions export FILE.csv"
        )
    rows = read_rows(read_table(table), table)
    decisions = bench.workspace.numbered_decisions()
    known, said = Photos(manifest_now(bench)), standing_values(decisions)
    found = []
    for one in differing(rows, known, decisions, table):
        topic = (one.photo, one.field)
        signed = sign(
            *topic, said.get(topic, known.stands(*topic)), one.new, one.why or f"from {table.name}" * (not one.who)
        )
        found.append(replace(signed, who=one.who or signed.who, when=one.when or signed.when))
    _add(bench, found)
    return "; ".join(filter(None, [told(found) or NOTHING, contradicting_rows(rows)]))


def check_rules(bench: Bench, path: Path) -> None:
    """Raises ConfigError where a file of rules has mistakes (all are named), before the audit whose findings it is for."""
    read_rules(path, ClassSpace(tuple(Attribute(one.name, one.values) for one in bench.options.attributes)))


def apply_rules(bench: Bench, findings: Sequence[Finding], path: Path) -> str:
    """Turn findings into decisions by the rules of a TOML file; says what was decided, and which rules fit nothing.

    A finding on what is decided already decides nothing.

    Raises:
        ConfigError: the rules have mistakes (all are named).
    """
    manifest = manifest_now(bench)
    rules = read_rules(path, manifest.space, {finding.check for finding in findings})
    known, said = Photos(manifest), standing_values(bench.workspace.numbered_decisions())
    proposed = propose(rules, findings, set(said))
    found = [sign(*_topic(p), known.stands(*_topic(p)), p.new, rule_reason(p.why, path.name)) for p in proposed.proposals
             if _is_possible(known, p)]  # fmt: skip
    numbers = bench.workspace.add_decisions(found) if found else []
    bench.prepared.clear()
    stale = len(proposed.proposals) - len(found)
    notes = [
        *proposed.notes,
        *([f"{stale:,} of the findings fit the photos and labels of today no more"] if stale else []),
    ]
    decided = [told(found), changes(found), undo_hint(numbers)] if found else [NOTHING]
    return "\n".join([*decided, *(f"note: {note}" for note in notes)])


def _topic(proposal: Proposal) -> Topic:
    return proposal.photo, proposal.field


def _is_possible(known: Photos, proposal: Proposal) -> bool:
    """The finding speaks of the label as it stands, and what it suggests is another one."""
    try:
        known.check(proposal.photo, proposal.field, proposal.new)
    except ValueError:
        return False
    stands = known.stands(*_topic(proposal))
    return stands != proposal.new and proposal.given in ("", stands)


def changes_nothing(bench: Bench) -> bool:
    """Whether labels and photos are as they would be without any decision; merged groups do not count. No photo is opened."""
    decisions = standing(bench.workspace.numbered_decisions())
    given = merge_groups(_manifest(bench), decisions)
    return bool(untouched(given, decide_labels(given, decisions)).all())


def manifest_now(bench: Bench) -> Manifest:
    """The photos with the labels and groups that stand today, decisions applied. None is opened, and nothing is divided."""
    decisions = standing(bench.workspace.numbered_decisions())
    return decide_labels(merge_groups(_manifest(bench), decisions), decisions)


def _manifest(bench: Bench) -> Manifest:
    return build_manifest(bench.options.source, bench.options.attributes, bench.project.root)


def _add(bench: Bench, decisions: list[Decision]) -> list[Decision]:
    if decisions:
        bench.workspace.add_decisions(decisions)
        bench.prepared.clear()
    return decisions
