"""What the demo says before it draws."""

from __future__ import annotations

from collections import Counter

import pytest

from photobench.errors import ConfigError
from photobench.sources.demo import rarest_label
from photobench.sources.demo.plan import plan_train
from photobench.workflow.demonstrating import what_is_drawn


def test_the_rarest_label_is_that_of_the_fewest_rows() -> None:
    for people in (20, 30, 60):
        _, rows, _ = plan_train(0, people)
        bands = Counter(
            "under 30" if row["age"] < 30 else "30 to 59" if row["age"] < 60 else "60 and over" for row in rows
        )
        assert rarest_label(0, people)[1] == min(bands.values())
        assert bands[rarest_label(0, people)[0]] == min(bands.values())


def test_what_number_means_and_which_folds_it_allows_is_said_before_anything_is_drawn() -> None:
    usual, few = what_is_drawn(150), what_is_drawn(50)
    evaluated = "and 60 others as the evaluation set, 420 photos, whatever --people is."
    assert usual == f"150 people to learn from, 1,050 photos, {evaluated}"
    assert few.startswith(f'50 people to learn from, 350 photos, {evaluated} "60 and over" are only 4 of them')
    assert few.endswith("--folds 4 at the most; --people 51 allows --folds 5.")


def test_a_label_of_one_person_is_refused_with_a_number_that_does() -> None:
    with pytest.raises(ConfigError, match=r"--people 34 draws 1 person .* --people 35\.$"):
        what_is_drawn(34)
    assert rarest_label(0, 35)[1] >= 2
