"""The table of what a device can do to photos.

An operation takes photos (B, 3, H, W), levels of 0 to 255 as whole numbers in float32, and numbers (B, width), and returns other photos;
levels are made whole again by its caller.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from photobench.vision.on_device import colour, lens, places, tones
from photobench.vision.on_device.jpeg import jpeg

Operation = Callable[[Tensor, Tensor], Tensor]

OPERATIONS: dict[str, Operation] = {
    "warp": places.warp,
    "flip-x": places.flip_x,
    "flip-y": places.flip_y,
    "transpose": places.transpose,
    "patch": places.patch,
    "light": colour.light,
    "blend": colour.blend,
    "hue": colour.hue,
    "solarize": tones.solarize,
    "posterize": tones.posterize,
    "autocontrast": tones.autocontrast,
    "equalize": tones.equalize,
    "blur": lens.blur,
    "filter": lens.filter,
    "noise": lens.noise,
    "jpeg": jpeg,
}
