from __future__ import annotations

import numpy as np
import pytest

from photobench.ensemble import METHODS, Known, Tried, chosen, try_all
from photobench.ensemble.choose import CrossFitted, parts_of
from photobench.errors import PhotobenchError
from photobench.evaluation import Figure
from photobench.metrics import score
from photobench.paired import drawn
from tests.ensemble.answers import answers


def tried(known: Known) -> dict:
    return {one.name: one for one in try_all(known, 200, 0.95, 0)}


def test_members_that_are_wrong_about_different_photos_are_worth_combining() -> None:
    known = answers((1.2, 1.2, 1.2, 1.2), people=150)
    found = tried(known)
    assert list(found) == METHODS.names()
    assert found["single"].gain is None
    assert found["soft"].gain.low > 0
    assert chosen(known, list(found.values())).name == "soft"


def test_copies_of_one_member_are_not() -> None:
    one = answers((1.2,), people=100)
    known = Known(np.repeat(one.probs_MNK, 3, axis=0), one.truth_N, one.clusters_N)
    assert chosen(known, list(tried(known).values())).name == "single"


def test_what_other_ways_say_stands_after_the_best_member() -> None:
    known = answers((1.0, 1.0))
    found = try_all(known, 100, 0.95, 0, {"soup": np.eye(3)[known.truth_N]})
    assert [one.name for one in found][:3] == ["single", "soup", "soft"]
    assert found[1].score.value == 1
    assert chosen(known, found).name == "soup"


def test_a_cluster_is_never_both_fitted_to_and_asked() -> None:
    known = answers((1.0, 1.0), people=23)
    part_N = parts_of(known, 0)
    assert all(len(np.unique(part_N[known.clusters_N == one])) == 1 for one in range(23))
    assert set(part_N) == set(range(5))


@pytest.mark.parametrize("name", METHODS.names())
def test_nothing_is_gained_from_noise(name: str) -> None:
    """The members know nothing. What is fitted to labels looks good on them, and is at chance on others."""
    gains = []
    for seed in range(4):
        known = answers((0.0,) * 6, people=60, seed=seed)
        way = CrossFitted.of(name, known, parts_of(known, seed), seed)
        gains.append(score("accuracy", known.truth_N, way.told(known.probs_MNK)))
    assert np.mean(gains) == pytest.approx(1 / 3, abs=0.06)


def test_greedy_is_not_worse_on_a_hidden_part_than_its_best_member() -> None:
    """20 divisions: fitted to half of the people, measured on the others. The mean difference is not below zero beyond its error."""
    apart = []
    for seed in range(20):
        known = answers((1.6, 1.3, 1.0, 0.4), people=80, seed=seed)
        hidden_N = parts_of(known, seed) >= 3
        learned, asked = known.rows(~hidden_N), known.rows(hidden_N)
        marks = []
        for name in ("greedy", "single"):
            method = METHODS.build(name)
            said_NK = method.combine(asked.probs_MNK, method.fit(learned, seed))
            marks.append(score("macro_f1", asked.truth_N, said_NK))
        apart.append(marks[0] - marks[1])
    assert np.mean(apart) > -np.std(apart) / np.sqrt(len(apart))


def test_one_group_is_told_in_a_sentence() -> None:
    with pytest.raises(PhotobenchError, match="all of one group"):
        try_all(answers((1.0, 1.0), people=1), 50, 0.95, 0)


def test_a_way_that_is_not_better_than_the_best_member_is_not_taken_because_it_is_near_a_better_one() -> None:
    """By hand: the simpler way differs from the best member in photos that it gains and loses, the other one gains only."""
    truth_N = np.zeros(400, dtype=int)
    known = Known(np.zeros((1, 400, 2)), truth_N, np.arange(400))

    def right(*rows: slice) -> np.ndarray:
        right_N = np.zeros(400, dtype=bool)
        for one in rows:
            right_N[one] = True
        return np.eye(2)[np.where(right_N, 0, 1)]

    said = {
        "single": right(slice(0, 300)),
        "soft": right(slice(0, 260), slice(300, 345)),
        "greedy": right(slice(0, 310)),
    }
    tried = [Tried(name, one, Figure(0.0), None, drawn(known.sample(one), 200, 0), None) for name, one in said.items()]
    assert chosen(known, tried).name == "greedy"
    assert chosen(known, tried[:2]).name == "single"
