"""What a detector says of one image, and the promise that every detector keeps.

Shape legend: F things found in an image, P landmarks of each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Found:
    """Boxes (F, 4) as x1 y1 x2 y2 in pixels of the image, scores (F,) in [0, 1], landmarks (F, P, 2) in pixels.

    The first two landmarks are the eyes; P is 0 where a detector knows none.
    """

    boxes_F4: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    scores_F: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    landmarks_FP2: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 2), np.float32))

    def __len__(self) -> int:
        return len(self.boxes_F4)

    def in_full_photo(self, factor_x: float, factor_y: float) -> Found:
        """The same in the photo that the image was reduced from, by these factors.

        Rounded: the last digits of a network differ with the batch that a photo is looked at in, and the cut must not.
        """
        factor_2 = np.array([factor_x, factor_y])
        boxes_F4 = np.rint(self.boxes_F4 * np.tile(factor_2, 2))
        return Found(
            boxes_F4, np.round(self.scores_F.astype(np.float64), 4), np.round(self.landmarks_FP2 * factor_2, 1)
        )


class Detector(ABC):
    """Finds what matters in a batch of photos."""

    name: str = "The detector"
    """In sentences for the user."""
    fingerprint: str
    """Changes when the answers may: what was found is kept under it."""

    @property
    def at_once(self) -> int:
        """Threads that may call `detect` at the same time."""
        return 1

    @property
    def mixes_sizes(self) -> bool:
        """Takes images of different sizes in one batch."""
        return False

    @abstractmethod
    def detect(self, images: Sequence[np.ndarray]) -> list[Found]:
        """One answer per image. Images are upright RGB (H, W, 3) uint8, all of one size unless it mixes them."""

    def begin_thread(self) -> None:  # noqa: B027 -- most need nothing
        """Called first in each thread that will call `detect`."""

    @contextmanager
    def working(self) -> Iterator[None]:
        """Around all of the work, for what is to be set back after it."""
        yield


class Loaded(Detector):
    """A detector that is slow to load, loaded when there is something to look at: where all is known already it never is."""

    def __init__(self, fingerprint: str, load: Callable[[], Detector]):
        self.fingerprint, self._load = fingerprint, load

    @cached_property
    def _detector(self) -> Detector:
        return self._load()

    @property
    def at_once(self) -> int:
        return self._detector.at_once

    @property
    def mixes_sizes(self) -> bool:
        return self._detector.mixes_sizes

    def detect(self, images: Sequence[np.ndarray]) -> list[Found]:
        return self._detector.detect(images)

    def begin_thread(self) -> None:
        self._detector.begin_thread()

    @contextmanager
    def working(self) -> Iterator[None]:
        with self._detector.working():
            yield
