"""A pipeline, ready for batches: the view of a preset, its transforms or named ones, and erasing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import albumentations as A
import cv2
import numpy as np

from photobench.vision.augment.named import named_transforms
from photobench.vision.augment.presets import AUGMENTATIONS, Transform, Transforms
from photobench.vision.options import AugmentOptions
from photobench.vision.preprocess import view_window
from photobench.vision.turns import HALF_TURN, LEFT_RIGHT, QUARTER_TURN, TURNS, UP_DOWN

MEAN_CROP = 0.875
"""Side of the mean random crop, as a share of the square that it is taken from."""

TURNING = {
    "HorizontalFlip": {LEFT_RIGHT},
    "VerticalFlip": {UP_DOWN},
    "Transpose": {LEFT_RIGHT, QUARTER_TURN},
    "RandomRotate90": {QUARTER_TURN, HALF_TURN},
    "SquareSymmetry": set(TURNS),
    "D4": set(TURNS),
}
"""Transforms after which a photo lies another way, and what they do to it."""


class Augment:
    """The pipeline that the options describe. The same seed gives the same pixels, in any process.

    Raises:
        ConfigError: a transform of `options.pipeline` cannot be used, each with what is wrong with it.
    """

    def __init__(self, options: AugmentOptions, size_px: int, stored_px: int, crop: float):
        self.size_px = size_px
        head, tail = transforms_of(options, size_px, stored_px, crop)
        self._compose = A.Compose([*head, *tail])

    def __call__(self, stored: list[np.ndarray], seed: int) -> np.ndarray:
        """B stored squares (S, S, 3) → (B, size, size, 3) uint8."""
        self._compose.set_random_seed(seed)
        out = np.empty((len(stored), self.size_px, self.size_px, 3), np.uint8)
        for number, square in enumerate(stored):
            out[number] = self._compose(image=square)["image"]
        return out

    @property
    def names(self) -> list[str]:
        """The transforms in their order, those of a choice as one."""
        return [_name(transform) for transform in self._compose.transforms]

    @property
    def turns(self) -> set[str]:
        """The ways in which it turns a photo over: `"left-right flip"` and the like."""
        found = (TURNING.get(type(transform).__name__, set()) for transform in leaves(self._compose))
        return set().union(*found)


def transforms_of(
    options: AugmentOptions, size_px: int, stored_px: int, crop: float
) -> tuple[list[Transform], list[Transform]]:
    """What makes the view of a stored square, and what is done to the view.

    Raises:
        ConfigError: as `Augment`.
    """
    preset = AUGMENTATIONS.build(options.preset, strength=options.strength)
    before, after = (
        ((), named_transforms(options.pipeline, size_px)) if options.pipeline else (preset.before, preset.after)
    )
    view = _view(preset.smallest, size_px, stored_px, crop)
    return [*before, *view], [*after, *_erasing(options.erasing)]


def leaves(transform: Transform) -> Iterator[A.BasicTransform]:
    """The transforms of a composition, however deep."""
    if isinstance(transform, A.BaseCompose):
        for inner in transform.transforms:
            yield from leaves(inner)
    else:
        yield transform


def images_per_s(
    augment: Callable[[list[np.ndarray], int], object], stored: list[np.ndarray], rounds: int = 5
) -> float:
    """How many photos one core augments in a second, or draws for, the median of some rounds."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        batch = (stored * (64 // len(stored) + 1))[:64]
        rates = [len(batch) / _seconds(augment, batch, seed) for seed in range(rounds)]
    finally:
        cv2.setNumThreads(before)
    return statistics.median(rates)


def _seconds(augment: Callable[[list[np.ndarray], int], object], batch: list[np.ndarray], seed: int) -> float:
    started = time.thread_time()  # of this core alone: others at work on the machine do not count
    augment(batch, seed)
    return time.thread_time() - started


def _view(smallest: float | None, size_px: int, stored_px: int, crop: float) -> Transforms:
    """Evaluation's view, or random crops around it, of which it is the mean size: a model sees things as large as it learned them."""
    if smallest is None:
        inner = view_window(stored_px, crop)[1]
        scaled = [] if inner == size_px else [A.Resize(size_px, size_px, interpolation=cv2.INTER_AREA)]
        return [A.CenterCrop(inner, inner), *scaled]
    around = view_window(stored_px, min(1.0, crop / MEAN_CROP))[1]
    area = "image" if size_px < 160 else None  # small inputs alias most, and area resampling is slower
    jitter = A.RandomResizedCrop((size_px, size_px), scale=(smallest, 1.0), ratio=(0.85, 1.18), area_for_downscale=area)
    return [jitter] if around == stored_px else [A.CenterCrop(around, around), jitter]


def _erasing(share: float) -> Transforms:
    """Zhong et al., AAAI 2020: a rectangle of 2 to 33 % of the area, in one random colour."""
    return [A.Erasing(fill="random_uniform", p=share)] if share else []


def _name(transform: Transform) -> str:
    if isinstance(transform, A.BaseCompose):
        return f"{type(transform).__name__}({', '.join(dict.fromkeys(_name(t) for t in transform.transforms))})"
    return type(transform).__name__
