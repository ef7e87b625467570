"""Bytes -> upright RGB array, and every way in which that can fail.

    decode(bytes)      -> pixels, size of the full photo, format        raises ImageError, and nothing else
    read_photo(path)   -> Photo: the same with the file's hash, length, and a note on a misnamed file
    resize(pixels, …)  -> the square that a model or a page wants

Which reader gets the bytes is decided here, by their first bytes and among few formats: `Image.open` would
also hand a file to Ghostscript (EPS), and warns of "decompression bombs" at half of our limit. All of it may
run in many threads at once: nothing here holds state, and Pillow releases the GIL while it decodes.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
import stat
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, get_args

import numpy as np
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

from photobench.errors import ImageError

try:
    from PIL import AvifImagePlugin
except ImportError:  # Pillow before 11.3
    AvifImagePlugin = None  # type: ignore[assignment]

Fit = Literal["crop", "squash", "pad"]

MAX_PIXELS = 178_000_000  # of one photo; a few bytes can claim a width and height that fill the memory
MAX_FILE_BYTES = 2 * 1024**3
PAD_GREY = 114  # the border of "pad", Ultralytics' convention

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


_READERS: dict[str, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    "JPEG": _Jpeg,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "PPM": PpmImagePlugin.PpmImageFile,
}
if AvifImagePlugin is not None:
    _READERS["AVIF"] = AvifImagePlugin.AvifImageFile

_SNIFF_BYTES = 64
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

# EXIF orientation -> what makes the photo upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION_TAG = 0x0112
_FIRST_SIDEWAYS = 5  # orientations 5 to 8 swap width and height


@dataclass(frozen=True)
class Photo:
    """A photo in memory."""

    pixels: np.ndarray  # (H, W, 3) uint8 RGB, upright; smaller than width × height where decode() reduced it
    width: int  # of the full upright photo, in pixels
    height: int
    sha256: str  # of the file's bytes, hexadecimal
    num_bytes: int
    format: str  # "JPEG", "PNG", …: what it is, whatever its name says
    note: str = ""  # "named .jpg but is WEBP"


def is_photo(path: str | Path) -> bool:
    """Whether the name is that of a photo. Hidden files ("._a.jpg", left by macOS in archives) are not."""
    path = Path(path)
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def read_photo(path: str | Path, *, min_side_px: int = 0) -> Photo:
    """Read one photo: upright, RGB, 8 bits.

    `min_side_px` is the side of the square to which `resize` will bring it: see `decode`.
    Raises ImageError with the reason, which does not name the path, for anything that is wrong with the file.
    """
    path = Path(path)
    data = _read_bytes(path)
    pixels, (width, height), kind = decode(data, min_side_px=min_side_px)
    sha256 = hashlib.sha256(data).hexdigest()
    return Photo(pixels, width, height, sha256, len(data), kind, _note(path, kind))


def decode(data: bytes, *, min_side_px: int = 0) -> tuple[np.ndarray, tuple[int, int], str]:
    """Bytes of a file -> (pixels (H, W, 3) uint8 RGB upright, (width, height) of the full photo, format).

    With `min_side_px` > 0 a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size, which is faster, as long as
    its shorter side keeps 2 × min_side_px: a resize to min_side_px then has enough pixels to average.
    Of an animation or a file of several pages, the first picture. Transparent parts become white.
    Raises ImageError.
    """
    if not data:
        raise ImageError("empty file (0 bytes)")
    kind = _sniff(data)
    if kind is None:
        raise ImageError(f"not an image: begins {_describe(data[:_SNIFF_BYTES])}")
    if kind not in _READERS:
        raise ImageError(f"a {kind} photo, which cannot be read here: convert it to JPEG")
    _silence_remarks()
    try:
        image = _READERS[kind](io.BytesIO(data))
        _check_size(*image.size)
        pixels, size = _upright_pixels(image, min_side_px)
    except ImageError:
        raise
    except Exception as error:  # a damaged file makes Pillow raise nearly anything
        raise ImageError(_reason(error, kind, data)) from error
    return pixels, size, kind


def image_header(path: str | Path) -> tuple[int, int] | None:
    """(width, height) of the upright photo, from its header, not decoded; None when that is unreadable."""
    _silence_remarks()
    try:
        _check_file(Path(path))
        with Path(path).open("rb") as file:
            kind = _sniff(file.read(_SNIFF_BYTES)) or ""
            file.seek(0)
            image = _READERS[kind](file)
            # A TIFF's header size is that of the upright photo already.
            sideways = kind != "TIFF" and _orientation(image) >= _FIRST_SIDEWAYS
            return image.size[::-1] if sideways else image.size
    except Exception:  # whatever it is, reading the photo will name it
        return None


def resize(pixels: np.ndarray, size_px: int, fit: Fit) -> np.ndarray:
    """Bring a photo (H, W, 3) uint8 of any size to a square (size_px, size_px, 3) uint8, antialiased.

    "crop"    the shorter side becomes size_px; the longer one loses the same amount at both ends
    "squash"  both sides become size_px; the proportions change
    "pad"     the longer side becomes size_px; a grey border on both sides fills the rest (an odd pixel goes
              below or right)
    """
    _check_resize(pixels, size_px, fit)
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    if fit == "pad":
        return _padded(image, size_px)
    box: tuple[float, float, float, float] = (0, 0, width, height)
    if fit == "crop":
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2  # a half pixel is fine: the box is real-valued
        box = (left, top, left + side, top + side)
    return np.array(_scaled(image, (size_px, size_px), box))


# --- the file -----------------------------------------------------------------------------------------------


def _read_bytes(path: Path) -> bytes:
    try:
        _check_file(path)
        return path.read_bytes()
    except FileNotFoundError:
        raise ImageError("missing file") from None
    except PermissionError:
        raise ImageError("no permission to read it") from None
    except OSError as error:
        raise ImageError(f"cannot be read: {error.strerror or type(error).__name__}") from error
    except ValueError:  # a NUL inside the path
        raise ImageError("not a valid path") from None
    except MemoryError:
        raise ImageError("not enough memory to read it") from None


def _check_file(path: Path) -> None:
    """Refuse what would never end (a pipe, a device) or not fit, before it is opened."""
    info = path.stat()
    if stat.S_ISDIR(info.st_mode):
        raise ImageError("a folder, not a file")
    if not stat.S_ISREG(info.st_mode):
        raise ImageError("not a regular file")
    if info.st_size > MAX_FILE_BYTES:
        raise ImageError(f"too large: {info.st_size / 1024**3:.1f} GiB")


def _note(path: Path, kind: str) -> str:
    """A remark when the suffix promises another format; empty when it is right or promises none."""
    suffix = path.suffix
    promised = _FORMAT_OF_SUFFIX.get(suffix.lower(), kind)
    return "" if promised == kind else f"named {suffix} but is {kind}"


# --- what the bytes are -------------------------------------------------------------------------------------


def _sniff(data: bytes) -> str | None:
    """The image format that the first bytes announce; None when they announce none."""
    return next((kind for kind, pattern in _SIGNATURES.items() if pattern.match(data)), None)


def _describe(head: bytes) -> str:
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


# --- what can be wrong with it ------------------------------------------------------------------------------


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise ImageError(f"no pixels: {width} × {height}")
    if width * height > MAX_PIXELS:
        limit = f"the limit is {MAX_PIXELS // 10**6} million pixels"
        raise ImageError(f"too large: {width:,} × {height:,} px, {limit}")


def _reason(error: Exception, kind: str, data: bytes) -> str:
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


def _silence_remarks() -> None:
    """See that Pillow's remarks on metadata are not printed, in this process, from now on.

    `warnings.catch_warnings` would be local, but it is not thread-safe: two that overlap leave the filters
    of one of them behind. The filter is put back whenever somebody else's catch_warnings has taken it out. It
    covers remarks of the readers only, not Pillow's DecompressionBombWarning or deprecations.
    """
    if _REMARKS not in warnings.filters:
        warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.\w+ImagePlugin")


# --- the pixels ---------------------------------------------------------------------------------------------


def _upright_pixels(image: ImageFile.ImageFile, min_side_px: int) -> tuple[np.ndarray, tuple[int, int]]:
    full = image.size
    side = 2 * min_side_px
    reduced = side > 0 and image.draft(None, (side, side)) is not None  # only JPEG knows it
    image.load()
    orientation = _orientation(image)
    rgb = _to_rgb(image)
    if orientation in _TURNS:
        rgb = rgb.transpose(_TURNS[orientation])
    if not reduced:
        full = rgb.size
    elif orientation >= _FIRST_SIDEWAYS:
        full = full[::-1]
    return np.array(rgb), full


def _orientation(image: ImageFile.ImageFile) -> int:
    """EXIF (or XMP) orientation, 1 to 8; 1 (upright) when there is none or the EXIF block is corrupt.

    Not ImageOps.exif_transpose: it writes the rest of the block anew, which fails for corrupt ones. The
    unbound getexif does not decode a PNG, which PngImageFile.getexif does. A TIFF turned itself in load().
    """
    try:
        value = Image.Image.getexif(image).get(_ORIENTATION_TAG, 1)
        return value if value in _TURNS else 1
    except Exception:
        return 1


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any mode of Pillow -> RGB with 8 bits.

    Colour profiles (ICC) are ignored: the numbers are taken as sRGB, as by the loaders that pretrained
    weights were made with.
    """
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_grey_to_8_bits(np.asarray(image), image.mode)).convert("RGB")
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _grey_to_8_bits(values: np.ndarray, mode: str) -> np.ndarray:
    """Grey values (H, W) of 16 bits ("I;16…"), 32 bits ("I") or real ("F") -> uint8.

    Pillow's own conversion clips them at 255. 16 bits are divided by 257, always, so that two photos stay
    comparable: 12-bit data stored in 16 bits stay dark. The others have no agreed range: 0..1 and 0..255
    (real) and 0..65535 (whole numbers) are taken as such, anything else is stretched from its own darkest to
    its own brightest value.
    """
    exact = np.float32 if mode.startswith("I;16") else np.float64
    with np.errstate(invalid="ignore"):  # a signalling NaN
        values = np.nan_to_num(values.astype(exact), copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if mode != "F" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    elif mode == "F" and low >= 0 and high <= 255:
        low, high = 0.0, 1.0 if high <= 1 else 255.0
    if high == low:
        return np.zeros(values.shape, np.uint8)
    return np.rint((values - low) / (high - low) * 255).astype(np.uint8)


# --- resize -------------------------------------------------------------------------------------------------


def _check_resize(pixels: np.ndarray, size_px: int, fit: str) -> None:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or pixels.size == 0:
        raise ValueError(f"pixels must be (H, W, 3) uint8 with H, W >= 1, not {pixels.shape} {pixels.dtype}")
    if size_px < 1:
        raise ValueError(f"size_px must be at least 1, not {size_px}")
    if fit not in get_args(Fit):
        raise ValueError(f'fit must be one of {", ".join(get_args(Fit))}, not "{fit}"')


def _padded(image: Image.Image, size_px: int) -> np.ndarray:
    scale = size_px / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    left, top = (size_px - width) // 2, (size_px - height) // 2
    out = np.full((size_px, size_px, 3), PAD_GREY, np.uint8)
    scaled = _scaled(image, (width, height), (0, 0, *image.size))
    out[top : top + height, left : left + width] = np.asarray(scaled)
    return out


def _scaled(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Image.Image:
    """Bicubic, with antialiasing. A reduction of more than 6× averages whole pixels first (reducing_gap)."""
    return image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)
