"""Transforms of albumentations by their names, as the project file writes them, checked before any work starts.

A name is looked up in a table of albumentations' transforms of images and nothing else; no text is ever evaluated.
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import albumentations as A
import numpy as np

from photobench.errors import ConfigError, did_you_mean
from photobench.vision.augment.presets import AUGMENTATIONS, MIRRORED
from photobench.vision.options import AugmentOptions

TRIED_PX = 64
"""Side of the photo on which the list of transforms is tried."""

NO_TRANSFORMS = {"ImageOnlyTransform", "DualTransform", "Transform3D", "Lambda", "NoOp"}

KNOWN = {
    name: kind
    for name, kind in sorted(vars(A).items())
    if inspect.isclass(kind)
    and issubclass(kind, A.ImageOnlyTransform | A.DualTransform)
    and name not in NO_TRANSFORMS
    and not issubclass(kind, A.Transform3D)
}
"""Every transform of an image that albumentations has, by name."""


def usable() -> dict[str, str]:
    """The transforms that can be named in `augment.pipeline`, and what each does. Those that need arguments are among them."""
    return {
        name: " ".join((kind.__doc__ or "").split("\n\n")[0].split())
        for name, kind in KNOWN.items()
        if not _refused(name)
    }


def _refused(name: str) -> bool:
    try:
        _tried({"name": name}, TRIED_PX)
    except _Mistake as mistake:
        return "Leave it out" in str(mistake) or "BBox" in name  # boxes of things, which no photo here has
    return False


def check_names(options: AugmentOptions, size_px: int) -> None:
    """The preset exists, and every named transform can be made and leaves a photo of this side a photo.

    Raises:
        ConfigError: naming every entry that cannot be used, with the nearest name where it is misspelt.
    """
    AUGMENTATIONS.get(options.preset)
    named_transforms(options.pipeline, size_px)


def named_transforms(pipeline: Sequence[Mapping[str, Any]], size_px: int) -> list[A.BasicTransform]:
    """The transforms of `augment.pipeline`, in its order, tried on a drawn photo of the model's size.

    Raises:
        ConfigError: as `check_names`.
    """
    made, mistakes = [], []
    for number, entry in enumerate(pipeline, 1):
        try:
            made.append(_tried(dict(entry), size_px))
        except _Mistake as mistake:
            mistakes.append(f"augment.pipeline, entry {number}: {mistake}")
    if mistakes:
        raise ConfigError(mistakes)
    return made


class _Mistake(Exception):
    """What is wrong with one entry."""


def _tried(arguments: dict[str, Any], size_px: int) -> A.BasicTransform:
    name = arguments.pop("name")
    if name not in KNOWN:
        hint = did_you_mean(name, KNOWN) or " All of them: photobench list transforms"
        raise _Mistake(f'There is no transform "{name}" in albumentations.{hint}')
    kind = KNOWN[name]
    _check_arguments(name, kind, arguments)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its taste; what is wrong raises
            _try(name, _make(kind, {**arguments, "p": 1.0}), size_px)
            return _make(kind, arguments)
    except _Mistake:
        raise
    except Exception as error:  # every transform has checks, and kinds of error, of its own
        raise _Mistake(f"{name} cannot be made with {_shown(arguments)} ({_reason(error)}).") from None


def _check_arguments(name: str, kind: type[A.BasicTransform], arguments: Mapping[str, Any]) -> None:
    """albumentations itself passes over an argument that it does not know."""
    known = _arguments_of(kind)
    for argument in arguments:
        if argument not in known:
            hint = did_you_mean(argument, known) or f" There is: {', '.join(known)}."
            raise _Mistake(f'{name} has no argument "{argument}".{hint}')


def _arguments_of(kind: type[A.BasicTransform]) -> list[str]:
    return [argument for argument in inspect.signature(kind.__init__).parameters if argument != "self"]


def _make(kind: type[A.BasicTransform], arguments: Mapping[str, Any]) -> A.BasicTransform:
    given = {key: _as_tuple(value) for key, value in arguments.items()}
    if "border_mode" in _arguments_of(kind):
        given = {"border_mode": MIRRORED, **given}
    return kind(**given)


def _try(name: str, transform: A.BasicTransform, size_px: int) -> None:
    """What changes the size of a photo, or wants more than a photo, is no augmentation of ours."""
    if wanted := transform.targets_as_params:
        raise _Mistake(f"{name} needs {', '.join(wanted)} beside the photo, which there is not. Leave it out.")
    compose = A.Compose([transform])
    compose.set_random_seed(0)
    photo = np.random.default_rng(0).integers(0, 256, (size_px, size_px, 3), dtype=np.uint8)
    for _ in range(3):
        out = compose(image=photo.copy())["image"]
        if out.shape != photo.shape:
            raise _Mistake(f"{name} changes the size of the photo, which the crop of the preset sets. Leave it out.")
        if out.dtype != np.uint8:
            raise _Mistake(f"{name} gives {out.dtype} instead of bytes; the model normalises by itself. Leave it out.")


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(inner) for inner in value) if isinstance(value, list) else value


def _shown(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in arguments.items()) or "no arguments"


def _reason(error: Exception) -> str:
    """The first complaint of an error, without pydantic's frame around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    if "validation error" in lines[0]:
        lines = [f"{lines[1]}: {lines[2]}"] if not lines[2].startswith("Value error") else [lines[2]]
    return re.sub(r" \[type=.*", "", lines[0]).replace("Value error, ", "").rstrip(".")
