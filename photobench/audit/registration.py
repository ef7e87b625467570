"""Whether one photo is another one turned, shifted, resized, mirrored or brightened: the two are laid over each other.

The second is moved onto the first by the affine map under which they correlate best (enhanced correlation coefficient, Evangelidis and
Psarakis 2008), from the best of a few turns. Copies then correlate nearly perfectly; photos that only show the same do not.

Shape legend: B thumbnails, S × S pixels.
"""

from __future__ import annotations

import cv2
import numpy as np

SIDE_PX = 48
COPY = 0.98
"""Correlation from which two photos are copies. Of pairs looked at, those above were copies, and most of those below were not."""

_ANGLES = (-24.0, -16.0, -8.0, 0.0, 8.0, 16.0, 24.0)  # degrees; between them the search finds its way
_HOPELESS = 0.6  # correlation at the start, below which no search begins
_LEAST_OVERLAP = 0.5
_WIDEST = 1.4  # by how much a copy may be larger or stretched
_STEPS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
_BLUR_PX = 3
_EVERYWHERE = np.ones((SIDE_PX, SIDE_PX), np.uint8)


def likeness(first_SS: np.ndarray, second_SS: np.ndarray) -> float:
    """How well two grey float32 thumbnails correlate, laid over each other: 1 for copies, about 0 or less for strangers."""
    return max(_laid_over(first_SS, second_SS, mirrored) for mirrored in (False, True))


def _laid_over(first_SS: np.ndarray, second_SS: np.ndarray, mirrored: bool) -> float:
    maps = [_turn(angle, mirrored) for angle in _ANGLES]
    scores = [_correlation(first_SS, second_SS, turn) for turn in maps]
    best = int(np.argmax(scores))
    if scores[best] < _HOPELESS:
        return scores[best]
    try:
        _, found = cv2.findTransformECC(
            first_SS, second_SS, maps[best], cv2.MOTION_AFFINE, _STEPS, _EVERYWHERE, _BLUR_PX
        )
    except cv2.error:  # it did not converge
        return scores[best]
    stretch = np.linalg.svd(found[:, :2], compute_uv=False)
    moved = _correlation(first_SS, second_SS, found) if stretch[0] < _WIDEST and stretch[1] > 1 / _WIDEST else -1.0
    return max(scores[best], moved)


def _turn(angle: float, mirrored: bool) -> np.ndarray:
    """The map (2, 3) that turns a thumbnail around its middle, and mirrors it before."""
    middle = (SIDE_PX - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), angle, 1).astype(np.float32)
    if mirrored:
        turn[0] = np.array([0, 0, SIDE_PX - 1], np.float32) - turn[0]
    return turn


def _correlation(first_SS: np.ndarray, second_SS: np.ndarray, moved: np.ndarray) -> float:
    """Of the pixels that both show; −1 where these are few or flat."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid_SS = cv2.warpAffine(second_SS, moved, second_SS.shape[::-1], flags=flags, borderValue=float("nan"))
    both = np.isfinite(laid_SS)
    if both.mean() < _LEAST_OVERLAP:
        return -1.0
    one, other = first_SS[both], laid_SS[both]
    one, other = one - one.mean(), other - other.mean()
    length = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / length if length > 1e-3 else -1.0
