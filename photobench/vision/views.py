"""Views: other ways to look at the same photo, whose answers can be averaged (test-time augmentation).

Each is a function of the stored square alone, without chance, and takes the place of the fixed view of `preprocess`. Whether one helps
is measured (`photobench refine`): a flip destroys a label that depends on left and right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from photobench.registry import Entry, Registry
from photobench.vision.preprocess import cut_window, fixed_view, view_window

PLAIN = "plain"
CORNER = 0.9
"""Of the stored square, the largest side of a corner's window: with less, what matters is cut off."""
CLOSER, WIDER = 0.85, 1.15
"""Sides of the windows of `scales`, as shares of the fixed view's."""
GAMMAS, CONTRASTS = (0.8, 1.25), (0.8, 1.25)

Look = Callable[[np.ndarray, int, float], np.ndarray]
"""Stored squares (B, S, S, 3), the size that the model sees, and its share of the stored side → (B, size, size, 3), uint8."""


@dataclass(frozen=True)
class View:
    """One or several looks at a photo, whose answers are averaged. Each costs as much as the plain one."""

    looks: tuple[Look, ...]


def flipped(stored_BSSC: np.ndarray, size_px: int, crop: float) -> np.ndarray:
    """The fixed view, left and right exchanged."""
    return np.ascontiguousarray(fixed_view(stored_BSSC, size_px, crop)[:, :, ::-1])


def corner(right: bool, low: bool) -> Look:
    """The window in a corner of the stored square."""

    def look(stored_BSSC: np.ndarray, size_px: int, crop: float) -> np.ndarray:
        side_px = stored_BSSC.shape[1]
        inner = min(view_window(side_px, crop)[1], max(1, round(CORNER * side_px)))
        last = side_px - inner
        return cut_window(stored_BSSC, (last * low, last * right), inner, size_px)

    return look


def scaled(share: float) -> Look:
    """The centre, closer or wider; what lies beyond the stored square is its mirror image."""

    def look(stored_BSSC: np.ndarray, size_px: int, crop: float) -> np.ndarray:
        side_px = stored_BSSC.shape[1]
        inner = max(1, round(view_window(side_px, crop)[1] * share))
        edge = max(0, -(-(inner - side_px) // 2))
        if edge:
            stored_BSSC = np.pad(stored_BSSC, ((0, 0), (edge, edge), (edge, edge), (0, 0)), mode="symmetric")
        start = (stored_BSSC.shape[1] - inner) // 2
        return cut_window(stored_BSSC, (start, start), inner, size_px)

    return look


def coloured(curve: Callable[[np.ndarray], np.ndarray]) -> Look:
    """The fixed view with another tone: `curve` maps the levels 0 … 1."""
    table = np.clip(255 * curve(np.arange(256) / 255), 0, 255).round().astype(np.uint8)

    def look(stored_BSSC: np.ndarray, size_px: int, crop: float) -> np.ndarray:
        view = fixed_view(stored_BSSC, size_px, crop)
        return np.asarray(cv2.LUT(view.reshape(len(view), -1), table), np.uint8).reshape(view.shape)

    return look


def _gamma(power: float) -> Look:
    return coloured(lambda levels: levels**power)


def _contrast(factor: float) -> Look:
    return coloured(lambda levels: 0.5 + factor * (levels - 0.5))


VIEWS: Registry[View] = Registry(
    "view",
    Entry(PLAIN, lambda: View((fixed_view,)), "the photo as training's validation sees it"),
    Entry("flip", lambda: View((flipped,)), "left and right exchanged"),
    Entry(
        "five-crop",
        lambda: View(tuple(corner(right, low) for low in (False, True) for right in (False, True))),
        "the four corners; with the plain view, the centre, the usual five",
    ),
    Entry("scales", lambda: View((scaled(CLOSER), scaled(WIDER))), "a little closer, and a little wider"),
    Entry(
        "colour",
        lambda: View((*map(_gamma, GAMMAS), *map(_contrast, CONTRASTS))),
        "brighter, darker, with less contrast and with more",
    ),
)
"""What refine.views chooses from."""


def num_looks(views: tuple[str, ...]) -> int:
    """How often the model is asked about each photo."""
    return sum(len(VIEWS.build(name).looks) for name in views)
