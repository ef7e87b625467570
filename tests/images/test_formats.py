"""Every format gives the same upright RGB."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest
from PIL import Image

from photobench.images import decode, image_header, is_photo, read_photo
from tests.images.samples import (
    GREY,
    IMAGE,
    RGB,
    SAMPLES,
    difference,
    encoded,
)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_gives_the_same_upright_rgb(name, tmp_path):
    data, kind = SAMPLES[name]
    path = tmp_path / "폴더 with spaces" / name
    path.parent.mkdir()
    path.write_bytes(data)
    photo = read_photo(path)
    expected = np.repeat(GREY[..., None], 3, axis=2) if "grey" in name or "float" in name else RGB
    assert photo.pixels.shape == (40, 60, 3)
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.flags.writeable and photo.pixels.flags.c_contiguous
    assert difference(photo.pixels, expected) < 6, "colours differ"
    assert (photo.width, photo.height, photo.format, photo.note) == (60, 40, kind, "")
    assert (photo.num_bytes, photo.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert image_header(path) == (60, 40)
    assert is_photo(path)


@pytest.mark.parametrize("name", ["rgb.png", "rgb16.png", "grey16.png", "grey16.tif", "grey16.pgm"])
def test_lossless_formats_are_exact(name):
    expected = np.repeat(GREY[..., None], 3, axis=2) if "grey" in name else RGB
    np.testing.assert_array_equal(decode(SAMPLES[name][0])[0], expected)


def test_one_bit():
    black_left = GREY > 120
    for kind in ("PNG", "PPM", "TIFF", "BMP"):
        pixels, _, _ = decode(encoded(Image.fromarray(black_left), kind))
        np.testing.assert_array_equal(pixels, np.repeat(black_left[..., None] * np.uint8(255), 3, axis=2))


def test_avif_where_this_pillow_reads_it():
    try:
        data = encoded(IMAGE, "AVIF", quality=95)
    except (KeyError, OSError):
        pytest.skip("this Pillow has no AVIF")
    pixels, size, kind = decode(data)
    assert (size, kind) == ((60, 40), "AVIF")
    assert difference(pixels, RGB) < 6


def test_16_bits_keep_their_order_and_their_ends():
    ramp = np.linspace(0, 65535, 60).astype(np.uint16)[None].repeat(2, axis=0)
    row = decode(encoded(ramp, "PNG"))[0][0, :, 0]
    assert (row[0], row[-1]) == (0, 255)
    assert (np.diff(row.astype(int)) > 0).all()


def test_a_dark_16_bit_photo_stays_dark():
    assert decode(encoded(np.full((4, 4), 200, np.uint16), "PNG"))[0].max() == 1
    assert decode(b"P5 2 1 65535\n" + struct.pack(">HH", 200, 100))[0].max() == 1


def test_real_values_without_a_known_range_are_stretched():
    values = np.array([[-5.0, 0.0, 5.0, np.nan, np.inf]], np.float32)
    assert decode(encoded(values, "TIFF"))[0][0, :, 0].tolist() == [0, 128, 255, 128, 128]
    huge = np.array([[-3e38, 3e38]], np.float32)
    assert decode(encoded(huge, "TIFF"))[0][0, :, 0].tolist() == [0, 255]
    wide = np.array([[0, 2**30]], np.int32)
    assert decode(encoded(wide, "TIFF"))[0][0, :, 0].tolist() == [0, 255]
    assert decode(encoded(np.full((2, 2), -7, np.int32), "TIFF"))[0].max() == 0


def test_the_first_frame_is_read():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "PNG", "WEBP", "TIFF"):
        pixels = decode(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))[0]
        assert difference(pixels, np.full((8, 8, 3), (255, 0, 0))) < 4, kind


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparent_parts_become_white(kind):
    rgba = np.dstack([RGB, np.full((40, 60), 255, np.uint8)])
    rgba[:, :20, 3] = 0
    rgba[:, 20:40, 3] = 128
    options = {"lossless": True} if kind == "WEBP" else {}
    pixels = decode(encoded(rgba, kind, **options))[0]
    half = (RGB[:, 20:40] * (128 / 255) + 255 * (127 / 255)).round()
    assert (pixels[:, :20] == 255).all()
    assert np.abs(pixels[:, 20:40] - half).max() <= 1
    np.testing.assert_array_equal(pixels[:, 40:], RGB[:, 40:])


def palette_image() -> Image.Image:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), mode=None).convert("P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.putdata([0, 1, 2])
    return image


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_one_transparent_colour_of_a_palette(kind):
    pixels = decode(encoded(palette_image(), kind, transparency=1))[0]
    assert pixels.tolist() == [[[255, 0, 0], [255, 255, 255], [0, 0, 255]]]


def test_alpha_for_each_colour_of_a_palette():
    pixels = decode(encoded(palette_image(), "PNG", transparency=bytes([255, 0, 128])))[0]
    assert pixels.tolist() == [[[255, 0, 0], [255, 255, 255], [127, 127, 255]]]


def test_a_transparent_colour_without_a_palette():
    assert decode(encoded(np.array([[0, 9]], np.uint8), "PNG", transparency=9))[0][0, :, 0].tolist() == [
        0,
        255,
    ]
    two = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    assert decode(encoded(two, "PNG", transparency=(1, 2, 3)))[0].tolist() == [[[255] * 3, [4, 5, 6]]]
    grey16 = encoded(np.array([[0, 65535]], np.uint16), "PNG", transparency=0)
    assert decode(grey16)[0].shape == (1, 2, 3)
