"""Decisions as a table for people and for git: CSV, a line per decision in the order in which they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from photobench.decisions.fields import Photos, parse, shown
from photobench.decisions.standing import Topic, contradictions, is_by_rule, standing, standing_on, standing_values
from photobench.errors import SourceError
from photobench.records import Decision
from photobench.sources.reading import as_text
from photobench.words import examples

COLUMNS = ["number", "photo", "field", "old", "new", "who", "when", "why", "standing"]
MAX_NAMED = 5


def decisions_frame(decisions: Mapping[int, Decision]) -> pd.DataFrame:
    """COLUMNS, all but `number` as text; `standing` is "yes" where the decision stands."""
    stand = standing(decisions)
    rows = [
        (n, d.photo, d.field, shown(d.old), shown(d.new), d.who, d.when, d.why, "yes" if n in stand else "")
        for n, d in decisions.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def write_decisions(decisions: Mapping[int, Decision]) -> bytes:
    return decisions_frame(decisions).to_csv(index=False, lineterminator="\n").encode("utf-8")


def read_rows(raw: pd.DataFrame, table: Path) -> dict[int, Decision]:
    """The rows of a table as decisions, by the number of the row; `new` is text, None where the cell is empty.

    Raises:
        SourceError: it has no column photo, field or new.
    """
    missing = [name for name in ("photo", "field", "new") if name not in raw.columns]
    if missing:
        raise SourceError(
            f"{table} has no column {', '.join(missing)}. It needs photo, field and new, as photobench decisions export writes it."
        )
    cells = {name: as_text(raw[name]).fillna("") if name in raw else [""] * len(raw) for name in COLUMNS}
    kept = zip(*(cells[name] for name in ("photo", "field", "new", "who", "when", "why")), strict=True)
    return {
        int(row): Decision(photo, field, None, new or None, who, when, why)
        for row, (photo, field, new, who, when, why) in zip(raw.index, kept, strict=True)
    }


def differing(
    rows: Mapping[int, Decision], photos: Photos, decisions: Mapping[int, Decision], table: Path
) -> list[Decision]:
    """What rows want that differs from what stands: of several rows on one photo and field the last counts.

    Who and when are empty where the row does not say, or where it is one of `decisions` that was changed in the table.

    Raises:
        SourceError: such rows name no photo, no field or no value (all are named).
    """
    last = {(one.photo, one.field): row for row, one in rows.items()}
    written = {(d.photo, d.field, d.when): shown(d.new) for d in decisions.values()}
    edited = {row for row, d in rows.items() if written.get((d.photo, d.field, d.when), shown(d.new)) != shown(d.new)}
    problems = {
        row: f"it was changed, but row {last[rows[row].photo, rows[row].field]} has the last word on it; change that one"
        for row in edited - set(last.values())
    }
    stand, said, found = standing_on(decisions), standing_values(decisions), []
    for topic, row in last.items():
        one = replace(rows[row], who="", when="") if row in edited else rows[row]
        if topic in said and shown(said[topic]) == shown(one.new):
            if is_by_rule(stand[topic]) and one.who and not is_by_rule(one):  # somebody has looked
                found.append(replace(one, new=said[topic]))
            continue
        try:
            found += _wanted(one, photos, said)
        except ValueError as problem:
            problems[row] = str(problem)
    if problems:
        raise _complaint(table, problems)
    return found


def _wanted(one: Decision, photos: Photos, said: Mapping[Topic, Any]) -> list[Decision]:
    """The row with its value, checked, if it changes anything. A signed row on what was not decided yet is a word too, if it confirms."""
    new, topic = parse(one.field, one.new or "", photos.space), (one.photo, one.field)
    decided = topic in said
    if not decided:
        photos.check_photo(one.photo)
    stands = said.get(topic) if decided or one.who else photos.stands(*topic)
    says_nothing = not decided and (new is None or (new is False and not one.who))
    if new == stands or says_nothing:
        return []
    if new is not None:
        photos.check(one.photo, one.field, new)
    return [replace(one, new=new)]


def _complaint(table: Path, problems: Mapping[int, str]) -> SourceError:
    named = examples((f"row {row}: {problem}" for row, problem in sorted(problems.items())), MAX_NAMED, "; ")
    return SourceError(f"{table}: {named}. Correct them; nothing was taken over.")


def contradicting_rows(rows: Mapping[int, Decision]) -> str:
    """Rows that say different things of one photo and field, in words; empty where none do."""
    pairs = contradictions(rows)
    named = examples(
        f'{d.photo}, {d.field}: "{rows[a].new}" (row {a}) and then "{d.new}" (row {b})' for d, a, b in pairs
    )
    return f"the last row counts where rows contradict each other: {named}" if pairs else ""
