"""Progressive resizing: photos are small in the first epochs, which go faster, and grow to what the model is made for."""

from __future__ import annotations

from photobench.vision.augment import Augment, Drawing, make_augmentation
from photobench.vision.model import ModelSpec
from photobench.vision.options import AugmentOptions

STEP_PX, SMALLEST_PX = 16, 32
"""At 16 px a ResNet's last maps are one pixel, of which bf16 gradients on a CPU are sometimes no number."""
GROWN_AFTER = 2 / 3
"""Share of the epochs after which the photos are of full size: the last ones see what evaluation sees."""


def side_px(epoch: int, epochs: int, start_share: float, size_px: int) -> int:
    """Side of the photos of an epoch, in whole steps; it begins at `start_share` of `size_px`."""
    grown = epoch / max(1, round(epochs * GROWN_AFTER))
    if start_share == 1 or grown >= 1:
        return size_px
    side = size_px * (start_share + (1 - start_share) * grown)
    return min(size_px, max(SMALLEST_PX, round(side / STEP_PX) * STEP_PX))


class GrowingAugment:
    """The augmentation of an epoch: what the options describe, ending at the side of that epoch."""

    def __init__(self, options: AugmentOptions, spec: ModelSpec, epochs: int, start_share: float, device: str):
        self._sides = [side_px(epoch, epochs, start_share, spec.size_px) for epoch in range(epochs)]
        self._size_px = spec.size_px
        self._of_side = {
            side: make_augmentation(options, side, spec.pack.size_px, spec.crop, device) for side in set(self._sides)
        }

    def __call__(self, epoch: int) -> Augment | Drawing:
        return self._of_side[self._sides[epoch]]

    def is_grown(self, epoch: int) -> bool:
        """The photos of the epoch, and of those after it, have their full size."""
        return self._sides[epoch] == self._size_px
