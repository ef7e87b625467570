"""A photo that somebody drops on the page: what a run says of it, and what of it the model saw."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photobench import images
from photobench.errors import ImageError
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import finder_of, way_of
from photobench.workflow.reviewing.pictures import webp
from photobench.workflow.reviewing.words import NOT_A_PHOTO, TOO_MANY_PIXELS, Refused

MOST_PIXELS = 60_000_000
"""Of a photo that is dropped: to decode one takes 10 bytes a pixel, three times in turn, and a file of 20 kB can claim any size."""
MOST_CLASSES = 10
"""Told at most, the most probable first."""


def classify(bench: Bench, data: bytes, name: str = "") -> tuple[Mapping[str, Any], bytes]:
    """What a run or a set of folds (the latest run where none is named) says of a photo, and the square that was cut out of it, as WebP.

    The photo is kept for as long as the question takes, in a folder of the system for what is temporary.

    Raises:
        PhotobenchError: it is no photo that can be read, or there is no such run.
    """
    with tempfile.TemporaryDirectory(prefix="photobench-") as folder:
        path = Path(folder) / "photo"
        path.write_bytes(data)
        _check_size(path)
        try:
            _, (width, height), kind = images.decode(data, min_side_px=1)
        except ImageError as reason:
            raise Refused(NOT_A_PHOTO(reason=str(reason))) from None
        answerer = find_answerer(bench, name or None)
        predictions = answerer.predict([path])
        square = _cut_out(bench, answerer.runs[0], path)
    joint_K, space = predictions.joint_NK[0], predictions.space
    best = np.argsort(-joint_K, kind="stable")[:MOST_CLASSES]
    told = {
        "run": answerer.name,
        "width": width,
        "height": height,
        "format": kind,
        "classes": [{"name": space.class_names[k], "probability": round(float(joint_K[k]), 4)} for k in best],
        "attributes": {
            a.name: np.round(predictions.marginal(n)[0], 4).tolist() for n, a in enumerate(space.attributes)
        },
        "values": {a.name: list(a.values) for a in space.attributes},
    }
    return told, webp(Image.fromarray(square), quality=85)


def _check_size(path: Path) -> None:
    """From the header, before anything is decoded. Raises PhotobenchError."""
    width, height = images.image_header(path) or (0, 0)
    if width * height > MOST_PIXELS:
        raise Refused(TOO_MANY_PIXELS(width=width, height=height, millions=MOST_PIXELS // 10**6))


def _cut_out(bench: Bench, record: Any, path: Path) -> np.ndarray:
    """The square that the model sees, (S, S, 3)."""
    finder = finder_of(bench, record)
    with finder.detector.working():
        box = finder.find([path])[0]
    return way_of(bench, record).pack.pixels(path, box)[0]
