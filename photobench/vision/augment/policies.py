"""Policies that draw their operations: RandAugment and TrivialAugment, out of albumentations' transforms.

Both draw from the same fourteen operations of AutoAugment (Cubuk et al., CVPR 2019). What is shifted or turned in from beyond the
edge is the photo's mirror image instead of grey.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import albumentations as A
import cv2

_affine = partial(A.Affine, border_mode=cv2.BORDER_REFLECT_101, p=1.0)


@dataclass(frozen=True)
class Range:
    """How far each operation goes at a magnitude of 1."""

    shear_deg: float
    shift: float  # share of the side
    rotate_deg: float
    enhance: float  # brightness, contrast, colour and sharpness: a factor of 1 ± this
    fewest_bits: int  # of posterize, of 8


RAND_AUGMENT = Range(shear_deg=16.7, shift=0.45, rotate_deg=30, enhance=0.9, fewest_bits=4)
TRIVIAL_WIDE = Range(shear_deg=44.7, shift=0.14, rotate_deg=135, enhance=0.99, fewest_bits=2)


def rand_augment(magnitude: float, num: int = 2) -> A.BaseCompose:
    """`num` operations of a magnitude of at most 30, each either way. Cubuk et al., NeurIPS 2020, arXiv:1909.13719.

    The paper's own setting for ImageNet and a ResNet-50 is 2 operations of magnitude 9.
    """
    level = min(1.0, magnitude / 30)
    return A.RandomOrder(_operations(RAND_AUGMENT, level, level), n=num, replace=True)


def trivial_augment(strength: float) -> A.BaseCompose:
    """One operation of a magnitude drawn evenly. Müller & Hutter, ICCV 2021, arXiv:2103.10158, the "wide" ranges.

    `strength` is the largest magnitude, of at most 1.
    """
    return A.OneOf(_operations(TRIVIAL_WIDE, 0.0, min(1.0, strength)), p=1.0)


def _operations(of: Range, low: float, high: float) -> list[A.BasicTransform | A.BaseCompose]:
    """The fourteen, each of a magnitude from `low` to `high`."""

    def up(limit: float) -> tuple[float, float]:
        return low * limit, high * limit

    def factor(sign: int) -> tuple[float, float]:
        ends = sorted(1 + sign * level * of.enhance for level in (low, high))
        return ends[0], ends[1]

    def either_way(axis: str, make: str, limit: float) -> A.BaseCompose:
        near, far = up(limit)
        return _one(*(_affine(**{make: {axis: ends, _other(axis): (0, 0)}}) for ends in ((near, far), (-far, -near))))

    def enhanced(quality: str) -> A.BaseCompose:
        still = dict.fromkeys(("brightness", "contrast", "saturation"), (1.0, 1.0)) | {"hue": (0.0, 0.0)}
        return _one(*(A.ColorJitter(**{**still, quality: factor(sign)}, p=1.0) for sign in (1, -1)))

    near_deg, far_deg = up(of.rotate_deg)
    bits = (round(8 - high * (8 - of.fewest_bits)), round(8 - low * (8 - of.fewest_bits)))
    return [
        A.NoOp(p=1.0),
        A.AutoContrast(method="pil", p=1.0),
        A.Equalize(mode="cv", p=1.0),
        _one(_affine(rotate=(near_deg, far_deg)), _affine(rotate=(-far_deg, -near_deg))),
        A.Solarize((1 - high, 1 - low), p=1.0),
        enhanced("saturation"),
        A.Posterize(bits, p=1.0),
        enhanced("contrast"),
        enhanced("brightness"),
        _one(A.Sharpen(alpha=up(of.enhance), lightness=(1.0, 1.0), p=1.0), A.GaussianBlur((3, 3), p=1.0)),
        either_way("x", "shear", of.shear_deg),
        either_way("y", "shear", of.shear_deg),
        either_way("x", "translate_percent", of.shift),
        either_way("y", "translate_percent", of.shift),
    ]


def _one(*transforms: A.BasicTransform) -> A.BaseCompose:
    return A.OneOf(transforms, p=1.0)


def _other(axis: str) -> str:
    return "y" if axis == "x" else "x"
