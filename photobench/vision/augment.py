"""Training augmentation: albumentations pipelines by name. The only module that imports albumentations.

Every pipeline takes a stored square of the pack (uint8 RGB) and gives the square that the model sees. Flips left to right are in
the presets since they keep most labels; use "no-flip" where left and right matter (digits, text, hands).
"""

from __future__ import annotations

import os
from collections.abc import Callable

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # before the import: it would ask the network for its latest version

import albumentations as A
import cv2
import numpy as np

from photobench.registry import Entry, Registry
from photobench.vision.preprocess import view_window

Pipeline = Callable[[int, int, float], list[A.BasicTransform]]


MEAN_CROP = 0.875
"""Side of the mean random crop, as a share of the square that it is taken from."""


def _none(size_px: int, stored_px: int, crop: float) -> list[A.BasicTransform]:
    inner = view_window(stored_px, crop)[1]
    return [
        A.CenterCrop(inner, inner),
        *([] if inner == size_px else [A.Resize(size_px, size_px, interpolation=cv2.INTER_AREA)]),
    ]


def _crops(size_px: int, stored_px: int, crop: float, smallest: float) -> list[A.BasicTransform]:
    """Random crops around what evaluation looks at, which is their mean size: a model sees things as large as it learned them."""
    around = view_window(stored_px, min(1.0, crop / MEAN_CROP))[1]
    area = "image" if size_px < 160 else None  # small inputs alias most, and area resampling is slower
    jitter = A.RandomResizedCrop((size_px, size_px), scale=(smallest, 1.0), ratio=(0.85, 1.18), area_for_downscale=area)
    return [jitter] if around == stored_px else [A.CenterCrop(around, around), jitter]


def _no_flip(size_px: int, stored_px: int, crop: float) -> list[A.BasicTransform]:
    return [*_crops(size_px, stored_px, crop, 0.55), A.RandomBrightnessContrast(0.15, 0.15, p=0.5)]


def _light(size_px: int, stored_px: int, crop: float) -> list[A.BasicTransform]:
    return [*_no_flip(size_px, stored_px, crop), A.HorizontalFlip(p=0.5)]


def _medium(size_px: int, stored_px: int, crop: float) -> list[A.BasicTransform]:
    return [
        A.Rotate(12, border_mode=cv2.BORDER_REFLECT_101, p=0.5),
        *_crops(size_px, stored_px, crop, 0.45),
        A.HorizontalFlip(p=0.5),
        A.ColorJitter(0.2, 0.2, 0.2, 0.02, p=0.6),
        A.OneOf(
            [A.GaussianBlur((3, 5)), A.GaussNoise((0.02, 0.08)), A.ImageCompression(quality_range=(50, 90))], p=0.25
        ),
        A.CoarseDropout((1, 1), (0.1, 0.25), (0.1, 0.25), p=0.2),
    ]


AUGMENTATIONS: Registry[list[A.BasicTransform]] = Registry(
    "augmentation",
    Entry("none", _none, "the fixed view of evaluation: for a baseline, or a frozen backbone"),
    Entry(
        "light",
        _light,
        "random crop and scale, left-right flip, a little light and contrast: a good start anywhere, and fast",
    ),
    Entry("no-flip", _no_flip, "light without the flip: where left and right differ"),
    Entry(
        "medium",
        _medium,
        "rotation, colour, blur, noise, JPEG, a hidden patch: more epochs, or few photos; three times slower",
    ),
)


class Augment:
    """One preset, ready for batches. The same seed gives the same pixels, in any process."""

    def __init__(self, preset: str, size_px: int, stored_px: int, crop: float):
        self.size_px = size_px
        transforms = AUGMENTATIONS.build(preset, size_px=size_px, stored_px=stored_px, crop=crop)
        self._compose = A.Compose(transforms)

    def __call__(self, stored: list[np.ndarray], seed: int) -> np.ndarray:
        """B stored squares (S, S, 3) → (B, size, size, 3) uint8."""
        self._compose.set_random_seed(seed)
        out = np.empty((len(stored), self.size_px, self.size_px, 3), np.uint8)
        for number, square in enumerate(stored):
            out[number] = self._compose(image=square)["image"]
        return out
