from __future__ import annotations

import numpy as np
import pytest

from photobench.vision.preprocess import fixed_view
from photobench.vision.views import PLAIN, VIEWS, num_looks


@pytest.fixture
def stored() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize("crop", [1.0, 0.875])
@pytest.mark.parametrize("name", VIEWS.names())
def test_every_look_is_what_a_model_sees_without_chance(stored: np.ndarray, name: str, crop: float) -> None:
    before = stored.copy()
    for look in VIEWS.build(name).looks:
        seen = look(stored, 48, crop)
        assert seen.shape == (3, 48, 48, 3)
        assert seen.dtype == np.uint8
        np.testing.assert_array_equal(seen, look(stored, 48, crop))
        np.testing.assert_array_equal(seen[1:2], look(stored[1:2], 48, crop))  # whatever else is in the batch
        assert name == PLAIN or not np.array_equal(seen, fixed_view(stored, 48, crop))
    np.testing.assert_array_equal(stored, before)


def test_the_looks_are_what_they_are_called(stored: np.ndarray) -> None:
    plain = fixed_view(stored, 56, 0.875)
    (flip,) = VIEWS.build("flip").looks
    np.testing.assert_array_equal(flip(stored, 56, 0.875), plain[:, :, ::-1])
    corners = [look(stored, 56, 0.875) for look in VIEWS.build("five-crop").looks]
    np.testing.assert_array_equal(corners[0], stored[:, :56, :56])
    np.testing.assert_array_equal(corners[3], stored[:, 8:, 8:])
    brighter, darker = (look(stored, 56, 0.875).mean() for look in VIEWS.build("colour").looks[:2])
    assert brighter > plain.mean() > darker
    assert num_looks((PLAIN, "flip", "five-crop", "scales", "colour")) == 12


def test_a_wider_look_mirrors_what_lies_beyond_the_square() -> None:
    ramp = np.broadcast_to(np.arange(100, dtype=np.uint8)[None, :, None], (1, 100, 100, 3)).copy()
    _, wider = VIEWS.build("scales").looks
    row = np.arange(100)
    beside = [*row[7::-1], *row, *row[:-8:-1]]  # 8 and 7 px that the photo does not have
    np.testing.assert_array_equal(wider(ramp, 115, 1.0)[0, 50, :, 0], beside)
