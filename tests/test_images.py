"""Every format, every way to be broken. The files are made here; most are a few hundred bytes."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photobench import images
from photobench.errors import ImageError
from photobench.images import IMAGE_SUFFIXES, Photo, decode, image_header, is_photo, read_photo, resize

WEB_PHOTOS = Path(__file__).parents[2] / "shared" / "data" / "masks"

# (H, W) = (40, 60), smooth, so that lossy formats keep it, and different in each corner.
ROWS, COLS = np.mgrid[0:40, 0:60]
RGB = np.stack([COLS * 4, ROWS * 6, (ROWS + COLS) * 2], axis=-1).astype(np.uint8)
GREY = RGB[..., 0]
GREY16 = GREY.astype(np.uint16) * 257
IMAGE = Image.fromarray(RGB)


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    """No test here may end with a warning that a user would see."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    assert [str(w.message) for w in caught] == []


def encoded(image: Image.Image | np.ndarray, kind: str, **options) -> bytes:
    # Copies, for Pillow leaves the settings of one save in the image for the next.
    image = image.copy() if isinstance(image, Image.Image) else Image.fromarray(image)
    if "append_images" in options:
        options["append_images"] = [frame.copy() for frame in options["append_images"]]
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, before=b"", after=b"") -> bytes:
    """A PNG by hand: what Pillow does not write (16-bit RGB, impossible sizes). `rows` with filter bytes."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + before + data + after + chunk(b"IEND", b"")


def png_rows(samples: np.ndarray) -> bytes:
    """Rows of a PNG, each with the filter byte 0. `samples` (H, W·C) in big-endian order where 16-bit."""
    return b"".join(b"\0" + row.tobytes() for row in samples)


def ycck_jpeg() -> bytes:
    """A JPEG as Photoshop writes it: inverted CMYK turned into YCC + K, Adobe's transform 2.

    Pillow only writes transform 0, so the YCC values are given to it as CMY, and the flag is set afterwards.
    """
    y, cb, cr = (255 - np.asarray(band) for band in Image.fromarray(255 - RGB).convert("YCbCr").split())
    bands = [Image.fromarray(band) for band in (y, cb, cr, np.zeros_like(y))]
    data = encoded(Image.merge("CMYK", bands), "JPEG", quality=95)
    flag = data.index(b"Adobe") + 11
    assert data[flag] == 0
    return data[:flag] + b"\2" + data[flag + 1 :]


def exif(orientation: int) -> Image.Exif:
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def samples() -> dict[str, tuple[bytes, str]]:
    """Name of a file -> (its bytes, its format). All show RGB or its first channel in grey."""
    frames = {"save_all": True, "append_images": [IMAGE.rotate(180)]}
    rgb16 = (RGB.astype(">u2") * 257).reshape(40, -1)
    return {
        "rgb.jpg": (encoded(IMAGE, "JPEG", quality=95), "JPEG"),
        "progressive.jpg": (encoded(IMAGE, "JPEG", quality=95, progressive=True), "JPEG"),
        "grey.jpg": (encoded(GREY, "JPEG", quality=95), "JPEG"),
        "cmyk.jpg": (encoded(IMAGE.convert("CMYK"), "JPEG", quality=95), "JPEG"),
        "ycck.jpg": (ycck_jpeg(), "JPEG"),
        "two photos.jpg": (encoded(IMAGE, "MPO", quality=95, **frames), "JPEG"),
        "rgb.png": (encoded(IMAGE, "PNG"), "PNG"),
        "rgba.png": (encoded(IMAGE.convert("RGBA"), "PNG"), "PNG"),
        "palette.png": (encoded(IMAGE.quantize(256), "PNG"), "PNG"),
        "grey.png": (encoded(GREY, "PNG"), "PNG"),
        "grey alpha.png": (encoded(Image.fromarray(GREY).convert("LA"), "PNG"), "PNG"),
        "grey16.png": (encoded(GREY16, "PNG"), "PNG"),
        "rgb16.png": (png(60, 40, 16, 2, png_rows(rgb16)), "PNG"),
        "animated.png": (encoded(IMAGE, "PNG", **frames), "PNG"),
        "rgb.webp": (encoded(IMAGE, "WEBP", quality=95), "WEBP"),
        "lossless.webp": (encoded(IMAGE.convert("RGBA"), "WEBP", lossless=True), "WEBP"),
        "animated.webp": (encoded(IMAGE, "WEBP", quality=95, **frames), "WEBP"),
        "rgb.bmp": (encoded(IMAGE, "BMP"), "BMP"),
        "palette.bmp": (encoded(IMAGE.quantize(256), "BMP"), "BMP"),
        "rgb.gif": (encoded(IMAGE, "GIF"), "GIF"),
        "animated.gif": (encoded(IMAGE, "GIF", **frames), "GIF"),
        "rgb.tif": (encoded(IMAGE, "TIFF"), "TIFF"),
        "lzw.tif": (encoded(IMAGE, "TIFF", compression="tiff_lzw"), "TIFF"),
        "jpeg.tif": (encoded(IMAGE, "TIFF", compression="jpeg", quality=95), "TIFF"),
        "cmyk.tif": (encoded(IMAGE.convert("CMYK"), "TIFF"), "TIFF"),
        "grey16.tif": (encoded(GREY16, "TIFF"), "TIFF"),
        "float.tif": (encoded(GREY.astype(np.float32), "TIFF"), "TIFF"),
        "float 0 to 1.tif": (encoded(GREY.astype(np.float32) / 255, "TIFF"), "TIFF"),
        "pages.tiff": (encoded(IMAGE, "TIFF", **frames), "TIFF"),
        "rgb.ppm": (encoded(IMAGE, "PPM"), "PPM"),
        "rgb16.ppm": (b"P6 60 40 65535\n" + rgb16.tobytes(), "PPM"),
        "grey.pgm": (encoded(GREY, "PPM"), "PPM"),
        "grey16.pgm": (encoded(GREY16, "PPM"), "PPM"),
        "사진 한 장 (1).JPG": (encoded(IMAGE, "JPEG", quality=95), "JPEG"),
    }


SAMPLES = samples()


def difference(left: np.ndarray, right: np.ndarray) -> float:
    return float(np.abs(left.astype(int) - right.astype(int)).mean())


# --- what can be read ---------------------------------------------------------------------------------------


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


# --- transparency -------------------------------------------------------------------------------------------


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


# --- orientation --------------------------------------------------------------------------------------------

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
        decode(encoded(IMAGE, "JPEG", exif=bytes(broken)))


# --- names --------------------------------------------------------------------------------------------------


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


# --- what cannot be read ------------------------------------------------------------------------------------

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
    monkeypatch.setattr(images, "MAX_PIXELS", 10**6)
    data = SAMPLES[name][0]
    for end in sorted({*range(0, 30, 3), *np.linspace(0, len(data) - 1, 25).astype(int)}):
        assert_reads_or_fails_well(data[:end])


@pytest.mark.parametrize("name", SAMPLES)
def test_random_damage(name, monkeypatch):
    monkeypatch.setattr(images, "MAX_PIXELS", 10**6)  # large sizes take long, and are not the matter here
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


# --- reduced decoding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(800, 600), (601, 799), (100, 90), (4000, 60), (1, 1), (33, 2000)])
@pytest.mark.parametrize("min_side_px", [1, 32, 75, 224])
def test_reduced_decoding_keeps_twice_the_side(size, min_side_px):
    data = encoded(IMAGE.resize(size), "JPEG")
    pixels, full, _ = decode(data, min_side_px=min_side_px)
    assert full == size
    assert min(pixels.shape[:2]) >= min(*size, 2 * min_side_px)


def test_reduced_decoding_reduces_and_looks_the_same():
    data = encoded(IMAGE.resize((1600, 1200), Image.Resampling.BICUBIC), "JPEG", quality=95)
    small, _, _ = decode(data, min_side_px=128)
    assert small.shape == (300, 400, 3)
    full, _, _ = decode(data)
    assert full.shape == (1200, 1600, 3)
    assert difference(resize(small, 128, "crop"), resize(full, 128, "crop")) < 1


def test_other_formats_are_decoded_in_full():
    assert decode(encoded(IMAGE, "PNG"), min_side_px=4)[0].shape == (40, 60, 3)


# --- threads, processes -------------------------------------------------------------------------------------


def test_threads_read_the_same_as_one():
    data = [sample for sample, _ in SAMPLES.values()] * 4
    alone = [decode(d)[0] for d in data]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda d: decode(d)[0], data))
    for left, right in zip(alone, together, strict=True):
        np.testing.assert_array_equal(left, right)


def test_remarks_on_metadata_stay_silent_in_threads_and_other_warnings_do_not():
    corrupt = encoded(IMAGE, "JPEG", exif=exif(6).tobytes()[:-9])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(decode, [corrupt] * 40))
        warnings.warn("mine", UserWarning, stacklevel=1)
    assert [str(w.message) for w in caught] == ["mine"]


def test_pillow_is_left_as_it_was():
    code = (
        "from PIL import Image, ImageFile\n"
        "before = Image.MAX_IMAGE_PIXELS\n"
        "from photobench import images\n"
        "images.decode(open(0, 'rb').read())\n"
        "assert Image.MAX_IMAGE_PIXELS == before and not ImageFile.LOAD_TRUNCATED_IMAGES"
    )
    subprocess.run([sys.executable, "-c", code], input=SAMPLES["rgb.jpg"][0], check=True, timeout=60)


def test_a_photo_is_frozen():
    photo = Photo(RGB, 60, 40, "", 0, "PNG")
    with pytest.raises(AttributeError):
        photo.width = 1  # type: ignore[misc]


# --- resize -------------------------------------------------------------------------------------------------


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


# --- real photos --------------------------------------------------------------------------------------------


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
