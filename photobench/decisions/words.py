"""Decisions in words: what they come to, which of them have no effect, and the list of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from photobench.decisions.applying import LEFT_OUT
from photobench.decisions.fields import fields_of, shown
from photobench.decisions.standing import contradictions, is_kept, standing
from photobench.errors import did_you_mean
from photobench.records import BOX, EXCLUDE, GIVEN, GROUP, Decision, Manifest
from photobench.words import columns, count, examples

LONGEST = 60
"""Characters of a reason in the list."""

KEPT, TAKEN_BACK = "looked at and kept", "taken back"


def told(decisions: Iterable[Decision]) -> str:
    """`"12 labels changed, 3 photos left out, 1 group merged"`; empty where nothing was decided."""
    counts = Counter(_kind(d) for d in decisions)
    special = {name: counts.pop(name, 0) for name in (EXCLUDE, GROUP, BOX, KEPT, TAKEN_BACK)}
    parts = [
        (counts.total(), f"{count(counts.total(), 'label')} changed"),
        (special[EXCLUDE], f"{count(special[EXCLUDE], 'photo')} left out"),
        (special[GROUP], f"{count(special[GROUP], 'group')} merged"),
        (special[BOX], f"{count(special[BOX], 'box', 'boxes')} set"),
        (special[KEPT], f"{special[KEPT]:,} looked at and kept"),
        (special[TAKEN_BACK], f"{count(special[TAKEN_BACK], 'decision')} taken back"),
    ]
    return ", ".join(text for number, text in parts if number)


def changes(decisions: Sequence[Decision], limit: int = 5) -> str:
    """The first of them, a line each: `"anna/1.jpg, gender: male → female"`."""
    lines = [f"{d.photo}, {d.field}: {shown(d.old) or 'as given'} → {shown(d.new) or 'as given'}" for d in decisions]
    more = [f"and {len(lines) - limit:,} more: photobench decisions list"] if len(lines) > limit else []
    return "\n".join([*lines[:limit], *more])


def undo_hint(numbers: Sequence[int]) -> str:
    """How decisions that were just made are taken back. Others may have decided between them, so ranges are those of these alone."""
    known = set(numbers)
    starts, ends = [n for n in numbers if n - 1 not in known], [n for n in numbers if n + 1 not in known]
    ranges = " ".join(f"{a}-{b}" if b > a else str(a) for a, b in zip(starts, ends, strict=True))
    return f"Take {'it' if len(numbers) == 1 else 'them'} back with: photobench decisions undo {ranges}"


def _kind(decision: Decision) -> str:
    if decision.new is None:
        return TAKEN_BACK
    return KEPT if is_kept(decision) else decision.field


def decided_in(manifest: Manifest) -> str:
    """What decisions have changed in a manifest, as a note; empty where they changed nothing."""
    frame = manifest.frame
    names = [a.name for a in manifest.space.attributes if GIVEN + a.name in frame]
    labels = sum(int((frame[name].fillna("") != frame[GIVEN + name].fillna("")).sum()) for name in names)
    left_out = int(frame["reason"].str.startswith(LEFT_OUT).sum())
    merged = frame[GIVEN + "group"].nunique() - frame["group"].nunique() if GIVEN + "group" in frame else 0
    parts = [
        (labels, f"{count(labels, 'label')} changed"),
        (left_out, f"{count(left_out, 'photo')} left out"),
        (merged, f"{count(merged, 'group')} merged into another"),
    ]
    said = ", ".join(text for number, text in parts if number)
    return f"By people's decisions {said}: photobench decisions list" if said else ""


def decision_notes(manifest: Manifest, decisions: Mapping[int, Decision]) -> list[str]:
    """What a person should know of the decisions on these photos: which have no effect and why, which contradict each other."""
    stand = {number: d for number, d in standing(decisions).items() if d.field != BOX}
    return [*_without_effect(manifest, stand), *_contradicting(decisions)]


def _without_effect(manifest: Manifest, stand: Mapping[int, Decision]) -> list[str]:
    frame = manifest.frame
    side_of = dict(zip(frame["path"], frame["split"], strict=True))
    values = {a.name: a.values for a in manifest.space.attributes}
    gone = {n: d for n, d in stand.items() if d.photo not in side_of}
    rest = {n: d for n, d in stand.items() if n not in gone}
    strange = {n: d for n, d in rest.items() if d.field not in fields_of(manifest.space)}
    undeclared = {n: d for n, d in rest.items() if d.field in values and d.new not in values[d.field]}
    idle = {
        n: d
        for n, d in rest.items()
        if side_of[d.photo] == "predict" and d.field in {EXCLUDE, *values} and n not in undeclared
    }
    found = [
        (gone, "photos that are not there", lambda d: d.photo),
        (strange, "attributes that are not there", lambda d: f"{d.photo}: {d.field}"),
        (undeclared, "values that are not declared", lambda d: _undeclared(d, values)),
        (idle, "photos that are only to be predicted", lambda d: d.photo),
    ]
    return [_note(which, what, show) for which, what, show in found if which]


def _note(which: Mapping[int, Decision], what: str, show: Callable[[Decision], str]) -> str:
    named = examples(f"{number}: {show(one)}" for number, one in which.items())
    return (
        f"{count(len(which), 'decision names', 'decisions name')} {what}, without effect ({named}). "
        f"Take back: photobench decisions undo {' '.join(map(str, list(which)[:3]))}{' …' if len(which) > 3 else ''}"
    )


def _undeclared(one: Decision, values: Mapping[str, tuple[str, ...]]) -> str:
    return f'{one.photo}, {one.field} "{shown(one.new)}".{did_you_mean(shown(one.new), values[one.field])}'.rstrip(".")


def _contradicting(decisions: Mapping[int, Decision]) -> list[str]:
    pairs = contradictions(decisions)
    if not pairs:
        return []
    named = examples(
        f'{later.photo}, {later.field}: "{shown(decisions[a].new)}" (decision {a}, {decisions[a].who}) and then '
        f'"{shown(later.new)}" (decision {b}, {later.who})'
        for later, a, b in pairs
    )
    return [
        f"{count(len(pairs), 'photo has', 'photos have')} decisions that contradict each other; the latest stands: {named}."
    ]


def decision_list(decisions: Mapping[int, Decision], pattern: str = "") -> str:
    """Every decision as a line of a table, the oldest first; those whose photo, field or person holds `pattern`."""
    stand = standing(decisions)
    rows = [
        (str(n), d.photo, d.field, shown(d.old) or "–", shown(d.new) or "–", "yes" if n in stand else "",
         d.who, d.when[:16].replace("T", " "), _short(d.why))
        for n, d in decisions.items()
        if any(pattern in text for text in (d.photo, d.field, d.who))
    ]  # fmt: skip
    return columns(rows, ("number", "photo", "field", "old", "new", "stands", "who", "when", "why"))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
