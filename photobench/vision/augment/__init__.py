"""Training augmentation: albumentations pipelines by the name of a preset, or by the names of their transforms.

Every pipeline takes a stored square of the pack (uint8 RGB) and gives the square that the model sees. The only package that imports
albumentations.
"""

from __future__ import annotations

import os

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # before the import: it would ask the network for its latest version

from photobench.vision.augment.drawing import Drawing, Unfinished
from photobench.vision.augment.named import KNOWN, usable
from photobench.vision.augment.pipeline import Augment, images_per_s
from photobench.vision.augment.place import about_place, check_augmentation, make_augmentation
from photobench.vision.augment.presets import AUGMENTATIONS

__all__ = [
    "AUGMENTATIONS",
    "KNOWN",
    "Augment",
    "Drawing",
    "Unfinished",
    "about_place",
    "check_augmentation",
    "images_per_s",
    "make_augmentation",
    "usable",
]
