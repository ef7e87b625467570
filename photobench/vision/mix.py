"""Photos of a batch mixed with each other: the model learns that half of one and half of another is half of each label.

Only training photos are ever in a batch, so no mixing carries a group across the split. The labels are not mixed: the loss is that
of the one label and that of the other, by their shares, which any loss of hard labels allows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from photobench.registry import Entry, Registry


@dataclass(frozen=True)
class Mixing:
    """What was drawn for a batch: each photo holds `share` of itself, and the rest of the photo number `partner_B`.

    `window`: the rows and columns that are the partner's; None lays both over each other.
    """

    partner_B: np.ndarray
    share: float
    window: tuple[slice, slice] | None = None

    def of(self, images_BHWC: np.ndarray) -> np.ndarray:
        """The photos mixed, (B, H, W, 3) uint8."""
        if self.share == 1:
            return images_BHWC
        out = images_BHWC.copy()
        if self.window:
            out[:, *self.window] = images_BHWC[self.partner_B][:, *self.window]
            return out
        for number, partner in enumerate(self.partner_B):
            cv2.addWeighted(images_BHWC[number], self.share, images_BHWC[partner], 1 - self.share, 0, dst=out[number])
        return out


Mix = Callable[[np.ndarray, int, np.random.Generator], Mixing]
"""What the heads learn of the photos of a batch (B, heads), the side of the photos in pixels, and chance."""


def _mixup(targets_BH: np.ndarray, size_px: int, rng: np.random.Generator) -> Mixing:
    """Zhang et al., ICLR 2018, with α = 0.4."""
    share = float(rng.beta(0.4, 0.4))
    return Mixing(rng.permutation(len(targets_BH)), share)


def _cutmix(targets_BH: np.ndarray, size_px: int, rng: np.random.Generator) -> Mixing:
    """A square of the partner, as large as chance has it. Yun et al., ICCV 2019, with α = 1."""
    side = round(size_px * np.sqrt(1 - rng.random()))
    top, left = rng.integers(0, size_px - side + 1), rng.integers(0, size_px - side + 1)
    partner_B = rng.permutation(len(targets_BH))
    return _patched(partner_B, size_px, slice(top, top + side), slice(left, left + side))


def _halves(targets_BH: np.ndarray, size_px: int, rng: np.random.Generator) -> Mixing:
    """One half, left or right, of any other: what won a contest of faces, where each half tells age and gender alone."""
    columns = _half(size_px, rng)
    return _patched(rng.permutation(len(targets_BH)), size_px, slice(None), columns)


def _halves_within(targets_BH: np.ndarray, size_px: int, rng: np.random.Generator) -> Mixing:
    """One half of another of the same class, so that the label stays: a new face out of two. A photo alone in its class stays."""
    columns = _half(size_px, rng)
    _, classes_B = np.unique(targets_BH, axis=0, return_inverse=True)
    partner_B = np.arange(len(targets_BH))
    for number in range(classes_B.max() + 1):
        alike = rng.permutation(np.flatnonzero(classes_B == number))
        partner_B[alike] = np.roll(alike, 1)  # in a ring, so that none is its own partner
    return _patched(partner_B, size_px, slice(None), columns)


def _half(width: int, rng: np.random.Generator) -> slice:
    return slice(0, width // 2) if rng.random() < 0.5 else slice(width // 2, None)


def _patched(partner_B: np.ndarray, size_px: int, rows: slice, columns: slice) -> Mixing:
    patch = len(range(size_px)[rows]) * len(range(size_px)[columns])
    return Mixing(partner_B, 1 - patch / size_px**2, (rows, columns))


def unmixed(targets_BH: np.ndarray, size_px: int, rng: np.random.Generator) -> Mixing:
    """Each photo by itself."""
    return Mixing(np.arange(len(targets_BH)), 1.0)


MIXES: Registry[Mix] = Registry(
    "mix",
    Entry("none", lambda: unmixed, "each photo by itself"),
    Entry("mixup", lambda: _mixup, "two photos laid over each other: against overfitting and wrong labels; wants more epochs"),
    Entry("cutmix", lambda: _cutmix, "a rectangle of another photo: where a part tells the class; wants more epochs"),
    Entry("halves", lambda: _halves, "half a photo and half of any other, side by side: aligned faces"),
    Entry("halves-within", lambda: _halves_within, "half a photo and half of another of its class: aligned faces, labels that stay"),
)  # fmt: skip
