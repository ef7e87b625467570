"""Which decisions stand: the last word on each photo and field, where it was not taken back."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from photobench.records import BOX, Decision

BY_RULE = re.compile(r" [01]\.\d\d, rule \d+ \([^()]+\)$")
"""The end of such a reason: score, number of the rule (audit/rules.py), its file."""

UNDO_OF = "undo of "
"""Before the number of what is taken back: the reason of every undo begins so."""
UNDONE = re.compile(rf"{UNDO_OF}(\d+)(?:; |$)")

Topic = tuple[str, str]
"""A photo and a field of it."""


def standing(decisions: Mapping[int, Decision]) -> dict[int, Decision]:
    """Those that stand today, in the order of their numbers."""
    numbers = sorted(stack[-1] for stack in stacks(decisions).values() if stack)
    return {number: decisions[number] for number in numbers}


def standing_values(decisions: Mapping[int, Decision]) -> dict[Topic, Any]:
    """What stands today on each photo and field of which something was decided."""
    return {(one.photo, one.field): one.new for one in standing(decisions).values()}


def standing_on(decisions: Mapping[int, Decision]) -> dict[Topic, Decision]:
    """The decision that stands on each photo and field of which something was decided."""
    return {(one.photo, one.field): one for one in standing(decisions).values()}


def standing_changes(decisions: Mapping[int, Decision]) -> list[Decision]:
    """Those that stand and say another thing than what was there; not that a person looked, and it stays."""
    made = (decisions[_maker(stack, decisions)] for stack in stacks(decisions).values() if stack)
    return [one for one in made if not is_kept(one)]


def changed_since(decisions: Mapping[int, Decision], number: int) -> list[Decision]:
    """The last word on each photo and field on which another value stands, or none does, than after decision `number`.

    That somebody looked and kept what was there changes nothing.
    """
    before_ = standing_values({n: one for n, one in decisions.items() if n <= number})
    now, last = standing_values(decisions), {(one.photo, one.field): one for one in decisions.values()}
    borne_out = {
        topic: stack for topic, stack in stacks(decisions).items() if stack and _maker(stack, decisions) != stack[-1]
    }
    last |= {topic: decisions[_maker(stack, decisions)] for topic, stack in borne_out.items()}
    return [one for topic, one in last.items() if now.get(topic) != before_.get(topic) and not is_kept(one)]


def _maker(stack: Sequence[int], decisions: Mapping[int, Decision]) -> int:
    """Whose word made what stands on top of a stack: that of a rule, beneath a person's that bears it out."""
    is_borne_out = len(stack) > 1 and decisions[stack[-1]].new == decisions[stack[-2]].new
    return stack[-2] if is_borne_out else stack[-1]


def stacks(decisions: Mapping[int, Decision]) -> dict[Topic, list[int]]:
    """Of each photo and field the decisions that lie on each other, by number; the last of a list stands.

    What goes back to the word beneath takes the upper one away: an undo leaves no trace here. None takes all away. The same again is no further
    word, but where a rule decided and a person bears it out.
    """
    found: dict[Topic, list[int]] = defaultdict(list)
    for number, one in decisions.items():
        lay(found[one.photo, one.field], number, decisions)
    return dict(found)


def lay(stack: list[int], number: int, decisions: Mapping[int, Decision]) -> None:
    """Put one more decision on those that lie on each other."""
    new = decisions[number].new
    if new is None:
        stack.clear()
    elif stack and new == decisions[stack[-1]].new:
        _lay_the_same(stack, number, decisions)
    elif len(stack) > 1 and new == decisions[stack[-2]].new:
        stack.pop()
    else:
        stack.append(number)


def _lay_the_same(stack: list[int], number: int, decisions: Mapping[int, Decision]) -> None:
    """A person may bear out what a rule decided; what goes back to the rule, by its reason, takes that away."""
    looked_before, looked = (not is_by_rule(decisions[n]) for n in (stack[-1], number))
    if looked and not looked_before:
        stack.append(number)
    elif looked_before and not looked and _maker(stack, decisions) != stack[-1]:
        stack.pop()


def is_kept(decision: Decision) -> bool:
    """A person looked, and what was there stays: the word changes nothing, but it was said."""
    if is_by_rule(decision):
        return False
    return decision.new is False or (decision.new is not None and decision.new == decision.old)


def rule_reason(why: str, file: str) -> str:
    """What a decision says that a rule of `file` made: by its end it is known again, also after an export and an import."""
    return f"{why} ({file})"


def is_by_rule(decision: Decision) -> bool:
    """A rule decided, and nobody looked at the photo: it knows no more than the finding that it follows."""
    return bool(BY_RULE.search(decision.why))


def says_more(stands: Decision | None, new: Any) -> bool:
    """Whether a person's word adds to what stands: another value, or that somebody looked at what a rule decided."""
    if stands is None:
        return new is not None
    return stands.new != new or is_by_rule(stands)


def contradictions(decisions: Mapping[int, Decision]) -> list[tuple[Decision, int, int]]:
    """Pairs of numbers, the earlier first, that say different things of the same photo and field; the later one stands.

    Boxes are not among them: to move a box twice is no contradiction.
    """
    deep = [
        stack
        for (_, field), stack in stacks(decisions).items()
        if len(stack) > 1 and field != BOX and _maker(stack, decisions) == stack[-1]
    ]
    return [(decisions[stack[-1]], stack[-2], stack[-1]) for stack in deep]


def before(decisions: Mapping[int, Decision], number: int) -> Decision | None:
    """What an undo of a decision goes back to: the word that stood before it, or None where nothing did.

    It must be the one that stands, or the latest on its photo and field: then an undo is undone.

    Raises:
        KeyError: there is no such decision.
        ValueError: it does not stand; its text says why.
    """
    one = decisions[number]
    same = [n for n, d in decisions.items() if (d.photo, d.field) == (one.photo, one.field)]
    stack = stacks({n: decisions[n] for n in same})[one.photo, one.field]
    if stack and stack[-1] == number:
        return decisions[stack[-2]] if len(stack) > 1 else None
    earlier = decisions[same[-2]] if len(same) > 1 else None
    if same[-1] == number and _said(earlier) != _said(one):
        return earlier
    if same[-1] != number and stack:
        raise ValueError(f"decision {number} does not stand: {stack[-1]} is the last word on {one.photo}, {one.field}")
    raise ValueError(f"decision {number} is taken back already, or repeats what stood")


def _said(one: Decision | None) -> tuple[Any, bool]:
    """What, and whether nobody looked."""
    return (one.new, is_by_rule(one)) if one else (None, False)


def undo_reason(number: int, back: Decision | None) -> str:
    """Of what takes back a decision. Where that goes back to what a rule decided it says so, for nobody has looked at that."""
    if back is None or back.new is None or not is_by_rule(back):
        return f"{UNDO_OF}{number}"
    return f"{UNDO_OF}{number}; {UNDONE.sub('', back.why)}"


def undone_by(one: Decision) -> int:
    """The number of what a decision takes back; 0 where it is no undo."""
    found = UNDONE.match(one.why)
    return int(found[1]) if found else 0
