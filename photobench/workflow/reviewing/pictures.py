"""Photos as a page shows them: made anew from their pixels, so that nothing else in a file reaches a browser."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict

import numpy as np
from PIL import Image

from photobench import images
from photobench.errors import ImageError
from photobench.workflow.reviewing.photos import ReviewPhotos
from photobench.workflow.reviewing.words import UNREADABLE_PHOTO, Refused

SIZES = (64, 128, 256, 512)
"""Sides of thumbnails in pixels."""
FULL_SIZES = (480, 640, 800, 1_024, 1_280, 1_600)
"""Longer sides of whole photos in pixels, at most: a page asks for the least that fills its room, for that is made and decoded sooner."""
MOST_BYTES = 64 << 20
"""Of thumbnails in memory: some 15,000 of a grid."""


class Pictures:
    """Thumbnails from the pack and photos from their files, as WebP. Safe in threads."""

    def __init__(self, photos: ReviewPhotos):
        self._photos = photos
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._num_bytes = 0
        self._lock = threading.Lock()

    def thumbnail(self, row: int, size_px: int) -> bytes:
        """The stored square of a photo.

        Raises:
            PhotobenchError: the photo cannot be read.
        """
        if not self._photos.is_readable(row):
            raise Refused(UNREADABLE_PHOTO(reason=self._photos.pack.table["reason"].iloc[row]))
        with self._lock:
            kept = self._kept.get((row, size_px))
            if kept is not None:
                self._kept.move_to_end((row, size_px))
                return kept
        made = webp(_at_most(np.asarray(self._photos.pack.pixels[row]), size_px), quality=80)
        self._keep((row, size_px), made)
        return made

    def _keep(self, key: tuple[int, int], made: bytes) -> None:
        """In the place of those that nobody has asked for the longest."""
        with self._lock:
            self._num_bytes += len(made) - len(self._kept.pop(key, b""))
            self._kept[key] = made
            while self._num_bytes > MOST_BYTES:
                self._num_bytes -= len(self._kept.popitem(last=False)[1])

    def full(self, row: int, side_px: int = FULL_SIZES[-1]) -> bytes:
        """The photo from its file, upright, its longer side at most so many pixels.

        Raises:
            PhotobenchError: it cannot be read.
        """
        path = self._photos.manifest.root / self._photos.paths[row]
        try:
            pixels = images.read_photo(path, min_side_px=side_px // 2).pixels
        except ImageError as reason:
            raise Refused(UNREADABLE_PHOTO(reason=str(reason))) from None
        return webp(_at_most(pixels, side_px), quality=88)


def _at_most(pixels: np.ndarray, side_px: int) -> Image.Image:
    """With a longer side of at most so many pixels; never enlarged."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    scale = side_px / max(image.size)
    if scale >= 1:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS if scale > 0.5 else Image.Resampling.BOX)


def webp(image: Image.Image, quality: int) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "WEBP", quality=quality, method=1)
    return sink.getvalue()
