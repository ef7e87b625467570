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
class Mixed:
    """Photos (B, H, W, 3) uint8, each holding `share` of itself and the rest of the photo number `partner_B`."""

    images_BHWC: np.ndarray
    partner_B: np.ndarray
    share: float


Mix = Callable[[np.ndarray, np.ndarray, np.random.Generator], Mixed]
"""Photos (B, H, W, 3), what the heads learn of them (B, heads), and chance."""


def _mixup(images_BHWC: np.ndarray, targets_BH: np.ndarray, rng: np.random.Generator) -> Mixed:
    """Zhang et al., ICLR 2018, with α = 0.4."""
    share = float(rng.beta(0.4, 0.4))
    partner_B = rng.permutation(len(images_BHWC))
    out = np.empty_like(images_BHWC)
    for number, partner in enumerate(partner_B):
        cv2.addWeighted(images_BHWC[number], share, images_BHWC[partner], 1 - share, 0, dst=out[number])
    return Mixed(out, partner_B, share)


def _cutmix(images_BHWC: np.ndarray, targets_BH: np.ndarray, rng: np.random.Generator) -> Mixed:
    """A rectangle of the partner, as large as chance has it. Yun et al., ICCV 2019, with α = 1."""
    _, height, width, _ = images_BHWC.shape
    side = np.sqrt(1 - rng.random())
    high, wide = round(height * side), round(width * side)
    top, left = rng.integers(0, height - high + 1), rng.integers(0, width - wide + 1)
    partner_B = rng.permutation(len(images_BHWC))
    return _patched(images_BHWC, partner_B, slice(top, top + high), slice(left, left + wide))


def _halves(images_BHWC: np.ndarray, targets_BH: np.ndarray, rng: np.random.Generator) -> Mixed:
    """One half, left or right, of any other: what won a contest of faces, where each half tells age and gender alone."""
    columns = _half(images_BHWC.shape[2], rng)
    return _patched(images_BHWC, rng.permutation(len(images_BHWC)), slice(None), columns)


def _halves_within(images_BHWC: np.ndarray, targets_BH: np.ndarray, rng: np.random.Generator) -> Mixed:
    """One half of another of the same class, so that the label stays: a new face out of two. A photo alone in its class stays."""
    columns = _half(images_BHWC.shape[2], rng)
    _, classes_B = np.unique(targets_BH, axis=0, return_inverse=True)
    partner_B = np.arange(len(images_BHWC))
    for number in range(classes_B.max() + 1):
        alike = rng.permutation(np.flatnonzero(classes_B == number))
        partner_B[alike] = np.roll(alike, 1)  # in a ring, so that none is its own partner
    return _patched(images_BHWC, partner_B, slice(None), columns)


def _half(width: int, rng: np.random.Generator) -> slice:
    return slice(0, width // 2) if rng.random() < 0.5 else slice(width // 2, None)


def _patched(images_BHWC: np.ndarray, partner_B: np.ndarray, rows: slice, columns: slice) -> Mixed:
    out = images_BHWC.copy()
    out[:, rows, columns] = images_BHWC[partner_B][:, rows, columns]
    height, width = images_BHWC.shape[1:3]
    patch = len(range(height)[rows]) * len(range(width)[columns])
    return Mixed(out, partner_B, 1 - patch / (height * width))


def _none(images_BHWC: np.ndarray, targets_BH: np.ndarray, rng: np.random.Generator) -> Mixed:
    return Mixed(images_BHWC, np.arange(len(images_BHWC)), 1.0)


MIXES: Registry[Mix] = Registry(
    "mix",
    Entry("none", lambda: _none, "each photo by itself"),
    Entry("mixup", lambda: _mixup, "two photos laid over each other: against overfitting and wrong labels; wants more epochs"),
    Entry("cutmix", lambda: _cutmix, "a rectangle of another photo: where a part tells the class; wants more epochs"),
    Entry("halves", lambda: _halves, "half a photo and half of any other, side by side: aligned faces"),
    Entry("halves-within", lambda: _halves_within, "half a photo and half of another of its class: aligned faces, labels that stay"),
)  # fmt: skip
