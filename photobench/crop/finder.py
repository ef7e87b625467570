"""The box of a photo that comes as a file: as the model's data set had it where it is a photo of that, else found in the same way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from photobench.crop.choose import choose, fall_back
from photobench.crop.detectors import build_detector
from photobench.crop.fixed import Fixed
from photobench.crop.look import Looker
from photobench.crop.options import CropOptions
from photobench.errors import ImageError
from photobench.images import read_bytes
from photobench.records import Box


class Finder:
    """Boxes for files. May be called from several threads."""

    def __init__(self, options: CropOptions, usual: Box, root: Path, known: Mapping[str, Box] | None = None):
        """
        Args:
            usual: the box where nothing is found; who else is in the photo is not known of a file.
            root: the folder that relative paths of the options start at.
            known: boxes by the content of the photo (sha256): of the photos that the model was made from.

        Raises:
            ConfigError: the detector lacks something.
        """
        self.options, self.usual, self.known = options, usual, dict(known or {})
        self.detector = build_detector(options, root)
        self._looker = Looker(self.detector, options.max_side_px)

    def find(self, paths: Sequence[Path]) -> list[Box]:
        """A box for each; that of a photo which cannot be read does not matter."""
        if isinstance(self.detector, Fixed) and self.detector.box is not None:
            return [self.detector.box] * len(paths)
        boxes = [self._known_box(path) if self.known else None for path in paths]
        new = [number for number, box in enumerate(boxes) if box is None]
        for number, look in zip(new, self._looker.look([paths[number] for number in new]), strict=True):
            chosen = choose(look, self.options)
            boxes[number] = chosen.box if chosen else fall_back(self.options, self.usual, {}, "")
        return [box or self.usual for box in boxes]

    def _known_box(self, path: Path) -> Box | None:
        try:
            return self.known.get(hashlib.sha256(read_bytes(path)).hexdigest())
        except ImageError:
            return None
