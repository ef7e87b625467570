"""Photos of a white block on a dark ground, and a detector as a user would write it that finds the block."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

Corners = tuple[int, int, int, int]

DETECTOR = """
from pathlib import Path
import numpy as np

def find(images):
    with Path(__file__).with_suffix(".log").open("a") as log:
        log.writelines(f"{image.shape[1]} {image.shape[0]}\\n" for image in images)
    return [block(image) for image in images]

def block(image):
    if (image == 77).all():
        raise RuntimeError("I do not like grey")
    y, x = np.nonzero(image.min(axis=2) > 160)
    return [[x.min(), y.min(), x.max() + 1, y.max() + 1]] if len(x) else []
"""
"""Notes the size of each image that it is shown beside itself, and raises at a photo that is grey all over."""

ORIENTATION = 0x0112


def draw_block(
    path: Path, block: Corners | None, size: tuple[int, int] = (120, 80), seed: int = 0, orientation: int = 1
) -> Path:
    """A photo whose upright pixels hold a white block at x1 y1 x2 y2, or none; stored turned, as a camera does it."""
    width, height = size
    pixels = np.random.default_rng(seed).integers(10, 60, (height, width, 3)).astype(np.uint8)
    if block:
        pixels[block[1] : block[3], block[0] : block[2]] = 255
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    if orientation == 6:  # the camera lay on its side: what is read is turned clockwise to be upright
        image = image.transpose(Image.Transpose.ROTATE_90)
        exif[ORIENTATION] = 6
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, exif=exif)
    return path


def draw_grey(path: Path, size: tuple[int, int] = (120, 80)) -> Path:
    """A photo at which the detector raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (77, 77, 77)).save(path)
    return path


def write_detector(folder: Path, code: str = DETECTOR) -> str:
    """crop.method of a detector of the user's own in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.py").write_text(code)
    return "own.py:find"


def looked_at(folder: Path) -> list[tuple[int, int]]:
    """(width, height) of each image that the detector in this folder was shown so far."""
    log = folder / "own.log"
    lines = log.read_text().splitlines() if log.exists() else []
    return [(int(line.split()[0]), int(line.split()[1])) for line in lines]
