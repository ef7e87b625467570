"""Whose weights are averaged. What a mean of weights says is drawn here: trainings that ended near each other give the mean of what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from photobench.ensemble import Known
from photobench.ensemble.choose import parts_of
from photobench.ensemble.soup import Members, cross_chosen, greedy_soup
from photobench.metrics import score
from tests.ensemble.answers import answers


def near(known: Known, members: Members) -> np.ndarray:
    return known.probs_MNK[list(members)].mean(axis=0)


def test_members_that_help_are_averaged_and_one_that_does_not_stays_out() -> None:
    known = answers((1.2, 0.0, 1.2), people=200)
    wrong_NK = np.roll(known.probs_MNK[2], 1, axis=1)
    known = replace(known, probs_MNK=np.concatenate([known.probs_MNK, wrong_NK[None] ** 4]))
    assert greedy_soup(known, lambda members: near(known, members)) == (0, 2)


def test_weights_that_lie_apart_are_not_averaged() -> None:
    """The mean of models that were trained from nothing knows nothing."""
    known = answers((0.8, 1.2, 1.0))
    nothing_NK = np.full(known.probs_MNK.shape[1:], 1 / 3)
    assert greedy_soup(known, lambda members: nothing_NK) == (1,)


def test_the_worse_ones_come_later_and_each_mean_is_asked_for_once_a_step() -> None:
    known, asked = answers((0.5, 2.0, 1.0), people=100), list[Members]()

    def mixed(members: Members) -> np.ndarray:
        asked.append(members)
        return near(known, members)

    greedy_soup(known, mixed)
    assert next(set(one) - {1} for one in asked) == {2}
    assert len(asked) == 2


def test_a_photo_chooses_nothing_of_the_soup_that_it_is_asked_of() -> None:
    """Noise from whose means one is picked looks good on the photos that pick it, and is at chance on others."""
    chosen, honest = [], []
    for seed in range(6):
        known = answers((0.0,) * 8, people=40, seed=seed)
        picked = greedy_soup(known, lambda members, known=known: near(known, members))
        chosen.append(score("accuracy", known.truth_N, near(known, picked)))
        said_NK = cross_chosen(known, lambda members, known=known: near(known, members), parts_of(known, seed))
        honest.append(score("accuracy", known.truth_N, said_NK))
    assert np.mean(chosen) > 0.38
    assert abs(np.mean(honest) - 1 / 3) < 0.05
