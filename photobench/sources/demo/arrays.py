"""The few kinds of arrays that everything is drawn with. Colours are RGB, 0 to 255; points are in head units (see portrait.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

Rng = np.random.Generator
Colour = np.ndarray  # (3,) float32 RGB, 0..255
Points = np.ndarray  # (N, 2) float32, head units

WHITE = np.array([250, 250, 250], np.float32)
INK = np.array([28, 20, 20], np.float32)


def vec(*values: Any) -> np.ndarray:
    """A colour, or points, as float32."""
    return np.array(values, np.float32)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """The colour at `share` (0..1) of the way from `a` to `b`."""
    return (a + (b - a) * np.float32(share)).astype(np.float32)
