"""Where in a photo is what matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """Where in a photo is what matters: corners as fractions of the upright photo's width and height, so that they hold at any size.

    `how` it is known: `found` by a detector, `given` by the table, `decided` by a person; or, where nothing was found, from the
    photos of the same `group`, the `median` of all, the `center`, or the `whole` photo. `angle`: degrees by which it is turned.
    """

    x1: float = 0.0
    y1: float = 0.0
    x2: float = 1.0
    y2: float = 1.0
    angle: float = 0.0
    how: str = "whole"

    @classmethod
    def of(cls, corners: Iterable[float], how: str, angle: float = 0.0) -> Box:
        x1, y1, x2, y2 = map(float, corners)
        return cls(x1, y1, x2, y2, angle, how)

    @property
    def is_around_something(self) -> bool:
        """Not merely a part of the photo: it gets a margin."""
        return self.how not in ("center", "whole")

    @property
    def corners(self) -> tuple[float, float, float, float]:
        return self.x1, self.y1, self.x2, self.y2


WHOLE = Box()
