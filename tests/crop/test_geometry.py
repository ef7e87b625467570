"""From a box to pixels."""

from __future__ import annotations

import numpy as np
import pytest

from photobench.crop.geometry import cut, eye_angle, min_side_px, region
from photobench.images import PAD_GREY, Fit
from photobench.records import WHOLE, Box

FOUND = Box(0.4, 0.3, 0.6, 0.5, how="found")  # 80 × 60 px of a photo of 400 × 300


@pytest.mark.parametrize(
    ("margin", "aspect", "expected"),
    [
        (0.0, 0.0, (160, 90, 240, 150)),
        (0.25, 0.0, (140, 75, 260, 165)),
        (0.0, 1.0, (160, 80, 240, 160)),
        (0.25, 1.0, (140, 60, 260, 180)),
        (0.0, 2.0, (140, 90, 260, 150)),
        (0.0, 0.5, (160, 40, 240, 200)),
    ],
)
def test_margin_and_proportions(margin: float, aspect: float, expected: tuple[int, ...]) -> None:
    assert region(FOUND, 400, 300, margin, aspect) == expected


def test_at_the_edge_it_is_moved_inside() -> None:
    corner = Box(0.0, 0.0, 0.2, 0.2, how="found")
    assert region(corner, 400, 400, 0.5, 1.0) == (0, 0, 160, 160)
    other = Box(0.8, 0.9, 1.0, 1.0, how="found")
    assert region(other, 400, 400, 0.5, 1.0) == (240, 240, 400, 400)


def test_what_is_larger_than_the_photo_is_cut() -> None:
    assert region(Box(0.0, 0.1, 1.0, 0.9, how="found"), 100, 300, 0.5, 1.0) == (0, 0, 100, 300)


@pytest.mark.parametrize("how", ["center", "whole"])
def test_a_part_of_the_photo_gets_no_margin(how: str) -> None:
    assert region(Box(0.25, 0.25, 0.75, 0.75, how=how), 400, 200, 0.5, 1.0) == (100, 50, 300, 150)


def test_a_small_box_is_read_at_a_size_that_fills_the_square() -> None:
    assert min_side_px(WHOLE, 100) == 100
    assert min_side_px(Box(0.4, 0.4, 0.5, 0.6, how="found"), 100) == pytest.approx(1000, abs=1)


def test_the_cut_shows_what_the_box_holds() -> None:
    photo = np.zeros((300, 400, 3), np.uint8)
    photo[90:150, 160:240] = (10, 200, 30)
    squashed = cut(photo, FOUND, region(FOUND, 400, 300, 0, 0), 32, "squash")
    assert np.abs(squashed[2:-2, 2:-2].astype(int) - (10, 200, 30)).max() <= 2
    with_margin = cut(photo, FOUND, region(FOUND, 400, 300, 0.5, 1.0), 32, "crop")
    assert (with_margin[0] == 0).all()
    assert (with_margin[16, 16] == (10, 200, 30)).all()


@pytest.mark.parametrize("fit", ["crop", "squash", "pad"])
def test_windows_that_end_anywhere_between_pixels_can_be_cut(fit: Fit) -> None:
    """Those of a JPEG that was decoded at a part of its size, up to its very edge."""
    rng = np.random.default_rng(0)
    for width, height in rng.integers(20, 400, (300, 2)):
        left, top = rng.uniform(0, width - 8), rng.uniform(0, height - 8)
        side = min(width - left, height - top)
        photo = np.full((height, width, 3), 9, np.uint8)
        for window in [(left, top, width, height), (left, top, left + side, top + side), (0, 0, width, height)]:
            out = cut(photo, FOUND, tuple(map(float, window)), int(rng.integers(16, 60)), fit)
            assert set(np.unique(out)) <= {9, PAD_GREY}


@pytest.mark.parametrize("angle", [-30.0, 20.0, 75.0])
def test_aligned_eyes_are_level(angle: float) -> None:
    """Two bright eyes on a line turned by `angle` lie in one row of the cut."""
    photo = np.zeros((400, 400, 3), np.uint8)
    step = 50 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    eyes = np.array([200 - step, 200 + step])
    for x, y in eyes:
        photo[round(y) - 8 : round(y) + 8, round(x) - 8 : round(x) + 8] = 255
    found = eye_angle(eyes)
    assert found == pytest.approx(angle, abs=0.1)
    box = Box(0.25, 0.25, 0.75, 0.75, found, "found")
    out = cut(photo, box, region(box, 400, 400, 0, 1.0), 128, "crop")[..., 0].astype(float)
    rows = np.arange(128)
    left, right = out[:, :64], out[:, 64:]
    assert left.sum() > 0
    middle = [(half.sum(axis=1) * rows).sum() / half.sum() for half in (left, right)]
    assert middle[0] == pytest.approx(middle[1], abs=1.5)
    assert middle[0] == pytest.approx(63.5, abs=2)


def test_alignment_reduces_without_aliasing() -> None:
    """A fine chequerboard of a large photo becomes grey, not a pattern."""
    y, x = np.mgrid[:2000, :2000]
    photo = np.repeat(((x + y) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)
    box = Box(0.1, 0.1, 0.9, 0.9, 10.0, "found")
    out = cut(photo, box, region(box, 2000, 2000, 0, 1.0), 64, "crop")
    assert out.std() < 12


def test_without_landmarks_nothing_is_turned() -> None:
    assert eye_angle(np.zeros((0, 2))) == 0.0
