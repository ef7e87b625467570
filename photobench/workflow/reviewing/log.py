"""Every decision in its order, and what follows from them at once: what stands, what is new to a page, what a person can take back."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from photobench.decisions.standing import Topic, is_by_rule, lay, undone_by
from photobench.errors import Overtaken
from photobench.records import BOX, Decision
from photobench.workflow.reviewing.words import NO_DECISION, NOTHING_TO_UNDO, Refused


class DecisionLog:
    """Decisions by number, of which later ones are added. What is asked of it takes no longer when there are many."""

    def __init__(self, row_of: Mapping[str, int]):
        """`row_of`: the number of each photo that is there."""
        self._row_of = row_of
        self.cursor = 0
        """The number of the last one."""
        self.decisions: dict[int, Decision] = {}
        self._numbers: list[int] = []
        self._events: list[dict[str, Any]] = []
        self._stacks: dict[Topic, list[int]] = defaultdict(list)
        self._on_topic: dict[Topic, dict[int, Decision]] = defaultdict(dict)
        self._on_photo: dict[str, list[int]] = defaultdict(list)
        self._undone: set[int] = set()

    def add(self, number: int, one: Decision) -> None:
        """One more; its number is above all others."""
        topic, before = (one.photo, one.field), self.decisions.get(self.cursor)
        together = before is not None and (before.who, before.when) == (one.who, one.when)
        batch = self._events[-1]["batch"] if together else number
        self.decisions[number] = one
        self._on_topic[topic][number] = one
        self._on_photo[one.photo].append(number)
        lay(self._stacks[topic], number, self.decisions)
        self._note_undo(one)
        self._numbers.append(number)
        self._events.append(
            {
                "number": number, "photo": self._row_of.get(one.photo), "path": one.photo, "field": one.field, "old": one.old, "new": one.new,
                "stands": self.stands(*topic), "by_rule": self.is_by_rule(*topic), "who": one.who, "when": one.when, "why": one.why, "batch": batch,
            }
        )  # fmt: skip
        self.cursor = number

    def _note_undo(self, one: Decision) -> None:
        undone = undone_by(one)
        if undone:
            self._undone.add(undone)
            self._undone.discard(undone_by(self.decisions[undone]) if undone in self.decisions else 0)

    # --- asked by a page ---------------------------------------------------------------------------------------------------

    def since(self, after: int) -> list[dict[str, Any]]:
        """Decisions with a number above `after`, as docs/review-api.md has them."""
        return self._events[bisect_right(self._numbers, after) :]

    def about(self, photo: str) -> list[dict[str, Any]]:
        """Every decision on one photo."""
        return [self._event(number) for number in self._on_photo.get(photo, ())]

    def stands(self, photo: str, field: str) -> Any:
        """What people decided and stands; None where they did not."""
        stack = self._stacks.get((photo, field))
        return self.decisions[stack[-1]].new if stack else None

    def is_by_rule(self, photo: str, field: str) -> bool:
        """Whether what stands there was decided by a rule, and not by somebody who looked."""
        stack = self._stacks.get((photo, field))
        return is_by_rule(self.decisions[stack[-1]]) if stack else False

    def standing(self) -> list[tuple[Topic, Any, str]]:
        """Of the photos that are there, every field of which something is decided and stands: what, and since when."""
        tops = [(topic, self.decisions[stack[-1]]) for topic, stack in self._stacks.items() if stack]
        return [(topic, one.new, one.when) for topic, one in tops if topic[0] in self._row_of]

    def check_known(self, topics: set[Topic], known: int) -> None:
        """Raises Overtaken where a decision on one of these is later than the last that somebody knows."""
        later = self._numbers[bisect_right(self._numbers, known) :]
        first = [number for number in later if self.topic(number) in topics]
        if first:
            raise Overtaken(first)

    # --- taking back -------------------------------------------------------------------------------------------------------

    def same(self, number: int) -> Mapping[int, Decision]:
        """The decisions on the same photo and field.

        Raises:
            PhotobenchError: there is no such decision.
        """
        if number not in self.decisions:
            raise Refused(NO_DECISION(number=number))
        return self._on_topic[self.topic(number)]

    def latest(self, who: str, known: int) -> list[int]:
        """What a person decided last and can take back, the last first: all of what was decided in one go.

        Raises:
            Overtaken: they do not know of the word that lies upon it.
            PhotobenchError: there is nothing.
        """
        for number in reversed(self._numbers):
            upon = self._last_on(number)
            if upon > max(known, number) and self._is_own(number, who):
                raise Overtaken([upon])
            if self._can_undo(number, who):
                return [other for other in reversed(self._batch(number)) if self._can_undo(other, who)]
        raise Refused(NOTHING_TO_UNDO(who=who))

    def _batch(self, number: int) -> list[int]:
        """The numbers of what was decided in one go."""
        first = self._event(number)["batch"]
        later = self._events[bisect_right(self._numbers, first) - 1 :]
        return [one["number"] for one in later if one["batch"] == first]

    def _can_undo(self, number: int, who: str) -> bool:
        return self._is_own(number, who) and (self._is_top(number) or self._last_on(number) == number)

    def _is_own(self, number: int, who: str) -> bool:
        """This person decided it here or elsewhere, and has not taken it back."""
        one = self.decisions[number]
        is_word = not undone_by(one) and one.field != BOX
        return one.who == who and is_word and (self._is_top(number) or number not in self._undone)

    def _is_top(self, number: int) -> bool:
        return self._stacks[self.topic(number)][-1:] == [number]

    def _last_on(self, number: int) -> int:
        """The number of the last decision on the same photo and field."""
        return next(reversed(self._on_topic[self.topic(number)]))

    def topic(self, number: int) -> Topic:
        one = self.decisions[number]
        return one.photo, one.field

    def _event(self, number: int) -> dict[str, Any]:
        return self._events[bisect_right(self._numbers, number) - 1]
