"""Faces by OpenCV's YuNet. Its weights are not part of OpenCV: a file of opencv_zoo (MIT), given by the user.

Wu, Peng, Yu: YuNet: A Tiny Millisecond-level Face Detector. Machine Intelligence Research 20 (2023).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from photobench.crop.found import Detector, Found
from photobench.crop.options import CropOptions
from photobench.errors import ConfigError

NMS_IOU = 0.3  # OpenCV's default
TOP_K = 5000
_LANDMARKS = slice(4, 14)
_SCORE = 14


class YuNet(Detector):
    """Five landmarks per face: eyes, nose, corners of the mouth. One thread at a time: the detector holds its input size."""

    def __init__(self, weights: Path, min_score: float):
        data = weights.read_bytes()
        self.fingerprint = f"yunet {hashlib.sha256(data).hexdigest()[:16]} {min_score} {cv2.__version__}"
        try:
            self._detector = cv2.FaceDetectorYN.create(str(weights), "", (64, 64), min_score, NMS_IOU, TOP_K)
        except cv2.error as error:
            raise ConfigError(
                [f"crop.detector_weights = {weights} is no YuNet model that OpenCV {cv2.__version__} can read ({_first_line(error)}). "
                 "Take face_detection_yunet_2023mar.onnx of opencv_zoo."]
            ) from error  # fmt: skip

    def detect(self, images: Sequence[np.ndarray]) -> list[Found]:
        return [self._look(image) for image in images]

    def _look(self, image: np.ndarray) -> Found:
        height, width = image.shape[:2]
        self._detector.setInputSize((width, height))
        _, rows = self._detector.detect(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        if rows is None or not len(rows):
            return Found()
        corner, size = rows[:, :2], rows[:, 2:4]
        return Found(np.hstack([corner, corner + size]), rows[:, _SCORE], rows[:, _LANDMARKS].reshape(-1, 5, 2))


def yunet(options: CropOptions, root: Path) -> YuNet:
    """Raises ConfigError where the weights are not there or are not YuNet's."""
    path = (root / Path(options.detector_weights).expanduser()).resolve()
    if not path.is_file():
        raise ConfigError(
            [
                f"crop.detector_weights: there is no file {path}. Get face_detection_yunet_2023mar.onnx of opencv_zoo, and name it here."
            ]
        )
    return YuNet(path, min(options.min_score, 0.5))


def _first_line(error: cv2.error) -> str:
    return (str(error).strip().splitlines() or ["unreadable"])[0][:160]
