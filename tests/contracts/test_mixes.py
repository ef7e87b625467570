"""What every mix must do."""

from __future__ import annotations

import numpy as np
import pytest

from photobench.vision.mix import MIXES


@pytest.fixture
def images() -> np.ndarray:
    """Photo n is all of the grey level 10 n."""
    return np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None, None, None] * 10, (8, 32, 24, 3)).copy()


@pytest.mark.parametrize("name", MIXES.names())
@pytest.mark.parametrize("seed", range(5))
def test_the_share_is_what_is_seen_of_each(images: np.ndarray, name: str, seed: int) -> None:
    before = images.copy()
    mixed = MIXES.build(name)(images, np.random.default_rng(seed))
    assert np.array_equal(images, before)
    assert mixed.images_BHWC.shape == images.shape
    assert mixed.images_BHWC.dtype == np.uint8
    assert sorted(mixed.partner_B) == list(range(8))
    assert 0 <= mixed.share <= 1
    levels = 10 * np.arange(8)
    expected = mixed.share * levels + (1 - mixed.share) * levels[mixed.partner_B]
    assert mixed.images_BHWC.mean(axis=(1, 2, 3)) == pytest.approx(expected, abs=0.6)


@pytest.mark.parametrize("name", MIXES.names())
def test_the_same_seed_mixes_the_same(images: np.ndarray, name: str) -> None:
    first, again = (MIXES.build(name)(images, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first.images_BHWC, again.images_BHWC)
    assert np.array_equal(first.partner_B, again.partner_B)


def test_halves_keep_one_side_whole(images: np.ndarray) -> None:
    mixed = MIXES.build("halves")(images, np.random.default_rng(0))
    assert mixed.share == 0.5
    for image in mixed.images_BHWC:
        assert image[:, :12].std() == 0
        assert image[:, 12:].std() == 0
