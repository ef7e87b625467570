"""Bytes -> upright RGB array, and every way in which that can fail.

    decode(bytes)      -> pixels, size of the full photo, format        raises ImageError, and nothing else
    read_photo(path)   -> Photo: the same with the file's hash, length, and a note on a misnamed file
    resize(pixels, …)  -> the square that a model or a page wants

Which format a file is and who reads it is in formats.py. All of it may run in many threads at once: nothing
here holds state, and Pillow releases the GIL while it decodes.
"""

from __future__ import annotations

import hashlib
import io
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from PIL import Image, ImageFile

from photobench.errors import ImageError
from photobench.formats import (
    IMAGE_SUFFIXES,
    READERS,
    SNIFF_BYTES,
    describe,
    explain,
    misnamed,
    silence_remarks,
    sniff,
)

Fit = Literal["crop", "squash", "pad"]

MAX_PIXELS = 178_000_000  # of one photo; a few bytes can claim a width and height that fill the memory
MAX_FILE_BYTES = 2 * 1024**3
PAD_GREY = 114  # the border of "pad", Ultralytics' convention

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
    data = read_bytes(path)
    pixels, (width, height), kind = decode(data, min_side_px=min_side_px)
    sha256 = hashlib.sha256(data).hexdigest()
    return Photo(pixels, width, height, sha256, len(data), kind, misnamed(path, kind))


def decode(data: bytes, *, min_side_px: int = 0) -> tuple[np.ndarray, tuple[int, int], str]:
    """Bytes of a file -> (pixels (H, W, 3) uint8 RGB upright, (width, height) of the full photo, format).

    With `min_side_px` > 0 a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size, which is faster, as long as
    its shorter side keeps 2 × min_side_px: a resize to min_side_px then has enough pixels to average.
    Of an animation or a file of several pages, the first picture. Transparent parts become white.
    Raises ImageError.
    """
    if not data:
        raise ImageError("empty file (0 bytes)")
    kind = sniff(data)
    if kind is None:
        raise ImageError(f"not an image: begins {describe(data[:SNIFF_BYTES])}")
    if kind not in READERS:
        raise ImageError(f"a {kind} photo, which cannot be read here: convert it to JPEG")
    silence_remarks()
    try:
        image = READERS[kind](io.BytesIO(data))
        _check_size(*image.size)
        pixels, size = _upright_pixels(image, min_side_px)
    except ImageError:
        raise
    except Exception as error:  # a damaged file makes Pillow raise nearly anything
        raise ImageError(explain(error, kind, data)) from error
    return pixels, size, kind


def may_pass(reason: str) -> bool:
    """Whether a photo that could not be read for this reason may be readable later, though its file stays the same."""
    return reason.startswith(("no permission", "cannot be read", "not enough memory"))


def image_header(path: str | Path) -> tuple[int, int] | None:
    """(width, height) of the upright photo, from its header, not decoded; None when that is unreadable."""
    silence_remarks()
    try:
        _check_file(Path(path))
        with Path(path).open("rb") as file:
            kind = sniff(file.read(SNIFF_BYTES)) or ""
            file.seek(0)
            image = READERS[kind](file)
            # A TIFF's header size is that of the upright photo already.
            sideways = kind != "TIFF" and _orientation(image) >= _FIRST_SIDEWAYS
            return image.size[::-1] if sideways else image.size
    except Exception:  # whatever it is, reading the photo will name it
        return None


def resize(
    pixels: np.ndarray, size_px: int, fit: Fit, window: tuple[float, float, float, float] | None = None
) -> np.ndarray:
    """Bring a photo (H, W, 3) uint8 of any size to a square (size_px, size_px, 3) uint8, antialiased.

    Of the photo, only `window` (left, top, right, bottom, real-valued pixels) is taken where it is given.

    "crop"    the shorter side becomes size_px; the longer one loses the same amount at both ends
    "squash"  both sides become size_px; the proportions change
    "pad"     the longer side becomes size_px; a grey border on both sides fills the rest (an odd pixel goes
              below or right)
    """
    _check_resize(pixels, size_px, fit)
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    window = window or (0.0, 0.0, float(width), float(height))
    if fit == "pad":
        return _padded(image, size_px, window)
    return np.array(_scaled(image, (size_px, size_px), _central_square(window, size_px) if fit == "crop" else window))


# --- the file -----------------------------------------------------------------------------------------------


def read_bytes(path: Path) -> bytes:
    """The file as it is. Raises ImageError with the reason where it cannot be read."""
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


# --- what can be wrong with it ------------------------------------------------------------------------------


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise ImageError(f"no pixels: {width} × {height}")
    if width * height > MAX_PIXELS:
        limit = f"the limit is {MAX_PIXELS // 10**6} million pixels"
        raise ImageError(f"too large: {width:,} × {height:,} px, {limit}")


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


def _central_square(window: tuple[float, float, float, float], size_px: int) -> tuple[float, float, float, float]:
    """What torchvision's Resize(size_px) and CenterCrop(size_px) take, to the fraction of a pixel: weights were made with those."""
    left, top, right, bottom = window
    x1, x2 = _middle(right - left, min(right - left, bottom - top), size_px)
    y1, y2 = _middle(bottom - top, min(right - left, bottom - top), size_px)
    return left + x1, top + y1, left + x2, top + y2


def _middle(side: float, shorter: float, size_px: int) -> tuple[float, float]:
    """Along one side: it becomes a whole number of pixels, of which the middle ones are taken."""
    scaled = max(int(size_px * side / shorter), size_px)  # the shorter side itself, whatever its last digits
    start = round((scaled - size_px) / 2)
    return start * side / scaled, (start + size_px) * side / scaled


def _padded(image: Image.Image, size_px: int, window: tuple[float, float, float, float]) -> np.ndarray:
    sides = window[2] - window[0], window[3] - window[1]
    scale = size_px / max(sides)
    width, height = (max(1, round(side * scale)) for side in sides)
    left, top = (size_px - width) // 2, (size_px - height) // 2
    out = np.full((size_px, size_px, 3), PAD_GREY, np.uint8)
    scaled = _scaled(image, (width, height), window)
    out[top : top + height, left : left + width] = np.asarray(scaled)
    return out


def _scaled(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Image.Image:
    """Bicubic, with antialiasing. A reduction of more than 6× averages whole pixels first (reducing_gap)."""
    return image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)
