"""The other ways in which a square photo may lie, of which a label may or may not be the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LEFT_RIGHT, UP_DOWN, QUARTER_TURN, HALF_TURN = "left-right flip", "up-down flip", "quarter turn", "half turn"

TURNS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    LEFT_RIGHT: lambda images_BHWC: images_BHWC[:, :, ::-1],
    UP_DOWN: lambda images_BHWC: images_BHWC[:, ::-1],
    QUARTER_TURN: lambda images_BHWC: np.rot90(images_BHWC, axes=(1, 2)),
    HALF_TURN: lambda images_BHWC: images_BHWC[:, ::-1, ::-1],
}
"""Photos (B, H, W, 3) → the same photos, turned; by name."""
