"""Smaller versions by averaging, held beside PyTorch's."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from photobench.crop.pyramid import CANVAS_PIXELS, GAP_PX, Averages, Tile, lay_out, paint


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def pooled(image_HWC: np.ndarray, height: int, width: int) -> np.ndarray:
    """facenet-pytorch's way: interpolate(mode="area")."""
    as_input = torch.from_numpy(image_HWC).permute(2, 0, 1)[None].float()
    return interpolate(as_input, size=(height, width), mode="area")[0].permute(1, 2, 0).numpy()


def reduced(image_HWC: np.ndarray, height: int, width: int) -> np.ndarray:
    out = np.empty((height, width, 3), np.float32)
    Averages(image_HWC).reduced(height, width, out)
    return out


SIZES = [((37, 53), (10, 17)), ((64, 48), (32, 24)), ((48, 40), (48, 40)), ((9, 7), (20, 15)), ((1, 30), (1, 7))]


@pytest.mark.parametrize(("full", "size"), SIZES)
def test_reduced_is_area_interpolation(full: tuple[int, int], size: tuple[int, int]) -> None:
    image = noise(*full)
    assert np.allclose(reduced(image, *size), pooled(image, *size), atol=1e-3)
    as_input = torch.from_numpy(image).permute(2, 0, 1).float()
    assert np.allclose(reduced(image, *size), adaptive_avg_pool2d(as_input, size).permute(1, 2, 0), atol=1e-3)


@pytest.mark.parametrize("side", [24, 48])
def test_windows_are_the_parts_reduced(side: int) -> None:
    image = noise(120, 90)
    corners_N4 = np.array([[0, 0, 90, 120], [3, 5, 4, 6], [10, 20, 60, 47], [41, 7, 90, 120], [0, 100, 89, 101]])
    windows = Averages(image).windows(corners_N4, side)
    assert windows.shape == (5, side, side, 3)
    for window, (left, top, right, bottom) in zip(windows, corners_N4, strict=True):
        assert np.allclose(window, pooled(image[top:bottom, left:right], side, side), atol=1e-3)


def test_a_large_white_photo_is_white_at_any_size() -> None:
    """The sums of ten million white pixels need more than 31 bits; the averages come out all the same."""
    image = np.full((3200, 3200, 3), 255, np.uint8)
    assert np.allclose(reduced(image, 13, 19), 255, atol=1e-3)
    assert np.allclose(Averages(image).windows(np.array([[100, 90, 3200, 3190]]), 24), 255, atol=1e-3)


def tiles(seed: int) -> list[Tile]:
    """As those of a batch of photos: many small ones, and a few that are larger than a canvas is meant to be."""
    rng = np.random.default_rng(seed)
    sizes = [*rng.integers(13, 120, (60, 2)), *rng.integers(150, 400, (3, 2))]
    return [Tile(number, 1.0, int(height), int(width)) for number, (height, width) in enumerate(sizes)]


def overlap(one: Tile, other: Tile) -> bool:
    """They lie on each other, or without the gap between them."""
    apart_x = one.left + one.width + GAP_PX <= other.left or other.left + other.width + GAP_PX <= one.left
    apart_y = one.top + one.height + GAP_PX <= other.top or other.top + other.height + GAP_PX <= one.top
    return not (apart_x or apart_y)


@pytest.mark.parametrize("seed", range(4))
def test_tiles_never_overlap(seed: int) -> None:
    for canvas in lay_out(tiles(seed)):
        assert not any(overlap(*pair) for pair in combinations(canvas, 2))


@pytest.mark.parametrize("seed", range(4))
def test_tiles_lie_at_even_places_each_once(seed: int) -> None:
    laid = [tile for canvas in lay_out(tiles(seed)) for tile in canvas]
    assert all(tile.top % 2 == 0 and tile.left % 2 == 0 for tile in laid)
    assert sorted((t.image, t.height, t.width) for t in laid) == [(t.image, t.height, t.width) for t in tiles(seed)]


def test_canvases_are_bounded_and_shared() -> None:
    small = [Tile(number, 1.0, 40, 40) for number in range(300)]
    canvases = lay_out(small)
    assert 1 < len(canvases) < len(small) / 10
    for canvas in canvases:
        height, width, _ = paint(canvas, [Averages(noise(50, 50))] * 300).shape
        assert height * width <= CANVAS_PIXELS * 1.1


def test_painted_tiles_are_the_photos_reduced_and_the_rest_is_black() -> None:
    photos = [noise(50 + number, 70 - number, number) for number in range(3)]
    asked = [Tile(0, 0.5, 25, 35), Tile(1, 0.4, 21, 28), Tile(2, 0.5, 27, 35), Tile(0, 0.3, 15, 21)]
    (canvas,) = lay_out(asked)
    painted = paint(canvas, [Averages(photo) for photo in photos])
    for tile in canvas:
        part = painted[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width]
        assert np.allclose(part, pooled(photos[tile.image], tile.height, tile.width), atol=1e-3)
        part[:] = 0
    assert not painted.any()
    assert all(side % 2 == 0 for side in painted.shape[:2])
