"""A 64-bit hash of what a photo looks like: the signs of its 64 lowest frequencies (pHash, Zauner 2010), so that copies that were
resized, compressed or brightened differ in few bits. A mirrored photo has the same frequencies with some signs turned, so the hash
of the mirror image is the hash with those bits turned.

Shape legend: N photos, B photos of a batch, H × W pixels, F frequencies along a side.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.fft import dctn

SIDE_PX = 32
BATCH = 512
FLAT = 4.0
"""Standard deviation of the grey values of a thumbnail, of 255, below which a photo shows nothing that a hash could hold."""

_PLACES = sorted(((y, x) for y in range(12) for x in range(12) if x + y), key=lambda place: (sum(place), place))[:64]
_ROWS, _COLUMNS = np.array(_PLACES).T
_POWERS = np.uint64(1) << np.arange(64, dtype=np.uint64)

LEFT_RIGHT = int(_POWERS[_COLUMNS % 2 == 1].sum())
"""The bits that differ between a photo and its mirror image."""
UPSIDE_DOWN = int(_POWERS[_ROWS % 2 == 1].sum())
HALF_TURN = LEFT_RIGHT ^ UPSIDE_DOWN


def thumbnails(pixels_BHWC: np.ndarray, side_px: int = SIDE_PX) -> np.ndarray:
    """Grey, small: (B, side, side) float32, each pixel the mean of what it covers."""
    small = [cv2.resize(photo, (side_px, side_px), interpolation=cv2.INTER_AREA) for photo in pixels_BHWC]
    return np.stack([cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY) for photo in small]).astype(np.float32)


def hashes_of(grey_BFF: np.ndarray) -> np.ndarray:
    """(B,) uint64 of grey thumbnails."""
    waves_BFF = dctn(grey_BFF, axes=(1, 2), norm="ortho")
    return ((waves_BFF[:, _ROWS, _COLUMNS] > 0) * _POWERS).sum(axis=1, dtype=np.uint64)


def photo_hashes(pixels: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of these photos of the store (N, H, W, 3), read in pieces: hashes (len(rows),) uint64, and which of them are flat."""
    hashes, flat = [np.zeros(0, np.uint64)], [np.zeros(0, bool)]
    for start in range(0, len(rows), BATCH):
        grey_BFF = thumbnails(pixels[rows[start : start + BATCH]])
        hashes.append(hashes_of(grey_BFF))
        flat.append(grey_BFF.std(axis=(1, 2)) < FLAT)
    return np.concatenate(hashes), np.concatenate(flat)
