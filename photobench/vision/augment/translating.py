"""Transforms of albumentations in the terms of `vision.on_device`: which of them a device can do, and with what numbers.

A transform that is not here, or is set to something that is not here (another border, another way of interpolating), is done by the loader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import albumentations as A
import cv2
import numpy as np

from photobench.vision.augment.jpeg_steps import jpeg_steps
from photobench.vision.recipe import BLACK, GREY, MEAN_GREY, Operation

LARGEST_KERNEL = 31
"""Of a blur: a mirrored edge is as wide as half of it, and no wider than the smallest photo, of 16 px."""

CUTS = (A.CenterCrop, A.RandomResizedCrop, A.Resize)
"""What the view of a preset is made with; none of them is known after it, where all photos have one size."""

Drawn = Mapping[str, Any]
"""What a transform has drawn for a photo, by name."""


class Translation(NamedTuple):
    """`can`: the device does what this one is set to. `operations`: of what it drew for a photo."""

    can: Callable[[Any], bool]
    operations: Callable[[Any, Drawn], Iterator[Operation]]


def operations_of(transform: A.BasicTransform, drawn: Drawn) -> Iterator[Operation]:
    """What the device is to do to a photo, in its order."""
    return TRANSLATIONS[type(transform)].operations(transform, drawn)


def is_known(transform: A.BasicTransform) -> bool:
    """The device can do it, as it is set."""
    return type(transform) in TRANSLATIONS and TRANSLATIONS[type(transform)].can(transform)


def place_of(transform: A.BasicTransform, drawn: Drawn) -> np.ndarray:
    """Of a transform that moves or cuts a photo: where each of its places was before, (3, 3)."""
    if isinstance(transform, CUTS):
        left, top, *_ = _window(transform, drawn)
        x, y = _scales(transform, drawn)
        # the middle of the first pixel is half a pixel from the edge, however large the pixels are
        return np.array([[x, 0, left + 0.5 * x - 0.5], [0, y, top + 0.5 * y - 0.5], [0, 0, 1]])
    matrix = np.asarray(drawn["matrix"], float)
    if isinstance(transform, A.Perspective):
        height, width = drawn["shape"][:2]
        matrix = np.diag([width / drawn["max_width"], height / drawn["max_height"], 1]) @ matrix
    inverse: np.ndarray = np.linalg.inv(matrix)
    return inverse


def spread_of(transform: A.BasicTransform, drawn: Drawn) -> np.ndarray:
    """Along x and y, how far apart a pixel is looked at where it is the mean of what it covers, (2,); 0 where it is looked up.

    Its weights are to be as wide as those of an area: s² / 12 + 1 / 12 for s pixels, of which interpolating between two gives 2 / 12.
    """
    if not averages(transform):
        return np.zeros(2)
    return np.sqrt(1 - 1 / np.maximum(1, _scales(transform, drawn)) ** 2)


def side_after(transform: A.BasicTransform, side_px: int) -> int:
    """Of a photo of this side."""
    if isinstance(transform, A.RandomResizedCrop):
        return int(transform.size[0])
    return int(transform.height) if isinstance(transform, CUTS) else side_px


def averages(transform: A.BasicTransform) -> bool:
    """Where it makes photos smaller, a pixel becomes the mean of what it covers."""
    by_area = getattr(transform, "area_for_downscale", None) or getattr(transform, "interpolation", 0) == cv2.INTER_AREA
    return isinstance(transform, CUTS) and bool(by_area)


def _window(transform: A.BasicTransform, drawn: Drawn) -> tuple[int, int, int, int]:
    """What a cut keeps: left, top, right, bottom."""
    height, width = drawn["shape"][:2]
    return (0, 0, width, height) if isinstance(transform, A.Resize) else drawn["crop_coords"]


def _scales(transform: A.BasicTransform, drawn: Drawn) -> np.ndarray:
    """Pixels before a cut for each after it, along x and y, (2,)."""
    left, top, right, bottom = _window(transform, drawn)
    return np.array([right - left, bottom - top]) / side_after(transform, 0)


def _warp(transform: Any, drawn: Drawn) -> Iterator[Operation]:
    yield "warp", tuple(place_of(transform, drawn).ravel())


def _light(_: Any, drawn: Drawn) -> Iterator[Operation]:
    yield "light", (drawn["alpha"], drawn["beta"])


def _jitter(_: Any, drawn: Drawn) -> Iterator[Operation]:
    parts: list[Operation] = [
        ("blend", (BLACK, drawn["brightness"])),
        ("blend", (MEAN_GREY, drawn["contrast"])),
        ("blend", (GREY, drawn["saturation"])),
        ("hue", (drawn["hue"],)),
    ]
    idle: list[Operation] = [("blend", (towards, 1.0)) for towards in (BLACK, MEAN_GREY, GREY)] + [("hue", (0.0,))]
    yield from (parts[number] for number in drawn["order"] if parts[number] != idle[number])


def _grey(_: Any, drawn: Drawn) -> Iterator[Operation]:
    yield "blend", (GREY, 0.0)


def _noise(_: Any, drawn: Drawn) -> Iterator[Operation]:
    yield "noise", (255 * drawn["mean"], 255 * drawn["sigma"], drawn["seed"])


def _jpeg(_: Any, drawn: Drawn) -> Iterator[Operation]:
    yield "jpeg", tuple(jpeg_steps(drawn["quality"]).tolist())


def _patches(transform: Any, drawn: Drawn) -> Iterator[Operation]:
    rng = np.random.default_rng(drawn.get("seed"))
    for hole in drawn["holes"].tolist():
        colour = (
            rng.integers(0, 256, 3, np.uint8)
            if transform.fill == "random_uniform"
            else np.broadcast_to(transform.fill, 3)
        )
        yield "patch", (*hole, *colour.tolist())


def _square(_: Any, drawn: Drawn) -> Iterator[Operation]:
    yield from ((name, ()) for name in SQUARE[str(drawn["group_element"])])


def _quarters(_: Any, drawn: Drawn) -> Iterator[Operation]:
    yield from ((name, ()) for name in SQUARE[("e", "r90", "r180", "r270")[drawn["factor"]]])


def _named(name: str) -> Callable[[Any, Drawn], Iterator[Operation]]:
    return lambda _, drawn: iter([(name, ())])


def _numbers(name: str, key: str) -> Callable[[Any, Drawn], Iterator[Operation]]:
    return lambda _, drawn: iter([(name, tuple(np.ravel(drawn[key]).tolist()))])


SQUARE = {
    "e": (),
    "r90": ("transpose", "flip-y"),
    "r180": ("flip-x", "flip-y"),
    "r270": ("transpose", "flip-x"),
    "v": ("flip-y",),
    "h": ("flip-x",),
    "t": ("transpose",),
    "hvt": ("transpose", "flip-x", "flip-y"),
}
"""The eight ways in which a square lies on itself."""


def _always(_: Any) -> bool:
    return True


def _moves(transform: Any) -> bool:
    plain = transform.interpolation == cv2.INTER_LINEAR and transform.border_mode == cv2.BORDER_REFLECT_101
    resized = getattr(transform, "crop_border", False) or getattr(transform, "fit_output", False)
    return plain and not resized and getattr(transform, "keep_size", True)


def _is_small(transform: Any) -> bool:
    by_width = 2 * int(3.5 * transform.sigma_limit[1]) + 1  # where no size is given
    return max(transform.blur_limit[1], by_width if not transform.blur_limit[0] else 0) <= LARGEST_KERNEL


def _fills(transform: Any) -> bool:
    return transform.fill == "random_uniform" or not isinstance(transform.fill, str)


TRANSLATIONS: dict[type, Translation] = {
    A.NoOp: Translation(_always, lambda _, drawn: iter(())),
    A.HorizontalFlip: Translation(_always, _named("flip-x")),
    A.VerticalFlip: Translation(_always, _named("flip-y")),
    A.Transpose: Translation(_always, _named("transpose")),
    A.RandomRotate90: Translation(_always, _quarters),
    A.SquareSymmetry: Translation(_always, _square),
    A.D4: Translation(_always, _square),
    A.Rotate: Translation(_moves, _warp),
    A.Affine: Translation(_moves, _warp),
    A.Perspective: Translation(_moves, _warp),
    A.RandomBrightnessContrast: Translation(lambda t: t.brightness_by_max, _light),
    A.ColorJitter: Translation(_always, _jitter),
    A.ToGray: Translation(lambda t: t.method == "weighted_average", _grey),
    A.Solarize: Translation(_always, _numbers("solarize", "threshold")),
    A.Posterize: Translation(lambda t: not isinstance(t.num_bits, list), _numbers("posterize", "num_bits")),
    A.AutoContrast: Translation(lambda t: t.method == "pil" and not t.cutoff and t.ignore is None, _named("autocontrast")),
    A.Equalize: Translation(lambda t: t.mode == "cv" and t.by_channels and t.mask is None, _named("equalize")),
    A.GaussianBlur: Translation(_is_small, _numbers("blur", "kernel")),
    A.Sharpen: Translation(lambda t: t.method == "kernel", _numbers("filter", "sharpening_matrix")),
    A.GaussNoise: Translation(lambda t: t.per_channel and t.noise_scale_factor == 1, _noise),
    A.ImageCompression: Translation(lambda t: t.compression_type == "jpeg", _jpeg),
    A.CoarseDropout: Translation(_fills, _patches),
    A.Erasing: Translation(_fills, _patches),
}  # fmt: skip
