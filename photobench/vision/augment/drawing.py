"""A pipeline that draws and leaves the pixels to the device. What it draws is what `Augment` draws from the same seed.

albumentations itself draws: its transforms are called as ever, each on an empty photo, and note their numbers instead of changing pixels.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import albumentations as A
import numpy as np

from photobench.vision.augment.pipeline import leaves, transforms_of
from photobench.vision.augment.translating import Drawn, averages, operations_of, place_of, side_after, spread_of
from photobench.vision.options import AugmentOptions
from photobench.vision.recipe import Operation, Recipe, make_recipe

NOISE_SEEDS = 2**16
"""As many as albumentations has."""

AT_ONCE = 256
"""Photos that a device changes at once, whatever the batch: in between, they take four times the memory."""


class Unfinished(NamedTuple):
    """Stored squares (B, S, S, 3), and what is to become of them, some after the other."""

    images: np.ndarray
    size_px: int
    recipes: list[Recipe]


class Drawing:
    """Draws for photos what the options describe, all of which a device can do (`place.only_by_loader`)."""

    def __init__(self, options: AugmentOptions, size_px: int, stored_px: int, crop: float):
        self.size_px = size_px
        head, tail = transforms_of(options, size_px, stored_px, crop)
        self._compose = A.Compose([*head, *tail])
        self._num_stages = len(tail)
        self._looks = max(1, -(-stored_px // size_px)) if any(map(averages, head)) else 1
        self._empty: dict[int, np.ndarray] = {}
        self._stored = self._empty_photo(stored_px)
        self._drawn: list[tuple[A.BasicTransform, int | None, Drawn]] = []
        for stage, transform in [*((None, one) for one in head), *enumerate(tail)]:
            for leaf in leaves(transform):
                self._tap(leaf, stage)

    def __call__(self, stored: list[np.ndarray], seed: int) -> Unfinished:
        """B stored squares (S, S, 3) as they are, with the recipe that is drawn for them."""
        self._compose.set_random_seed(seed)
        recipes = [self._recipe(min(AT_ONCE, len(stored) - first)) for first in range(0, len(stored), AT_ONCE)]
        return Unfinished(np.stack(stored), self.size_px, recipes)

    def _recipe(self, num_photos: int) -> Recipe:
        views, ways = zip(*(self._draw() for _ in range(num_photos)), strict=True)
        return make_recipe(self.size_px, self._looks, np.array(views), list(zip(*ways, strict=True)))

    def _draw(self) -> tuple[np.ndarray, list[list[Operation]]]:
        """The view of a photo (11,), and what is done to it then, by stages."""
        self._drawn.clear()
        self._compose(image=self._stored)
        place, spread = np.eye(3), np.zeros(2)
        stages: list[list[Operation]] = [[] for _ in range(self._num_stages)]
        for transform, stage, drawn in self._drawn:
            if stage is None:
                place = place @ place_of(transform, drawn)
                spread = spread + spread_of(transform, drawn)
            else:
                stages[stage] += operations_of(transform, drawn)
        return np.append(place, spread), stages

    def _tap(self, transform: A.BasicTransform, stage: int | None) -> None:
        """From here on the transform notes what it draws, and changes nothing. A stage of None makes the view."""
        transform.apply = partial(self._note, transform, stage)
        transform._set_keys()  # it had looked up what is to be called
        if isinstance(transform, A.GaussNoise):
            transform.get_params_dependent_on_data = partial(_draw_noise, transform)

    def _note(self, transform: A.BasicTransform, stage: int | None, photo: np.ndarray, **drawn: Any) -> np.ndarray:
        self._drawn.append((transform, stage, drawn))
        return self._empty_photo(side_after(transform, len(photo)))

    def _empty_photo(self, side_px: int) -> np.ndarray:
        if side_px not in self._empty:
            self._empty[side_px] = np.zeros((side_px, side_px, 3), np.uint8)
        return self._empty[side_px]


def _draw_noise(transform: A.GaussNoise, params: Drawn, data: Any) -> dict[str, float]:
    """What the noise of a photo is made from, in the order in which albumentations draws it, without the noise itself."""
    sigma, mean = transform.py_random.uniform(*transform.std_range), transform.py_random.uniform(*transform.mean_range)
    return {"mean": mean, "sigma": sigma, "seed": int(transform.random_generator.integers(0, NOISE_SEEDS))}
