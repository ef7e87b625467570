"""Photos of which the truth is known: a coloured disc somewhere decides the class, a grey disc elsewhere means nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"red": (215, 50, 45), "green": (50, 175, 70), "blue": (55, 80, 225)}
RADIUS = 0.13
"""Of the disc, as a share of the side."""


@dataclass(frozen=True)
class Spot:
    """Where the disc is: its middle, as fractions of the side."""

    x: float
    y: float

    def holds(self, x: float, y: float, radius: float = RADIUS) -> bool:
        """A place is on the disc."""
        return (x - self.x) ** 2 + (y - self.y) ** 2 <= radius**2

    def mask(self, side: int, radius: float = RADIUS) -> np.ndarray:
        """(side, side) bool: the disc."""
        y, x = (np.mgrid[:side, :side] + 0.5) / side
        return (x - self.x) ** 2 + (y - self.y) ** 2 <= radius**2


def draw(colour: tuple[int, int, int], seed: int, side: int) -> tuple[np.ndarray, Spot]:
    """A photo (side, side, 3) uint8, and where its coloured disc is; the grey one does not touch it."""
    rng = np.random.default_rng(seed)
    pixels = rng.normal(128, 30, (side, side, 1)) + rng.normal(0, 12, (side, side, 3))
    spot = Spot(*rng.uniform(RADIUS, 1 - RADIUS, 2))
    while True:
        other = Spot(*rng.uniform(RADIUS, 1 - RADIUS, 2))
        if not spot.holds(other.x, other.y, 2.2 * RADIUS):
            break
    pixels[other.mask(side)] = rng.uniform(40, 220) + rng.normal(0, 10, (int(other.mask(side).sum()), 1))
    pixels[spot.mask(side)] = np.array(colour) + rng.normal(0, 15, (int(spot.mask(side).sum()), 3))
    return np.clip(pixels, 0, 255).astype(np.uint8), spot


def draw_spots(root: Path, each: int, side: int) -> dict[str, Spot]:
    """A folder per colour below `root`; where the disc is, by the photo's path in it."""
    spots = {}
    for number, (name, colour) in enumerate(COLOURS.items()):
        (root / name).mkdir(parents=True, exist_ok=True)
        for photo in range(each):
            pixels, spot = draw(colour, number * 100_000 + photo, side)
            Image.fromarray(pixels).save(root / name / f"{photo}.png")
            spots[f"{name}/{photo}.png"] = spot
    return spots
