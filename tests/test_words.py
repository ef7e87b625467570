from __future__ import annotations

import math

import pytest

from photobench.words import belief, examples, listed, percent, quotes, size_text


@pytest.mark.parametrize(
    ("items", "limit", "expected"),
    [
        ("a", 2, "a"),
        ("abc", 2, "a, b and c"),
        ("abcd", 2, "a, b and 2 more"),
    ],
)
def test_a_list_within_a_sentence_never_ends_in_one_more(items: str, limit: int, expected: str) -> None:
    assert listed(list(items), limit) == expected


def test_examples_say_how_many_more_there_are() -> None:
    assert examples([]) == ""
    assert examples(range(3)) == "0, 1, 2"
    assert examples(quotes("abcdef"), 2) == '"a", "b", and 4 more'


def test_what_is_neither_nothing_nor_all_is_never_said_to_be() -> None:
    shares = [0, 0.004, 0.5, 0.996, 1, math.nan]
    assert [percent(share) for share in shares] == ["0 %", "under 1 %", "50 %", "over 99 %", "100 %", "–"]
    assert [belief(share) for share in shares[:-1]] == ["under 1 %", "under 1 %", "50 %", "over 99 %", "over 99 %"]


def test_a_size_has_the_unit_that_suits_it() -> None:
    assert [size_text(size) for size in (5e5, 7.2e7, 3.91e9)] == ["0 MB", "72 MB", "3.9 GB"]
    assert size_text(7.26e7, 1) == "72.6 MB"
