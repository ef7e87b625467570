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

Known = Mapping[str, Mapping[Path, Box]]
"""Boxes by the content of the photo (sha256), and by its file: copies may have boxes of their own."""


class Finder:
    """Boxes for files. May be called from several threads."""

    def __init__(self, options: CropOptions, usual: Box, root: Path, known: Known | None = None):
        """
        Args:
            usual: the box where nothing is found; who else is in the photo is not known of a file.
            root: the folder that relative paths of the options start at.
            known: of the photos that the model was made from.

        Raises:
            ConfigError: the detector lacks something.
        """
        self.options, self.usual, self.known = options, usual, dict(known or {})
        self.detector = build_detector(options, root)
        self._looker = Looker(self.detector, options.max_side_px)
        self.failures: dict[str, str] = {}
        """The photos at which the detector failed so far, and why."""

    def find(self, paths: Sequence[Path]) -> list[Box]:
        """A box for each; that of a photo which cannot be read does not matter."""
        known = [self._known_box(path) if self.known else None for path in paths]
        new = iter(self._look([path for path, box in zip(paths, known, strict=True) if box is None]))
        return [box or next(new) for box in known]

    def is_missed(self, box: Box) -> bool:
        """The box stands for a photo in which nothing was found, though it was looked for."""
        return self._fixed_box() is None and box.how not in ("found", "given", "decided")

    def _fixed_box(self) -> Box | None:
        return self.detector.box if isinstance(self.detector, Fixed) else None

    def _look(self, paths: Sequence[Path]) -> list[Box]:
        fixed = self._fixed_box()
        if fixed is not None:
            return [fixed] * len(paths)
        boxes = []
        for path, look in zip(paths, self._looker.look(paths), strict=True):
            if look.failed:
                self.failures[str(path)] = look.trouble
            chosen = choose(look, self.options)
            boxes.append(chosen.box if chosen else fall_back(self.options, self.usual, {}, ""))
        return boxes

    def _known_box(self, path: Path) -> Box | None:
        """Its own, or that of a photo of the same content, which lies elsewhere."""
        try:
            same = self.known.get(hashlib.sha256(read_bytes(path)).hexdigest(), {})
        except ImageError:
            return None
        return same.get(path.resolve(), next(iter(same.values()), None))
