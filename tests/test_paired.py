"""The interval of a difference, the chance that one is better, and what a comparison could have shown."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.special import stdtrit

from photobench import paired
from photobench.bootstrap import Sample


def sample(truth_N: np.ndarray, said_N: np.ndarray, each: int = 5) -> Sample:
    groups_N = np.arange(len(truth_N)) // each
    return Sample(truth_N, said_N, np.eye(2, dtype=np.float32)[said_N], groups_N, int(groups_N.max()) + 1)


TRUTH_N = np.arange(2000) // 5 % 2


def drawn(wrong_N: np.ndarray, num: int = 400) -> tuple[np.ndarray, paired.Drawn]:
    """Of a model that errs where it is said to."""
    truth_N = TRUTH_N[: len(wrong_N)]
    return wrong_N, paired.drawn(sample(truth_N, truth_N ^ wrong_N), num, 0)


def against(first: tuple[np.ndarray, paired.Drawn], *others: tuple[np.ndarray, paired.Drawn]) -> list[paired.Gain]:
    differ = [len(np.unique(np.flatnonzero(wrong_N != first[0]) // 5)) for wrong_N, _ in others]
    return paired.against(first[1], [one for _, one in others], "accuracy", differ, 0.95)


def gains(wrong: list[np.ndarray]) -> list[paired.Gain]:
    """Of models that err where they are said to, against the first, in accuracy."""
    first, *others = map(drawn, wrong)
    return against(first, *others)


def errs(seed: int, rate: float, photos: int = 300) -> np.ndarray:
    return (np.random.default_rng(seed).random(photos) < rate).astype(int)


def in_groups(*groups: int) -> np.ndarray:
    wrong = np.zeros(200, dtype=int)
    for group in groups:
        wrong[group * 5] = 1
    return wrong


@pytest.mark.parametrize(("groups", "noise"), [(4, True), (5, True), (8, False)])
def test_a_few_groups_of_one_mind_are_noise_as_by_chance(groups: int, noise: bool) -> None:
    """Chance alone makes four of four agree in one case of eight, and eight of eight in one of 128."""
    gain = gains([in_groups(*range(groups)), in_groups()])[0]
    assert gain.value == pytest.approx(groups / 200)
    assert gain.is_noise == noise


def test_one_group_says_nothing() -> None:
    gain = gains([in_groups(1), in_groups()])[0]
    assert not gain.is_known
    assert gain.is_noise


def test_the_chance_that_it_is_better_follows_the_interval() -> None:
    better = gains([errs(0, 0.3), errs(0, 0.3) & errs(1, 0.5)])[0]
    assert better.low > 0
    assert better.probability > 0.975
    worse = gains([errs(0, 0.3) & errs(1, 0.5), errs(0, 0.3)])[0]
    assert worse.probability == pytest.approx(1 - better.probability)
    even = gains([errs(3, 0.2), errs(4, 0.2)])[0]
    assert even.is_noise
    assert 0.025 < even.probability < 0.975


def students(first_N: np.ndarray, other_N: np.ndarray) -> bool:
    """Whether Student's t test of the groups' differences, which is right here, calls it noise."""
    difference_G = (first_N - other_N).reshape(-1, 5).sum(axis=1)
    return abs(difference_G.mean()) <= stdtrit(39, 0.975) * difference_G.std(ddof=1) / 40**0.5


def test_equal_models_are_noise_and_a_difference_is_found_as_often_as_promised() -> None:
    """On 80 drawn validation sets each; a model errs for hard people, and the better one in 9 points fewer."""
    equal, by_students, found, promised = 0, 0, 0, []
    for draw in range(80):
        rng = np.random.default_rng(draw)
        hard_N = np.repeat(rng.gamma(1, 1, 40), 5)
        first, twin, better = (drawn((rng.random(200) < rate * hard_N).astype(int), 200) for rate in (0.25, 0.25, 0.16))
        equal += against(first, twin)[0].is_noise
        by_students += students(first[0], twin[0])
        gain = against(first, better)[0]
        found += not gain.is_noise
        promised.append(gain.power(0.09))
    assert by_students <= equal <= 79
    assert found / 80 == pytest.approx(np.mean(promised), abs=0.12)


def test_power_grows_with_the_difference_and_is_four_fifths_where_it_says_so() -> None:
    gain = gains([errs(3, 0.2), errs(4, 0.2)])[0]
    assert gain.power(gain.detectable()) == pytest.approx(0.8, abs=0.001)
    assert gain.power(0.0) < 0.06 < gain.power(0.02) < gain.power(0.1)
    assert gain.detectable(0.9) > gain.detectable(0.8)


def test_many_against_one_have_wider_intervals_that_hold_all_at_once() -> None:
    first, others = errs(0, 0.2), [errs(seed, 0.2) for seed in range(1, 9)]
    together = gains([first, *others])
    alone = [gains([first, other])[0] for other in others]
    for one, other in zip(together, alone, strict=True):
        assert one.value == other.value
        assert 1.1 < (one.high - one.low) / (other.high - other.low) < 1.8


def test_of_many_equal_ones_none_is_called_better() -> None:
    """Ten twins, 25 times: each alone would be wrong in one of twenty, so that some of them is in every third comparison."""
    wrong_together = wrong_alone = 0
    for draw in range(25):
        rng = np.random.default_rng(draw)
        hard_N = np.repeat(rng.gamma(1, 1, 30), 5)
        first, *others = (drawn((rng.random(150) < 0.2 * hard_N).astype(int), 200) for _ in range(11))
        wrong_together += any(not gain.is_noise for gain in against(first, *others))
        wrong_alone += any(not against(first, other)[0].is_noise for other in others)
    assert wrong_together <= 3 < wrong_alone


def test_resamplings_that_say_nothing_are_left_out() -> None:
    """Such as those that drew one class."""
    about_BJ = np.random.default_rng(0).normal(0.1, 0.05, (200, 2))
    errors_J = about_BJ.std(axis=0)
    whole = paired.Differences(np.full(2, 0.1), about_BJ, errors_J, np.ones(2), 0.95).gains()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        about_BJ = np.vstack([about_BJ, np.full((7, 2), np.nan)])
        assert paired.Differences(np.full(2, 0.1), about_BJ, errors_J, np.ones(2), 0.95).gains() == whole
