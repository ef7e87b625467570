"""Photos as squares."""

from __future__ import annotations

import numpy as np
import pytest

from photobench.images import resize
from tests.images.samples import (
    GREY,
    IMAGE,
    RGB,
)


@pytest.mark.parametrize("fit", ["crop", "squash", "pad"])
@pytest.mark.parametrize("shape", [(40, 60), (60, 40), (1, 1), (1, 3000), (3000, 1), (2, 3), (500, 499)])
@pytest.mark.parametrize("size_px", [1, 7, 64])
def test_resize_gives_a_square(fit, shape, size_px):
    pixels = np.full((*shape, 3), (10, 200, 30), np.uint8)
    out = resize(pixels, size_px, fit)
    assert (out.shape, out.dtype, out.flags.writeable) == ((size_px, size_px, 3), np.uint8, True)
    np.testing.assert_array_equal(out, resize(pixels, size_px, fit))
    photo = (out == (10, 200, 30)).all(axis=-1)
    assert photo.any()
    assert (out[~photo] == (114 if fit == "pad" else -1)).all(), "neither the photo nor its border"


def test_crop_takes_the_middle():
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 20:40] = (255, 0, 0)
    assert (resize(pixels, 20, "crop") == (255, 0, 0)).all()
    assert (resize(pixels.transpose(1, 0, 2), 20, "crop") == (255, 0, 0)).all()


@pytest.mark.parametrize("width", [60, 61])
@pytest.mark.parametrize("fit", ["crop", "squash"])
def test_a_mirrored_photo_gives_the_mirrored_square(width, fit):
    pixels = np.asarray(IMAGE.resize((width, 40)))
    mirrored = resize(np.ascontiguousarray(pixels[:, ::-1]), 32, fit)[:, ::-1]
    assert np.abs(resize(pixels, 32, fit).astype(int) - mirrored).max() <= 1


def test_squash_keeps_the_edges():
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 30:] = 255
    out = resize(pixels, 20, "squash")
    assert (out[:, :9] == 0).all() and (out[:, 11:] == 255).all()


def test_pad_centres_the_photo_on_grey():
    out = resize(np.full((20, 60, 3), 255, np.uint8), 30, "pad")
    assert (out[:10] == 114).all() and (out[20:] == 114).all()
    assert (out[10:20] == 255).all()


def test_resize_averages_instead_of_picking():
    """A pattern of 1-pixel stripes becomes grey, not stripes (moiré)."""
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    for size_px in (200, 40):  # with and without a first reduction
        middle = resize(stripes, size_px, "crop")[:, 5:-5].astype(int)
        assert np.abs(middle - 128).max() < 12


def test_resize_accepts_views_that_are_not_contiguous():
    view = RGB[::-1, ::2]
    np.testing.assert_array_equal(resize(view, 16, "crop"), resize(view.copy(), 16, "crop"))


@pytest.mark.parametrize(
    ("pixels", "size_px", "fit", "message"),
    [
        (GREY, 8, "crop", r"\(H, W, 3\)"),
        (RGB.astype(np.float32), 8, "crop", "uint8"),
        (RGB[:0], 8, "crop", "H, W >= 1"),
        (RGB, 0, "crop", "at least 1, not 0"),
        (RGB, 8, "stretch", 'crop, squash, pad, not "stretch"'),
    ],
)
def test_resize_checks_what_it_is_given(pixels, size_px, fit, message):
    with pytest.raises(ValueError, match=message):
        resize(pixels, size_px, fit)
