"""A file -> Photo: is it one, can it be read, what is in it."""

from __future__ import annotations

import hashlib
import io
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photobench.errors import ImageError
from photobench.formats import IMAGE_SUFFIXES, READERS, SNIFF_BYTES, describe, explain, misnamed, silence_remarks, sniff
from photobench.images.upright import FIRST_SIDEWAYS, orientation_of, upright_pixels

MAX_PIXELS = 178_000_000  # of one photo; a few bytes can claim a width and height that fill the memory
MAX_FILE_BYTES = 2 * 1024**3


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
        pixels, size = upright_pixels(image, min_side_px)
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
            sideways = kind != "TIFF" and orientation_of(image) >= FIRST_SIDEWAYS
            return image.size[::-1] if sideways else image.size
    except Exception:  # whatever it is, reading the photo will name it
        return None


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


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise ImageError(f"no pixels: {width} × {height}")
    if width * height > MAX_PIXELS:
        limit = f"the limit is {MAX_PIXELS // 10**6} million pixels"
        raise ImageError(f"too large: {width:,} × {height:,} px, {limit}")
