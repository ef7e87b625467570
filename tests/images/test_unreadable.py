"""Every way to be broken is a reason, and never more than that."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from PIL import Image

from photobench import images
from photobench.errors import ImageError
from photobench.images import decode, image_header, is_photo, read_photo, reading
from tests.conftest import SHARED_DATA
from tests.images.samples import (
    SAMPLES,
    png,
)

WEB_PHOTOS = SHARED_DATA / "masks"


FAKES = {
    b"": "empty file (0 bytes)",
    b"<!DOCTYPE html><html>": "not an image: begins like a web page (HTML)",
    b"\xef\xbb\xbf\n <HTML>": "not an image: begins like a web page (HTML)",
    b"<svg xmlns=": "not an image: begins like an XML document or SVG drawing",
    b"%PDF-1.7": "not an image: begins like a PDF document",
    b"PK\x03\x04\x14\0": "not an image: begins like a ZIP archive",
    b"\x1f\x8b\x08": "not an image: begins like an archive (gzip, RAR or 7z)",
    b"\0\0\0\x20ftypisom": "not an image: begins like a video (MP4)",
    b"version https://git-lfs.github.com": "not an image: begins like a Git LFS pointer; run `git lfs pull`",
    b"404: Not Found\n": 'not an image: begins with the text "404: Not Found"',
    "사진이 없습니다. 다시 시도해 주십시오.".encode(): 'not an image: begins with the text "사진이 없습니다. ',
    b"BMW 320i, a text": 'not an image: begins with the text "BMW 320i, a text"',
    bytes(100): "not an image: begins with the bytes 00 00 00 00 00 00 00 00",
    b"\xfe\xad": "not an image: begins with the bytes fe ad",
    b"\0\0\0\x18ftypheic\0\0": "a HEIC photo, which cannot be read here: convert it to JPEG",
    b"\0\0\0\x0cjP  \r\n\x87\n": "a JPEG 2000 photo, which cannot be read here: convert it to JPEG",
    png(50_000, 40_000, 8, 2, b"\0"): "too large: 50,000 × 40,000 px, the limit is 178 million pixels",
    png(0, 10, 8, 2, b"\0"): "damaged PNG: unreadable header",
    png(9, 9, 8, 2, b"\7" * 252): "damaged PNG: ",
    b"P6 0 10 255\n": "damaged PPM: unreadable header",
    b"P6 x 10 255\n": "damaged PPM: unreadable header",
    b"\xff\xd8\xff\xe0": "truncated: the JPEG stops after 4 bytes",
    SAMPLES["rgb.jpg"][0][:400]: "truncated: the JPEG stops after 400 bytes",
    SAMPLES["rgb.png"][0][:100]: "truncated: the PNG stops after 100 bytes",
    SAMPLES["rgb.webp"][0][:100]: "truncated: the WEBP stops after 100 bytes",
    SAMPLES["rgb.bmp"][0][:3000]: "truncated: the BMP stops after 3,000 bytes",
    SAMPLES["rgb.gif"][0][:1500]: "truncated: the GIF stops after 1,500 bytes",
    SAMPLES["rgb.tif"][0][:100]: "truncated: the TIFF stops after 100 bytes",
    SAMPLES["rgb.ppm"][0][:100]: "truncated: the PPM stops after 100 bytes",
}


@pytest.mark.parametrize("data", FAKES, ids=[reason[:40] for reason in FAKES.values()])
def test_reasons(data, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    with pytest.raises(ImageError) as caught:
        read_photo(path)
    reason = str(caught.value)
    assert reason.startswith(FAKES[data])
    assert "\n" not in reason and len(reason) < 100 and "photo.jpg" not in reason


def test_missing_folder_and_strange_paths(tmp_path):
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    expected = {
        "missing.jpg": "missing file",
        "folder.jpg": "a folder, not a file",
        "pipe.jpg": "not a regular file",
        "loop.jpg": "cannot be read: ",
        "a" * 300 + ".jpg": "cannot be read: ",
        "nul\0.jpg": "not a valid path",
    }
    for name, reason in expected.items():
        with pytest.raises(ImageError, match=f"^{reason}"):
            read_photo(tmp_path / name)
        assert image_header(tmp_path / name) is None


def test_no_permission(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(SAMPLES["rgb.png"][0])
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(ImageError, match="no permission to read it"):
        read_photo(path)
    assert image_header(path) is None


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.tif"
    with path.open("wb") as file:
        file.truncate(images.MAX_FILE_BYTES + 1)  # sparse: takes no space
    with pytest.raises(ImageError, match=r"too large: 2\.0 GiB"):
        read_photo(path)


@pytest.mark.parametrize("size", [(1, 178_000_001), (13_400, 13_400), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_from_its_header(size):
    with pytest.raises(ImageError, match="too large"):
        decode(png(*size, 8, 0, b"\0"))


@pytest.mark.parametrize("name", [name for name, (_, kind) in SAMPLES.items() if kind != "TIFF"])
def test_pillows_own_bomb_warning_is_not_ours(name, monkeypatch):
    """Pillow warns from half of its limit on: 89 million pixels as it comes, here a photo of 2,400."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_500)
    with pytest.warns(Image.DecompressionBombWarning):
        Image.open(io.BytesIO(SAMPLES[name][0]))
    decode(SAMPLES[name][0])


def assert_reads_or_fails_well(data: bytes) -> None:
    try:
        pixels, (width, height), _ = decode(data)
    except ImageError as error:
        assert 5 < len(str(error)) < 140
    else:
        assert pixels.shape == (height, width, 3)


@pytest.mark.parametrize("name", SAMPLES)
def test_truncation_anywhere(name, monkeypatch):
    monkeypatch.setattr(reading, "MAX_PIXELS", 10**6)
    data = SAMPLES[name][0]
    for end in sorted({*range(0, 30, 3), *np.linspace(0, len(data) - 1, 25).astype(int)}):
        assert_reads_or_fails_well(data[:end])


@pytest.mark.parametrize("name", SAMPLES)
def test_random_damage(name, monkeypatch):
    monkeypatch.setattr(reading, "MAX_PIXELS", 10**6)  # large sizes take long, and are not the matter here
    rng = np.random.default_rng(len(SAMPLES[name][0]))
    for _ in range(25):
        data = bytearray(SAMPLES[name][0])
        for _ in range(rng.integers(1, 8)):
            reach = len(data) if rng.random() < 0.4 else min(len(data), 120)
            data[rng.integers(reach)] = rng.choice([0, 127, 255, rng.integers(256)])
        assert_reads_or_fails_well(bytes(data))


def test_random_bytes():
    rng = np.random.default_rng(0)
    heads = [b"", *(data[:16] for data, _ in SAMPLES.values())]
    for i in range(300):
        assert_reads_or_fails_well(heads[i % len(heads)] + rng.bytes(int(rng.integers(1, 400))))


@pytest.mark.slow
@pytest.mark.skipif(not WEB_PHOTOS.is_dir(), reason="no folder of web photos beside the repository")
def test_photos_of_the_web_are_read_or_fail_well():
    paths = sorted(path for path in WEB_PHOTOS.rglob("*") if is_photo(path))
    reasons = {}
    for path in paths:
        try:
            photo = read_photo(path)
        except ImageError as error:
            reasons[path.name] = str(error)
        else:
            assert image_header(path) == (photo.width, photo.height)
    assert len(paths) > 1000
    assert len(reasons) < len(paths) / 100, reasons
