"""Files of every format, made here; most are a few hundred bytes."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

# (H, W) = (40, 60), smooth, so that lossy formats keep it, and different in each corner.
ROWS, COLS = np.mgrid[0:40, 0:60]
RGB = np.stack([COLS * 4, ROWS * 6, (ROWS + COLS) * 2], axis=-1).astype(np.uint8)
GREY = RGB[..., 0]
GREY16 = GREY.astype(np.uint16) * 257
IMAGE = Image.fromarray(RGB)


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
