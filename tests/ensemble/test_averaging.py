from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

from photobench.ensemble import METHODS, Known, chosen, try_all
from photobench.ensemble.averaging import Models
from photobench.metrics import score

PHOTOS, CLASSES, MODELS = 3000, 4, 5
SIGNAL, COMMON, NOISE = 4.0, 3.0, 1.5
"""In log-probabilities: how much higher the truth is, what misleads all models of all members, and what misleads each model by itself."""


class Drawn:
    """Members of five models each. `wrong`: how much misleads all models of a member, in the same way, and no other member's."""

    def __init__(self, wrong: tuple[float, ...], seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        truth_N = rng.integers(CLASSES, size=3 * PHOTOS)
        common_NK = SIGNAL * np.eye(CLASSES)[truth_N] + rng.normal(0, COMMON, (3 * PHOTOS, CLASSES))
        own_MNK = common_NK + np.array(wrong)[:, None, None] * rng.normal(0, 1, (len(wrong), *common_NK.shape))
        noise_MRNK = rng.normal(0, NOISE, (len(wrong), MODELS, *common_NK.shape))
        probs_MRNK = softmax(own_MNK[:, None] + noise_MRNK, axis=3)
        held, apart, new = (slice(at, at + PHOTOS) for at in (0, PHOTOS, 2 * PHOTOS))
        self.models = [Models(one[:, apart]) for one in probs_MRNK]
        self.plain = Known(probs_MRNK[:, 0, held], truth_N[held], np.arange(PHOTOS))
        self.known = self.plain.with_noise(self.models, 0)
        self.means_MNK, self.truth_N = probs_MRNK[:, :, new].mean(axis=1), truth_N[new]

    def of_first(self) -> list[float]:
        """Macro-F1 of the first member: of a model of it, expected of the mean of all, and real."""
        return self._three(lambda probs_MNK: probs_MNK[0])

    def gain(self) -> np.ndarray:
        """How much better the mean of the members is than the first of them: out of fold, expected on new photos, and there."""
        return np.subtract(self._three(lambda probs_MNK: probs_MNK.mean(axis=0)), self.of_first())

    def _three(self, way) -> list[float]:
        real = score("macro_f1", self.truth_N, way(self.means_MNK))
        return [self.plain.expected(way), self.known.expected(way), real]


def test_a_mean_of_models_is_expected_to_be_as_good_as_it_is() -> None:
    of_one, expected, real = np.mean([Drawn((0.0,), seed).of_first() for seed in range(4)], axis=0)
    assert real - of_one > 0.03
    assert expected - of_one == pytest.approx(real - of_one, rel=0.4)


@pytest.mark.parametrize("wrong", [(1.0, 1.0), (0.0, 1.5)])
def test_the_gain_on_new_photos_is_less_than_out_of_fold_and_told(wrong: tuple[float, ...]) -> None:
    """The second pair is the mean of a good member with one that is misled, which looks like a gain and is a loss."""
    of_one, expected, real = np.mean([Drawn(wrong, seed).gain() for seed in range(4)], axis=0)
    assert of_one - real > 0.008
    assert abs(expected - real) < abs(of_one - real) * 0.65


def test_what_only_looks_like_a_gain_is_not_taken() -> None:
    found = Drawn((0.0, 1.5), seed=3)
    plain, known = (try_all(one, 200, 0.95, 0) for one in (found.plain, found.known))
    assert chosen(found.plain, plain).name != "single"
    assert chosen(found.known, known).name == "single"
    assert found.gain()[2] < 0
    assert [one.gain for one in known[1:3]] == [one.gain for one in plain[1:3]], "out of fold the same is said"


def test_greedy_takes_its_best_member_where_less_noise_makes_that_better_than_the_mean() -> None:
    """By hand: with more noise the first member is much worse and the second much better, so with less noise it is the other way round."""
    truth_N = np.arange(400) % 2

    def member(share: float, shift: int = 0, sure: float = 0.8) -> np.ndarray:
        right_N = np.roll(np.arange(400) < share * 400, shift)
        return np.where((np.eye(2)[truth_N] == 1) == right_N[:, None], sure, 1 - sure)

    plain = Known(np.stack([member(0.7), member(0.65, 200)]), truth_N, np.arange(400))
    noisier_DMNK = np.stack([member(0.4, sure=0.6), member(1.0, sure=0.9)])[None]
    greedy = METHODS.build("greedy")
    assert min(greedy.fit(plain, 0).weights_M) > 0
    assert greedy.fit(replace(plain, noisier_DMNK=noisier_DMNK), 0).weights_M.tolist() == [1, 0]


def test_members_that_are_misled_in_ways_of_their_own_gain() -> None:
    found = Drawn((4.0, 4.0))
    ways = try_all(found.known, 200, 0.95, 0)
    soft = next(one for one in ways if one.name == "soft")
    assert soft.expected is not None
    assert soft.expected.low < found.gain()[2] < soft.expected.high
    assert chosen(found.known, ways).name != "single"
    assert found.gain()[2] > 0.03


def test_of_a_way_whose_noise_is_not_known_the_gain_stays() -> None:
    found = Drawn((0.0, 0.0))
    best_NK = found.plain.probs_MNK.mean(axis=0)
    best, soup = try_all(found.known, 200, 0.95, 0, {"soup": best_NK})[:2]
    assert soup.gain is not None and soup.expected is None
    outlook, single = (one.outlook.value["macro_f1"] for one in (soup, best))
    assert outlook - single == pytest.approx(soup.gain.value)


def test_where_all_models_tell_a_held_out_photo_there_is_no_more_noise() -> None:
    found = Drawn((0.0,))
    all_of_them = Models(found.models[0].probs_RUK, together=MODELS)
    said_NK = found.plain.probs_MNK[0]
    np.testing.assert_allclose(all_of_them.noisier(said_NK, np.random.default_rng(0)), said_NK, atol=1e-5)


def test_a_doubt_that_no_interval_knows_asks_for_more_than_a_standard_error() -> None:
    found = Drawn((0.0, 1.5), seed=1)
    ways = [one for one in try_all(found.plain, 200, 0.95, 0) if one.name in ("single", "soft")]
    gain = ways[1].gain
    assert gain is not None
    assert gain.low < 0 < gain.value - (gain.high - gain.value) / 1.96, "between the two"
    assert chosen(found.plain, ways).name == "soft"
    assert chosen(found.plain, ways, sure=0.95).name == "single"


def test_noise_is_that_of_answers_that_are_alike() -> None:
    """Models that are sure of the first class always say the same of it, those that say the second are far apart: the first stays as it is."""
    sure_UK, torn_UK = np.tile([0.98, 0.02], (200, 1)), np.tile([0.3, 0.7], (200, 1))
    apart_RUK = np.stack(
        [np.concatenate([sure_UK, torn_UK]), np.concatenate([sure_UK, torn_UK**8 / (torn_UK**8).sum(1, keepdims=True)])]
    )
    noisier_NK = Models(apart_RUK).noisier(np.array([[0.97, 0.03], [0.35, 0.65]]), np.random.default_rng(0))
    np.testing.assert_allclose(noisier_NK[0], [0.97, 0.03], atol=1e-6)
    assert abs(noisier_NK[1, 0] - 0.35) > 0.1


def test_a_class_that_models_hardly_say_has_the_noise_of_any() -> None:
    rng = np.random.default_rng(0)
    models = Models(softmax(rng.normal([4, 4, 0], 1, (2, 40, 3)), axis=2))
    assert (models.probs_RUK.argmax(axis=2) == 2).sum() < 8
    said_NK = np.tile([0.1, 0.1, 0.8], (50, 1))
    noisier_NK = models.noisier(said_NK, rng)
    np.testing.assert_allclose(noisier_NK.sum(axis=1), 1)
    assert np.abs(noisier_NK - said_NK).max() > 0.05
