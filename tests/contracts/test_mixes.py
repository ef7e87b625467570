"""What every mix must do."""

from __future__ import annotations

import numpy as np
import pytest

from photobench.train.loader import TrainingBatches
from photobench.vision.augment import Augment
from photobench.vision.mix import MIXES
from photobench.vision.options import AugmentOptions


@pytest.fixture
def images() -> np.ndarray:
    """Photo n is all of the grey level 10 n."""
    return np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None, None, None] * 10, (8, 32, 32, 3)).copy()


CODES = np.array([0, 0, 0, 1, 1, 1, 1, 2])[:, None]


@pytest.mark.parametrize("name", MIXES.names())
@pytest.mark.parametrize("seed", range(5))
def test_the_share_is_what_is_seen_of_each(images: np.ndarray, name: str, seed: int) -> None:
    before = images.copy()
    mixing = MIXES.build(name)(CODES, 32, np.random.default_rng(seed))
    out = mixing.of(images)
    assert np.array_equal(images, before)
    assert out.shape == images.shape
    assert out.dtype == np.uint8
    assert sorted(mixing.partner_B) == list(range(8))
    assert 0 <= mixing.share <= 1
    levels = 10 * np.arange(8)
    expected = mixing.share * levels + (1 - mixing.share) * levels[mixing.partner_B]
    assert out.mean(axis=(1, 2, 3)) == pytest.approx(expected, abs=0.6)


@pytest.mark.parametrize("name", MIXES.names())
def test_the_same_seed_mixes_the_same(images: np.ndarray, name: str) -> None:
    first, again = (MIXES.build(name)(CODES, 32, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first.of(images), again.of(images))
    assert np.array_equal(first.partner_B, again.partner_B)


def test_halves_keep_one_side_whole(images: np.ndarray) -> None:
    mixing = MIXES.build("halves")(CODES, 32, np.random.default_rng(0))
    assert mixing.share == 0.5
    for image in mixing.of(images):
        assert image[:, :16].std() == 0
        assert image[:, 16:].std() == 0


@pytest.mark.parametrize("seed", range(5))
def test_halves_within_keep_the_label_and_are_of_two_photos(seed: int) -> None:
    mixing = MIXES.build("halves-within")(CODES, 32, np.random.default_rng(seed))
    assert np.array_equal(CODES[mixing.partner_B], CODES)
    assert (mixing.partner_B[:7] != np.arange(7)).all()
    assert mixing.partner_B[7] == 7  # alone in its class


def test_halves_within_look_at_every_attribute() -> None:
    codes = np.stack([np.arange(8) % 2, np.arange(8) // 4], axis=1)
    mixing = MIXES.build("halves-within")(codes, 32, np.random.default_rng(0))
    assert np.array_equal(codes[mixing.partner_B], codes)


@pytest.mark.parametrize("name", MIXES.names())
def test_no_mix_shows_a_photo_that_is_not_for_training(name: str) -> None:
    """Group-safe: photo n is all of the level n, those of validation are white, and no batch ever holds white."""
    num, valid = 24, np.arange(0, 24, 3)
    pixels = np.broadcast_to(np.arange(num, dtype=np.uint8)[:, None, None, None], (num, 32, 32, 3)).copy()
    pixels[valid] = 255
    rows = np.setdiff1d(np.arange(num), valid)
    augment = Augment(AugmentOptions(preset="none"), 28, 32, 0.875)
    batches = TrainingBatches(pixels, rows, rows[:, None] % 4, 8, lambda epoch: augment, seed=0, mix=name)
    for epoch in range(3):
        for number in range(batches.num_batches):
            batch = batches[epoch, number]
            assert int(batch.images.max()) < num
            assert set(batch.others.ravel().tolist()) <= set((rows % 4).tolist())
