"""May the maps be believed: what they mark is covered, and it is seen what that costs the answer (the idea of deletion, Petsiuk 2018).

As large a part in the same shape elsewhere in the photo is covered too: what it costs there, a cover alone costs.

Shape legend: B photos, H, W pixels, h, w cells.
"""

from __future__ import annotations

import cv2
import numpy as np

from photobench.explain.where import enlarged

SHARE = 0.2
"""Of the photo that is hidden."""


def marked(map_hw: np.ndarray, side: int, share: float = SHARE) -> np.ndarray:
    """(side, side) bool: the strongest `share` of a map."""
    fine = enlarged(map_hw, side).ravel()
    chosen = np.zeros(fine.size, dtype=bool)
    chosen[np.argsort(-fine, kind="stable")[: max(1, round(share * fine.size))]] = True
    return chosen.reshape(side, side)


def elsewhere(marked_HW: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same shape turned or mirrored and moved around the edges, where of several trials it covers the least of the first."""
    height, width = marked_HW.shape
    trials = []
    for _ in range(8):
        turned = np.rot90(marked_HW, int(rng.integers(4)))
        turned = turned[:, ::-1] if rng.integers(2) else turned
        trials.append(np.roll(turned, (rng.integers(height), rng.integers(width)), axis=(0, 1)))
    return min(trials, key=lambda trial: int((trial & marked_HW).sum()))


def hidden(image_HWC: np.ndarray, hidden_HW: np.ndarray) -> np.ndarray:
    """The photo with a part of it covered by its mean colour, its edge softened. Blurred instead, colours would still tell."""
    soft = cv2.GaussianBlur(hidden_HW.astype(np.float32), (0, 0), max(len(image_HWC) / 64, 0.5))[..., None]
    return (image_HWC * (1 - soft) + image_HWC.mean(axis=(0, 1)) * soft).round().astype(np.uint8)
