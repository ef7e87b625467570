"""The table of detectors: what can be found in a photo.

A detector is built from the crop's options and the folder that relative paths start at. Each keeps the promise of `found.Detector`:
a batch of RGB arrays of one size in, a `Found` for each out.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from photobench.crop import fixed
from photobench.crop.found import Detector, Loaded
from photobench.crop.options import CropOptions
from photobench.errors import ConfigError, unknown
from photobench.registry import Entry, Registry

FACE_VERSION = 1
"""Rises when `face` would find other boxes than before."""


def has_faces() -> bool:
    """Whether `face` can be used here."""
    return importlib.util.find_spec("facenet_pytorch") is not None


def _face(options: CropOptions, root: Path) -> Detector:
    if not has_faces():
        raise ConfigError(
            [
                'crop.method = "face" needs facenet-pytorch, which is not installed. Install it with: '
                "pip install 'photobench[face]', or choose another method: photobench list detectors"
            ]
        )
    thorough = options.several != "largest"

    def load() -> Detector:
        from photobench.crop.face import Face  # brings torch

        return Face(options.min_face_px, thorough)

    return Loaded(f"face v{FACE_VERSION} from {options.min_face_px} px" + " thorough" * thorough, load)


def _yunet(options: CropOptions, root: Path) -> Detector:
    from photobench.crop.yunet import yunet

    return yunet(options, root)


DETECTORS: Registry[Detector] = Registry(
    "crop method",
    Entry("none", fixed.whole, "the whole photo"),
    Entry("center", fixed.centre, "the middle: crop.fraction of each side"),
    Entry("box", fixed.given, "boxes of the label table: crop.box_columns"),
    Entry("face", _face, "faces by MTCNN, with landmarks; its weights come with it (pip install 'photobench[face]')"),
    Entry("yunet", _yunet, "faces by OpenCV's YuNet, with landmarks; needs crop.detector_weights = FILE.onnx"),
)  # fmt: skip


def check_method(name: str) -> None:
    """Raises ConfigError, with the nearest name, where it is none of the table and not written as a function of the user's own."""
    if name not in DETECTORS.names() and ":" not in name:
        own = " Your own is written file.py:function or package.module:function."
        raise ConfigError([unknown("crop method", name, DETECTORS.names()) + own])


def build_detector(options: CropOptions, root: Path) -> Detector:
    """The detector that `crop.method` names: of the table, or a function of the user's own.

    Raises:
        ConfigError: there is none of that name (with the nearest), or it lacks what it needs (with what to do).
    """
    check_method(options.method)
    if options.method in DETECTORS.names():
        return DETECTORS.build(options.method, options=options, root=root)
    from photobench.crop.own import own

    return own(options.method, options, root)
