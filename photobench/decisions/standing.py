"""Which decisions stand: the last word on each photo and field, where it was not taken back."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from photobench.records import BOX, Decision

BY_RULE = re.compile(r" [01]\.\d\d, rule \d+ \([^()]+\)$")
"""The end of such a reason: score, number of the rule (audit/rules.py), its file."""

Topic = tuple[str, str]
"""A photo and a field of it."""


def standing(decisions: Mapping[int, Decision]) -> dict[int, Decision]:
    """Those that stand today, in the order of their numbers."""
    numbers = sorted(stack[-1] for stack in stacks(decisions).values() if stack)
    return {number: decisions[number] for number in numbers}


def standing_values(decisions: Mapping[int, Decision]) -> dict[Topic, Any]:
    """What stands today on each photo and field of which something was decided."""
    return {(one.photo, one.field): one.new for one in standing(decisions).values()}


def changed_since(decisions: Mapping[int, Decision], number: int) -> list[Decision]:
    """The last word on each photo and field on which another value stands, or none does, than after decision `number`.

    That somebody looked and kept what was there changes nothing.
    """
    before_ = standing_values({n: one for n, one in decisions.items() if n <= number})
    now, last = standing_values(decisions), {(one.photo, one.field): one for one in decisions.values()}
    return [one for topic, one in last.items() if now.get(topic) != before_.get(topic) and not is_kept(one)]


def stacks(decisions: Mapping[int, Decision]) -> dict[Topic, list[int]]:
    """Of each photo and field the decisions that lie on each other, by number; the last of a list stands.

    What goes back to the word beneath takes the upper one away: an undo leaves no trace here. None takes all away.
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
    elif len(stack) > 1 and new == decisions[stack[-2]].new:
        stack.pop()
    elif not stack or new != decisions[stack[-1]].new:
        stack.append(number)


def is_kept(decision: Decision) -> bool:
    """A person looked, and what was there stays: the word changes nothing, but it was said."""
    return decision.new is False or (decision.new is not None and decision.new == decision.old)


def rule_reason(why: str, file: str) -> str:
    """What a decision says that a rule of `file` made: by its end it is known again, also after an export and an import."""
    return f"{why} ({file})"


def is_by_rule(decision: Decision) -> bool:
    """A rule decided, and nobody looked at the photo: it knows no more than the finding that it follows."""
    return bool(BY_RULE.search(decision.why))


def contradictions(decisions: Mapping[int, Decision]) -> list[tuple[Decision, int, int]]:
    """Pairs of numbers, the earlier first, that say different things of the same photo and field; the later one stands.

    Boxes are not among them: to move a box twice is no contradiction.
    """
    deep = [stack for (_, field), stack in stacks(decisions).items() if len(stack) > 1 and field != BOX]
    return [(decisions[stack[-1]], stack[-2], stack[-1]) for stack in deep]


def before(decisions: Mapping[int, Decision], number: int) -> Any:
    """What an undo of a decision restores: what stood before it, or None where nothing did.

    It must be the one that stands, or the latest on its photo and field: then an undo is undone.

    Raises:
        KeyError: there is no such decision.
        ValueError: it does not stand; its text says why.
    """
    one = decisions[number]
    same = [n for n, d in decisions.items() if (d.photo, d.field) == (one.photo, one.field)]
    stack = stacks({n: decisions[n] for n in same})[one.photo, one.field]
    if stack and stack[-1] == number:
        return decisions[stack[-2]].new if len(stack) > 1 else None
    earlier = decisions[same[-2]].new if len(same) > 1 else None
    if same[-1] == number and earlier != one.new:
        return earlier
    if same[-1] != number and stack:
        raise ValueError(f"decision {number} does not stand: {stack[-1]} is the last word on {one.photo}, {one.field}")
    raise ValueError(f"decision {number} is taken back already, or repeats what stood")
