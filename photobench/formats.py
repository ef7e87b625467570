"""The formats of photos: which one a file is, who reads it, and plain words for what is wrong with one.

Which reader gets the bytes is decided by their first bytes and among few formats: `Image.open` would also hand
a file to Ghostscript (EPS), and warns of "decompression bombs" at half of our limit.
"""

from __future__ import annotations

import codecs
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

try:
    from PIL import AvifImagePlugin
except ImportError:  # Pillow before 11.3
    AvifImagePlugin = None  # type: ignore[assignment]

# What a name promises. HEIC cannot be read, but a photo of that kind must be reported, not overlooked.
_FORMAT_OF_SUFFIX = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG"),
    **dict.fromkeys((".tif", ".tiff"), "TIFF"),
    **dict.fromkeys((".ppm", ".pgm", ".pbm", ".pnm"), "PPM"),
    **dict.fromkeys((".bmp", ".dib"), "BMP"),
    **dict.fromkeys((".heic", ".heif"), "HEIC"),
    ".png": "PNG",
    ".webp": "WEBP",
    ".gif": "GIF",
    ".avif": "AVIF",
}
IMAGE_SUFFIXES = frozenset(_FORMAT_OF_SUFFIX)


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """Pillow's reader, without looking for the resolution in EXIF: some corrupt blocks make that fail.

    It is used without Pillow's jpeg_factory: of a file with two photos (MPO, of stereo cameras), the first.
    """

    def _read_dpi_from_exif(self) -> None:
        pass


READERS: dict[str, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    "JPEG": _Jpeg,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "PPM": PpmImagePlugin.PpmImageFile,
}
if AvifImagePlugin is not None:
    READERS["AVIF"] = AvifImagePlugin.AvifImageFile

SNIFF_BYTES = 64
_SIGNATURES = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    # The size of its second header too, for a text may begin with "BM".
    "BMP": re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL),
    "TIFF": re.compile(rb"II[*+]\0|MM\0[*+]"),
    "PPM": re.compile(rb"P[1-6][\s#]"),
    "AVIF": re.compile(rb".{4}ftypavi[fs]", re.DOTALL),
    "HEIC": re.compile(rb".{4}ftyp(hei|hev|mif1|msf1)", re.DOTALL),
    "JPEG 2000": re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"),
}
_STRANGERS = {
    "a web page (HTML)": re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body|script)", re.I),
    "an XML document or SVG drawing": re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|svg)"),
    "a PDF document": re.compile(rb"%PDF"),
    "a ZIP archive": re.compile(rb"PK\x03\x04"),
    "an archive (gzip, RAR or 7z)": re.compile(rb"\x1f\x8b|Rar!|7z\xbc\xaf"),
    "a video (MP4)": re.compile(rb".{4}ftyp", re.DOTALL),
    "a video or sound (RIFF)": re.compile(rb"RIFF"),
    "a Photoshop document": re.compile(rb"8BPS"),
    "an icon (ICO)": re.compile(rb"\x00\x00\x01\x00"),
    "a macOS resource file": re.compile(rb"\x00\x05\x16\x07"),
    "a Git LFS pointer; run `git lfs pull`": re.compile(rb"version https://git-lfs"),
}

# What Pillow says when only its authors understand it -> what a person can use.
_PLAIN_WORDS = {
    "unreadable data": re.compile(r"^-?\d+$|decoder error"),
    "unreadable header": re.compile(r"not identified|invalid literal|Token too|unpack|range|cannot load"),
    "a broken chunk": re.compile(r"broken PNG file"),
}


def sniff(data: bytes) -> str | None:
    """The image format that the first bytes announce; None when they announce none."""
    return next((kind for kind, pattern in _SIGNATURES.items() if pattern.match(data)), None)


def describe(head: bytes) -> str:
    """How a file that is no image begins, in words: "like a PDF document"."""
    for words, pattern in _STRANGERS.items():
        if pattern.match(head):
            return f"like {words}"
    text = " ".join(_as_text(head).split())
    return f'with the text "{text[:24]}"' if text else f"with the bytes {head[:8].hex(' ')}"


def _as_text(head: bytes) -> str:
    """The bytes as UTF-8 text; empty when they are no text. The last character may be cut in half."""
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return ""
    return text if all(c.isprintable() or c.isspace() for c in text) else ""


def misnamed(path: Path, kind: str) -> str:
    """A remark when the suffix promises another format; empty when it is right or promises none."""
    suffix = path.suffix
    promised = _FORMAT_OF_SUFFIX.get(suffix.lower(), kind)
    return "" if promised == kind else f"named {suffix} but is {kind}"


def explain(error: Exception, kind: str, data: bytes) -> str:
    """A short reason for a table cell, out of whatever Pillow raised."""
    words = next(iter(str(error).strip("'\"").splitlines()), "") or type(error).__name__
    if isinstance(error, MemoryError):
        return "not enough memory to decode it"
    if isinstance(error, Image.DecompressionBombError):  # raised before the reader can be asked for the size
        return f"too large: {words.partition(',')[0]}"
    if isinstance(error, EOFError) or "truncated" in words.lower() or _ends_early(kind, data):
        return f"truncated: the {kind} stops after {len(data):,} bytes"
    plain = next((plain for plain, jargon in _PLAIN_WORDS.items() if jargon.search(words)), words[:80])
    return f"damaged {kind}: {plain}"


def _ends_early(kind: str, data: bytes) -> bool:
    """Whether a file that could not be decoded lacks its end. Most decoders do not say so themselves."""
    if kind == "JPEG":
        return b"\xff\xd9" not in data
    if kind == "PNG":
        return b"IEND" not in data
    if kind == "WEBP":
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    return kind == "TIFF" and _tiff_directory_end(data) > len(data)


def _tiff_directory_end(data: bytes) -> int:
    """Where the table of contents of a TIFF ends; 0 for 64-bit TIFFs, which have another."""
    if data[2:4] not in (b"*\0", b"\0*"):
        return 0
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    start = int.from_bytes(data[4:8], order)
    num_entries = int.from_bytes(data[start : start + 2], order)
    return start + 2 + 12 * num_entries


# Pillow's remarks on damaged metadata ("Possibly corrupt EXIF data"): they say nothing about the pixels.
_REMARKS = ("ignore", None, UserWarning, re.compile(r"PIL\.\w+ImagePlugin"), 0)


def silence_remarks() -> None:
    """See that Pillow's remarks on metadata are not printed, in this process, from now on.

    `warnings.catch_warnings` would be local, but it is not thread-safe: two that overlap leave the filters
    of one of them behind. The filter is put back whenever somebody else's catch_warnings has taken it out. It
    covers remarks of the readers only, not Pillow's DecompressionBombWarning or deprecations.
    """
    if _REMARKS not in warnings.filters:
        warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.\w+ImagePlugin")
