"""A detector of the user's own: a function in a file or a module, `detectors.py:find` or `package.module:find`.

def find(images):                     # a list of RGB arrays (H, W, 3) uint8, all of one size
    return [boxes for each image]     # (F, 4) x1 y1 x2 y2 in pixels, or (boxes, scores), or (boxes, scores, landmarks)
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from photobench.crop.found import Detector, Found
from photobench.crop.options import CropOptions
from photobench.errors import ConfigError, DetectorError, did_you_mean


class Own(Detector):
    """Calls the user's function, and checks what it returns."""

    def __init__(self, name: str, function: Callable[..., Any], source: Path | None):
        self.name, self.function = name, function
        digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16] if source and source.is_file() else ""
        self.fingerprint = f"{name} {digest}"

    def detect(self, images: Sequence[np.ndarray]) -> list[Found]:
        """Raises DetectorError where the function returns something else than it should. What it raises itself passes."""
        answers = self.function(list(images))
        if not isinstance(answers, list | tuple) or len(answers) != len(images):
            got = f"{len(answers)}" if isinstance(answers, list | tuple) else f"a {type(answers).__name__}"
            raise DetectorError(
                f"{self.name} was given {len(images)} image{'s' if len(images) > 1 else ''} and returned {got}: return a list with one answer for each."
            )
        return [self._found(answer) for answer in answers]

    def _found(self, answer: Any) -> Found:
        parts = answer if isinstance(answer, tuple) and len(answer) in (2, 3) else (answer,)
        boxes, scores, landmarks = (*parts, None, None)[:3]
        boxes_F4 = self._array(
            "boxes", boxes, "(F, 4): x1 y1 x2 y2 of each thing found", lambda s: len(s) == 2 and s[1] == 4
        )
        num = len(boxes_F4)
        if not num:
            return Found()
        scores_F, landmarks_FP2 = np.ones(num, np.float32), np.zeros((num, 0, 2), np.float32)
        if scores is not None:
            scores_F = self._array("scores", scores, f"({num},)", lambda s: s == (num,))
            self._check_scores(scores_F)
        if landmarks is not None:
            landmarks_FP2 = self._array(
                "landmarks", landmarks, f"({num}, P, 2)", lambda s: len(s) == 3 and s[0] == num and s[2] == 2
            )
        return Found(boxes_F4, scores_F, landmarks_FP2)

    def _check_scores(self, scores_F: np.ndarray) -> None:
        wrong_F = scores_F[(scores_F < 0) | (scores_F > 1)]
        if len(wrong_F):
            raise DetectorError(
                f"{self.name} returned a score of {wrong_F[0]:g}: expected numbers from 0 to 1, how sure it is of each box."
            )

    def _array(self, what: str, value: Any, expected: str, fits: Callable[[tuple[int, ...]], bool]) -> np.ndarray:
        try:
            array = np.asarray([] if value is None else value, dtype=np.float32)
        except (TypeError, ValueError):
            raise DetectorError(
                f"{self.name} returned {what} that are no numbers: expected {expected}, found a {type(value).__name__}."
            ) from None
        if array.size == 0 and what == "boxes":
            return np.zeros((0, 4), np.float32)
        if not fits(array.shape):
            raise DetectorError(f"{self.name} returned {what} of shape {array.shape}: expected {expected}.")
        if not np.isfinite(array).all():
            raise DetectorError(
                f"{self.name} returned {what} that hold NaN or infinity: expected finite numbers, {expected}."
            )
        return array


def own(name: str, options: CropOptions, root: Path) -> Own:
    """The function that `name` stands for; a file's path starts at `root`.

    Raises:
        ConfigError: there is no such file, module or function, or it cannot be imported.
    """
    place, _, attribute = name.rpartition(":")
    module = _from_file((root / Path(place).expanduser()).resolve()) if place.endswith(".py") else _from_module(place)
    function = getattr(module, attribute, None)
    if not callable(function):
        hint = did_you_mean(
            attribute, [n for n in vars(module) if callable(getattr(module, n)) and not n.startswith("_")]
        )
        raise ConfigError([f'crop.method = "{name}": {place} has no function "{attribute}".{hint}'])
    source = getattr(module, "__file__", None)  # what is built into Python has none
    return Own(name, function, Path(source) if source else None)


def _from_file(path: Path) -> Any:
    if not path.is_file():
        raise ConfigError(
            [f"crop.method: there is no file {path}. Correct the path; a relative one starts at the project file."]
        )
    spec = importlib.util.spec_from_file_location(f"photobench_own_{path.stem}", path)
    assert spec is not None and spec.loader is not None, "a .py file has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks for its own module there
    return _imported(str(path), lambda: (spec.loader.exec_module(module), module)[1])  # type: ignore[union-attr]


def _from_module(name: str) -> Any:
    return _imported(name, lambda: importlib.import_module(name))


def _imported(what: str, load: Callable[[], Any]) -> Any:
    try:
        return load()
    except Exception as error:
        where = f" (Python {sys.version_info.major}.{sys.version_info.minor})" if isinstance(error, ImportError) else ""
        raise ConfigError(
            [f"crop.method: {what} cannot be imported{where}: {type(error).__name__}: {error}."]
        ) from error
