"""Bytes -> upright RGB array, and every way in which that can fail.

    decode(bytes)      -> pixels, size of the full photo, format        raises ImageError, and nothing else
    read_photo(path)   -> Photo: the same with the file's hash, length, and a note on a misnamed file
    resize(pixels, …)  -> the square that a model or a page wants

Which format a file is and who reads it is in formats.py. All of it may run in many threads at once: nothing
here holds state, and Pillow releases the GIL while it decodes.
"""

from photobench.formats import IMAGE_SUFFIXES
from photobench.images.reading import (
    MAX_FILE_BYTES,
    MAX_PIXELS,
    Photo,
    decode,
    image_header,
    is_photo,
    may_pass,
    read_bytes,
    read_photo,
)
from photobench.images.resizing import PAD_GREY, Fit, resize

__all__ = [
    "IMAGE_SUFFIXES",
    "MAX_FILE_BYTES",
    "MAX_PIXELS",
    "PAD_GREY",
    "Fit",
    "Photo",
    "decode",
    "image_header",
    "is_photo",
    "may_pass",
    "read_bytes",
    "read_photo",
    "resize",
]
