"""What a preset does to a photo. Flips left to right are in most of them, since they keep most labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import albumentations as A
import cv2

from photobench.registry import Entry, Registry
from photobench.vision.augment.policies import rand_augment, trivial_augment

Transform: TypeAlias = A.BasicTransform | A.BaseCompose
Transforms = Sequence[Transform]

MIRRORED = cv2.BORDER_REFLECT_101
"""What is turned in from beyond the edge: the photo's own mirror image, not black."""


@dataclass(frozen=True)
class Preset:
    """The view of a photo, and what happens before it, on the stored square, and after it, at the model's size.

    `smallest` is the area of the smallest random crop, as a share of the square that it is taken from; None is evaluation's view.
    """

    smallest: float | None
    before: Transforms = ()
    after: Transforms = ()


def _none(strength: float) -> Preset:
    return Preset(None)


def _no_flip(strength: float) -> Preset:
    return Preset(_smallest(0.55, strength), after=[_light_and_contrast(0.15, strength)])


def _light(strength: float) -> Preset:
    return Preset(_smallest(0.55, strength), after=[_light_and_contrast(0.15, strength), A.HorizontalFlip(p=0.5)])


def _medium(strength: float) -> Preset:
    return Preset(
        _smallest(0.45, strength),
        before=[A.Rotate(12 * strength, border_mode=MIRRORED, p=0.5)],
        after=[
            A.HorizontalFlip(p=0.5),
            _colour(0.2, 0.02, strength, p=0.6),
            _camera(strength, p=0.25),
            _patch(0.25, strength, p=0.2),
        ],
    )


def _strong(strength: float) -> Preset:
    return Preset(
        _smallest(0.25, strength),
        before=[A.Affine(rotate=_around(20 * strength), shear=_around(8 * strength), border_mode=MIRRORED, p=0.6)],
        after=[
            A.HorizontalFlip(p=0.5),
            _colour(0.4, 0.05, strength, p=0.8),
            A.ToGray(p=min(1.0, 0.1 * strength)),
            _camera(strength, p=0.4),
            _patch(0.4, strength, p=0.4),
        ],
    )


def _face(strength: float) -> Preset:
    """Mouth, chin and forehead stay in the picture: what tells age, mask or mood is often at the edge of a tight cut."""
    return Preset(
        _smallest(0.8, strength),
        before=[A.Rotate(8 * strength, border_mode=MIRRORED, p=0.5)],
        after=[
            A.HorizontalFlip(p=0.5),
            _light_and_contrast(0.2, strength),
            _camera(strength, p=0.25),
            _patch(0.3, strength, p=0.25),
        ],
    )


def _document(strength: float) -> Preset:
    return Preset(
        _smallest(0.75, strength),
        before=[A.Perspective(scale=(0.01, max(0.01, 0.05 * strength)), border_mode=MIRRORED, p=0.5)],
        after=[_light_and_contrast(0.25, strength), _camera(strength, p=0.5)],
    )


def _any_way_up(strength: float) -> Preset:
    """The eight ways in which a square lies on itself are free of any resampling."""
    return Preset(_smallest(0.55, strength), after=[A.SquareSymmetry(p=1.0), _colour(0.15, 0.02, strength, p=0.6)])


def _randaugment(strength: float) -> Preset:
    return Preset(_smallest(0.35, 1.0), after=[A.HorizontalFlip(p=0.5), rand_augment(magnitude=9 * strength)])


def _trivial(strength: float) -> Preset:
    return Preset(_smallest(0.35, 1.0), after=[A.HorizontalFlip(p=0.5), trivial_augment(strength)])


AUGMENTATIONS: Registry[Preset] = Registry(
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
        "rotation, colour, blur, noise, JPEG, a hidden patch: more epochs, or few photos; six times slower",
    ),
    Entry("strong", _strong, "medium with smaller crops, shear, grey, larger patches: many epochs, a large model"),
    Entry("face", _face, "faces that are cut out: flip, small rotation, light, blur, JPEG, a hidden patch; hardly any crop"),
    Entry("document", _document, "text and forms: perspective, light, noise, JPEG; no flip"),
    Entry("any-way-up", _any_way_up, "microscope, satellite, parts on a table: flips and quarter turns, a little colour"),
    Entry("randaugment", _randaugment, "two random operations of fourteen, of one magnitude: large models, many epochs"),
    Entry("trivial", _trivial, "one random operation of fourteen, of random magnitude: nothing to tune; many epochs"),
)  # fmt: skip


def _smallest(area: float, strength: float) -> float:
    """The area of the smallest crop, which leaves more out the stronger it is."""
    return max(0.08, 1 - (1 - area) * strength)


def _around(limit: float) -> tuple[float, float]:
    return -limit, limit


def _light_and_contrast(limit: float, strength: float) -> A.BasicTransform:
    limit = min(0.9, limit * strength)
    return A.RandomBrightnessContrast(limit, limit, p=0.5)


def _colour(limit: float, hue: float, strength: float, p: float) -> A.BasicTransform:
    limit = min(0.9, limit * strength)
    return A.ColorJitter(limit, limit, limit, min(0.5, hue * strength), p=p)


def _camera(strength: float, p: float) -> A.BaseCompose:
    """What a poor camera and a small file do: one of blur, noise and JPEG."""
    noise = A.GaussNoise((0.02 * strength, min(1.0, 0.08 * strength)))
    jpeg = A.ImageCompression(quality_range=(min(90, max(5, round(100 - 50 * strength))), 90))
    return A.OneOf([A.GaussianBlur((3, 5)), noise, jpeg], p=p)


def _patch(side: float, strength: float, p: float) -> A.BasicTransform:
    """A black rectangle, of at most this share of each side."""
    largest = min(0.9, side * strength)
    sides = (min(0.1, largest), largest)
    return A.CoarseDropout((1, 1), sides, sides, p=p)
