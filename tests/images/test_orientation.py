"""Photos that were turned, and metadata that is damaged."""

from __future__ import annotations

import numpy as np
import pytest

from photobench.images import decode, image_header, read_photo
from tests.images.samples import (
    IMAGE,
    RGB,
    chunk,
    difference,
    encoded,
    exif,
    png,
    png_rows,
)

UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_orientation(kind, orientation, tmp_path):
    expected = UPRIGHT[orientation](decode(encoded(IMAGE, kind))[0])
    path = tmp_path / "photo"
    path.write_bytes(encoded(IMAGE, kind, exif=exif(orientation)))
    photo = read_photo(path)
    np.testing.assert_array_equal(photo.pixels, expected)
    assert (photo.height, photo.width) == expected.shape[:2]
    assert image_header(path) == (photo.width, photo.height)


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_orientation_of_a_reduced_jpeg(orientation):
    large = IMAGE.resize((600, 400))
    pixels, size, _ = decode(encoded(large, "JPEG", exif=exif(orientation)), min_side_px=50)
    assert size == ((600, 400) if orientation < 5 else (400, 600))
    expected = UPRIGHT[orientation](np.asarray(large.resize((150, 100))))
    assert pixels.shape == expected.shape
    assert difference(pixels, expected) < 4


def test_orientation_behind_the_pixels_of_a_png():
    late = chunk(b"eXIf", exif(6).tobytes()[6:])
    data = png(60, 40, 8, 2, png_rows(RGB.reshape(40, -1)), after=late)
    np.testing.assert_array_equal(decode(data)[0], np.rot90(RGB, -1))


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0garbage that is no TIFF header",
        b"Exif\0\0II*\0\xff\xff\xff\x7f",
        exif(6).tobytes()[:-5],
        exif(99).tobytes(),
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\xff\xff\xff\xff\x06\0\0\0\0\0\0\0",
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_corrupt_exif_does_not_fail_the_photo(kind, block):
    assert decode(encoded(IMAGE, kind, exif=block))[0].shape == (40, 60, 3)


def test_random_exif_does_not_fail_the_photo():
    rng = np.random.default_rng(0)
    block = exif(6)
    block[0x010F], block[0x011A], block[0x0128] = "a maker of cameras", 72.5, 2
    valid = block.tobytes()
    for _ in range(300):
        broken = bytearray(valid)
        for _ in range(rng.integers(1, 8)):
            broken[rng.integers(6, len(broken))] = rng.choice([0, 1, 8, 255, rng.integers(256)])
        shape = decode(encoded(IMAGE, "JPEG", exif=bytes(broken)))[0].shape
        assert shape in ((40, 60, 3), (60, 40, 3))  # a damaged orientation may still be one
