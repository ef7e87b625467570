"""Photos for the benches, drawn on the spot, so that no bench needs a data set.

What matters to a loader is what matters here: JPEG files of a real photo's size (384 × 512) and weight (35 to
60 kB), in one folder per class. They look like nothing in particular: a smooth field of colour, a few shapes,
sensor noise. The number of shapes and their hue depend on the class, so that a model has something to learn.
"""

from __future__ import annotations

import argparse
import colorsys
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

JPEG_QUALITY = 90
# Grey levels, from a bright day to a dim room; with the quality above, what gives files of 35 to 60 kB.
NOISE_SIGMA = (2.6, 5.5)
FIELD_CELLS = (6, 8)  # columns and rows of colours between which the background is interpolated


@contextmanager
def temporary_photos(num_photos: int, num_classes: int = 18, *, seed: int = 0) -> Iterator[Path]:
    """A folder of photos that is gone after the `with`. Options and errors as for `write_photos`."""
    with tempfile.TemporaryDirectory(prefix="bench-photos-") as name:
        yield write_photos(Path(name), num_photos, num_classes, seed=seed)


def write_photos(
    folder: Path,
    num_photos: int,
    num_classes: int = 18,
    *,
    seed: int = 0,
    width_px: int = 384,
    height_px: int = 512,
) -> Path:
    """Write photos to `folder`/class_KK/NNNNNN.jpg, classes in equal numbers, and return `folder`.

    The same seed gives the same photos, however many cores draw them: each photo has a generator of its own.
    Raises ValueError for fewer photos than classes, or no class.
    """
    if not 1 <= num_classes <= num_photos:
        raise ValueError(f"need 1 <= num_classes <= num_photos, got {num_classes=}, {num_photos=}")
    for label in range(num_classes):
        _class_folder(folder, label).mkdir(parents=True, exist_ok=True)

    def write(index: int) -> None:
        label = index % num_classes
        photo = _draw(np.random.default_rng((seed, index)), label / num_classes, width_px, height_px)
        photo.save(_class_folder(folder, label) / f"{index:06d}.jpg", quality=JPEG_QUALITY)

    # Threads, not processes: NumPy and Pillow let go of the interpreter for nearly all of this, and a process
    # started from a bench would import torch again first.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(write, range(num_photos)):
            pass  # a result that is an error raises here
    return folder


def _class_folder(folder: Path, label: int) -> Path:
    return folder / f"class_{label:02d}"


def _draw(rng: np.random.Generator, class_place: float, width_px: int, height_px: int) -> Image.Image:
    """One photo. `class_place` is where its class lies among all, in [0, 1)."""
    columns, rows = FIELD_CELLS
    cells = rng.integers(40, 216, (rows, columns, 3), dtype=np.uint8)
    photo = Image.fromarray(cells).resize((width_px, height_px), Image.Resampling.BICUBIC)
    _draw_shapes(rng, ImageDraw.Draw(photo), class_place, width_px, height_px)
    # One noise for all three channels: JPEG halves the resolution of colour, so most noise is in brightness.
    noise_HW1 = rng.standard_normal((height_px, width_px, 1), dtype=np.float32) * rng.uniform(*NOISE_SIGMA)
    return Image.fromarray(np.clip(np.asarray(photo) + noise_HW1, 0, 255).astype(np.uint8))


def _draw_shapes(
    rng: np.random.Generator, pen: ImageDraw.ImageDraw, class_place: float, width_px: int, height_px: int
) -> None:
    for _ in range(4 + int(8 * class_place)):
        x, y = rng.uniform(0, width_px), rng.uniform(0, height_px)
        half_width, half_height = rng.uniform(10, 70, 2)
        box = (x - half_width, y - half_height, x + half_width, y + half_height)
        hue = (class_place + rng.normal(0, 0.03)) % 1
        saturation, value = rng.uniform(0.4, 1, 2)
        colour = tuple(int(255 * channel) for channel in colorsys.hsv_to_rgb(hue, saturation, value))
        draw = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        draw(box, fill=colour)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=1024)
    parser.add_argument("--classes", type=int, default=18)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    write_photos(args.folder, args.photos, args.classes, seed=args.seed)


if __name__ == "__main__":
    main()
