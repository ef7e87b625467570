"""Which decisions stand, which contradict each other, and what an undo restores."""

from __future__ import annotations

from typing import Any

import pytest

from photobench.decisions.standing import (
    before,
    changed_since,
    contradictions,
    is_by_rule,
    rule_reason,
    says_more,
    stacks,
    standing,
    standing_changes,
    standing_values,
    undo_reason,
    undone_by,
)
from photobench.decisions.words import undo_hint
from photobench.records import Decision


def said(*words: Any, photo: str = "a.jpg", field: str = "gender") -> dict[int, Decision]:
    """One decision per word on one photo and field, numbered from 1."""
    return {n: Decision(photo, field, None, new, "ann", f"2026-01-0{n}") for n, new in enumerate(words, start=1)}


def test_the_latest_word_stands() -> None:
    assert list(standing(said("female", "male"))) == [2]
    assert standing_values(said("female", "male")) == {("a.jpg", "gender"): "male"}


def test_none_takes_all_back() -> None:
    assert standing(said("female", "male", None)) == {}


def test_fields_and_photos_do_not_touch_each_other() -> None:
    both = said("female") | {
        7: Decision("a.jpg", "exclude", None, True, "ben", ""),
        8: Decision("b.jpg", "gender", None, "male", "ben", ""),
    }
    assert list(standing(both)) == [1, 7, 8]
    assert contradictions(both) == []


def test_to_say_the_same_again_changes_nothing() -> None:
    assert stacks(said("female", "female"))["a.jpg", "gender"] == [1]


def test_two_different_words_contradict_each_other_until_one_is_undone() -> None:
    decisions = said("female", "male")
    assert [pair[1:] for pair in contradictions(decisions)] == [(1, 2)]
    back = before(decisions, 2)
    assert back is not None
    undone = said("female", "male", back.new)
    assert contradictions(undone) == [] and list(standing(undone)) == [1]


def test_a_box_moved_twice_is_no_contradiction() -> None:
    assert contradictions(said({"x1": 0.1}, {"x1": 0.2}, field="box")) == []


@pytest.mark.parametrize(
    ("words", "number", "restored"),
    [
        (["female"], 1, None),
        (["female", "male"], 2, "female"),
        (["female", None], 2, "female"),  # the undo of an undo
        (["female", "male", "female"], 3, "male"),
        (["female", "male", "female"], 1, None),  # it stands again since 2 was undone
        (["female", None, "female"], 3, None),
    ],
)
def test_an_undo_restores_what_stood_before(words: list[Any], number: int, restored: Any) -> None:
    back = before(said(*words), number)
    assert (back and back.new) == restored


@pytest.mark.parametrize(("words", "number", "why"), [
    (["female", "male"], 1, "2 is the last word"),
    (["female", None], 1, "taken back already"),
    (["female", "female"], 2, "1 is the last word|repeats"),
])  # fmt: skip
def test_what_does_not_stand_is_not_undone(words: list[Any], number: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        before(said(*words), number)


def test_what_has_changed_since_a_decision() -> None:
    decisions = said("female", "male", None) | {
        4: Decision("b.jpg", "exclude", None, True, "ben", ""),
        5: Decision("c.jpg", "gender", "male", "male", "ben", ""),  # looked at and kept
    }
    assert [(one.photo, one.new) for one in changed_since(decisions, 1)] == [("a.jpg", None), ("b.jpg", True)]
    assert [one.photo for one in changed_since(decisions, 0)] == ["b.jpg"], (
        "what was said and taken back changes nothing"
    )
    assert changed_since(decisions, 5) == []


def test_the_hint_to_undo_names_no_decision_of_others() -> None:
    assert undo_hint([4]) == "Take it back with: photobench decisions undo 4"
    assert undo_hint([1, 2, 3, 7, 9, 10]).endswith("undo 1-3 7 9-10")


RULE = rule_reason("labels: wrong label 0.97, rule 1", "rules.toml")
TOPIC = ("a.jpg", "gender")


def word(old: Any, new: Any, why: str = "") -> Decision:
    return Decision(*TOPIC, old, new, "ann", "", why)


RULED = {1: word("male", "female", RULE)}
BORNE_OUT = {**RULED, 2: word("female", "female", "it is her")}


def test_a_person_bears_out_what_a_rule_decided_and_that_is_a_word() -> None:
    assert says_more(RULED[1], "female")
    assert list(standing(BORNE_OUT)) == [2]
    assert not says_more(BORNE_OUT[2], "female"), "the same person again, or another: it was looked at"
    assert stacks({**BORNE_OUT, 3: word("female", "female")})[TOPIC] == [1, 2]
    assert contradictions(BORNE_OUT) == []
    assert contradictions({**BORNE_OUT, 3: word("female", "male")})[0][1:] == (2, 3)


def test_what_a_person_bore_out_is_still_the_change_that_the_rule_made() -> None:
    assert standing_changes(BORNE_OUT) == [RULED[1]]
    assert changed_since(BORNE_OUT, 0) == [RULED[1]]
    assert changed_since(BORNE_OUT, 1) == [], "the label is the same"
    assert standing_changes({1: word("male", "male")}) == []


def test_it_is_taken_back_alone_and_the_undo_of_that_brings_it_again() -> None:
    back = before(BORNE_OUT, 2)
    assert back == RULED[1]
    undone = {**BORNE_OUT, 3: word("female", "female", undo_reason(2, back))}
    assert list(standing(undone)) == [1]
    assert is_by_rule(undone[3]), "after an export and an import nobody has looked, as before"
    assert undone_by(undone[3]) == 2
    again = before(undone, 3)
    assert again == BORNE_OUT[2]
    assert list(standing({**undone, 4: word("female", "female", undo_reason(3, again))})) == [4]


def test_an_undo_that_goes_back_to_a_rule_says_so() -> None:
    changed = {**RULED, 2: word("female", "male", "it is him")}
    assert undo_reason(2, before(changed, 2)) == f"undo of 2; {RULE}"
    assert undo_reason(7, word("male", "female", f"undo of 2; {RULE}")) == f"undo of 7; {RULE}"
    assert undo_reason(2, word("male", "female", "it is her")) == undo_reason(2, None) == "undo of 2"
    assert undone_by(word(None, None, "undo of 12 photos")) == 0
