"""Who changes the pixels: the loader's processes, photo by photo, or the device that trains, a batch at once."""

from __future__ import annotations

from photobench.errors import ConfigError
from photobench.vision.augment.drawing import Drawing
from photobench.vision.augment.named import check_names
from photobench.vision.augment.pipeline import Augment, leaves, transforms_of
from photobench.vision.augment.translating import is_known
from photobench.vision.options import AugmentOptions
from photobench.words import listed

FASTER_ON = ("cuda",)
"""Devices on which "auto" leaves it to the device: a processor is faster with the loader's libraries (docs/augmentation.md)."""


def make_augmentation(
    options: AugmentOptions, size_px: int, stored_px: int, crop: float, device: str
) -> Augment | Drawing:
    """What changes the photos of a training on a device, or leaves that to it."""
    kind = Drawing if is_on_device(options, size_px, device) else Augment
    return kind(options, size_px, stored_px, crop)


def is_on_device(options: AugmentOptions, size_px: int, device: str) -> bool:
    """As asked, or where that is faster and the device can do all of it."""
    if options.on == "auto":
        return device in FASTER_ON and not only_by_loader(options, size_px)
    return options.on == "device"


def only_by_loader(options: AugmentOptions, size_px: int) -> list[str]:
    """The transforms that no device can do as they are set, by name."""
    _, tail = transforms_of(options, size_px, size_px, 1.0)
    names = (type(leaf).__name__ for transform in tail for leaf in leaves(transform) if not is_known(leaf))
    return list(dict.fromkeys(names))


def check_augmentation(options: AugmentOptions, size_px: int) -> None:
    """What is chosen exists, and can be done where it is to be done.

    Raises:
        ConfigError: naming every transform that cannot be used, with the nearest name where it is misspelt.
    """
    check_names(options, size_px)
    if options.on == "device" and (names := only_by_loader(options, size_px)):
        raise ConfigError(
            [
                f'augment.on = "device", and only the loader can do {listed(names)} as augment.pipeline has it: '
                'set augment.on = "auto", or leave it out.'
            ]
        )


def about_place(options: AugmentOptions, size_px: int, device: str) -> list[str]:
    """Said before a training on a device that could do it."""
    if is_on_device(options, size_px, device):
        return ["photos are augmented on the device, a batch at once (augment.on)"]
    if device in FASTER_ON and options.on == "auto":
        names = listed(only_by_loader(options, size_px))
        return [f"photos are augmented by the loader: the device cannot do {names} of augment.pipeline (augment.on)"]
    return []
