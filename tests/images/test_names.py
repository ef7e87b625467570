"""Which files are photos, by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from photobench.images import IMAGE_SUFFIXES, is_photo, read_photo
from tests.images.samples import (
    SAMPLES,
)


@pytest.mark.parametrize("name", ["a.jpg", "b.JPEG", "c d.PnG", "한글.webp", "x.tif", "y.heic", "v1.2.bmp"])
def test_photos_by_name(name):
    assert is_photo(name)
    assert is_photo(Path("some.folder") / name)


@pytest.mark.parametrize("name", ["._a.jpg", ".a.jpg", ".DS_Store", "Thumbs.db", "a.txt", "jpg", ".jpg", "a.jpg~"])
def test_names_that_are_no_photos(name):
    assert not is_photo(name)


def test_suffixes_are_lower_case_with_a_dot():
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in IMAGE_SUFFIXES)
    assert {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tiff", ".pgm"} <= IMAGE_SUFFIXES


@pytest.mark.parametrize(
    ("name", "sample", "note"),
    [
        ("a.jpg", "rgb.png", "named .jpg but is PNG"),
        ("a.JPG", "rgb.webp", "named .JPG but is WEBP"),
        ("a.png", "rgb.jpg", "named .png but is JPEG"),
        ("a.jpeg", "rgb.jpg", ""),
        ("a", "rgb.jpg", ""),
        ("a.bin", "rgb.jpg", ""),
    ],
)
def test_a_wrong_suffix_is_read_and_noted(name, sample, note, tmp_path):
    path = tmp_path / name
    path.write_bytes(SAMPLES[sample][0])
    assert read_photo(path).note == note
