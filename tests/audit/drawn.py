"""Evidence of small drawn photos on disk: read, packed and looked at as the program does it, with the colours of each as its embedding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from PIL import Image

from photobench.audit.evidence import Evidence, View
from photobench.data.pack import PackSpec
from photobench.data.split import clusters_of
from photobench.errors import ImageError
from photobench.records import Attribute, ClassSpace, Manifest

SIDE_PX = 96


def scene(seed: int, side_px: int = 128) -> np.ndarray:
    """A picture unlike that of any other seed: soft coloured patches, (side, side, 3) uint8."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (6, 6, 3)).astype(np.float32)
    fine = rng.normal(0, 10, (side_px, side_px, 3)).astype(np.float32)
    big = cv2.resize(coarse, (side_px, side_px), interpolation=cv2.INTER_CUBIC) + fine
    return np.clip(big * 0.7 + 40, 0, 255).astype(np.uint8)


def comic(seed: int, side_px: int = 128) -> np.ndarray:
    """A drawing: flat shapes with dark outlines on a flat ground, (side, side, 3) uint8."""
    rng = np.random.default_rng(seed)
    picture = np.full((side_px, side_px, 3), 250, np.uint8)
    for _ in range(6):
        centre, size = rng.integers(0, side_px, 2).tolist(), rng.integers(12, side_px // 2, 2).tolist()
        colour = rng.integers(0, 256, 3).tolist()
        cv2.ellipse(picture, centre, size, float(rng.integers(180)), 0, 360, colour, -1)
        cv2.ellipse(picture, centre, size, 0.0, 0, 360, (10, 10, 10), 3)
    return picture


def save(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def evidence_of(
    root: Path, columns: dict[str, dict[str, str]] | None = None, embeddings: bool = True, **more: Any
) -> Evidence:
    """Of all files below `root`; a label is the folder's name.

    Args:
        columns: cells of the manifest that differ from the usual ones, as {column: {path: cell}}.
    """
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    spec = PackSpec(SIDE_PX, "squash")
    facts, pixels = [], np.zeros((len(paths), SIDE_PX, SIDE_PX, 3), np.uint8)
    for row, path in enumerate(paths):
        try:
            pixels[row], photo = spec.pixels(root / path)
            facts.append((photo.sha256, photo.width, photo.height, ""))
        except ImageError as error:
            facts.append(("", 0, 0, str(error)))
    frame = pd.DataFrame(facts, columns=["sha256", "width", "height", "reason"])
    frame.insert(0, "path", paths)
    labels = pd.Series([path.split("/")[0] for path in paths], dtype="string")
    sizes = [(root / path).stat().st_size for path in paths]
    frame = frame.assign(label=labels, group=paths, split="train", bytes=sizes, mtime_ns=0)
    for name, cells in (columns or {}).items():
        frame[name] = [cells.get(path, usual) for path, usual in zip(paths, frame[name], strict=True)]
    space = ClassSpace((Attribute("label", tuple(sorted(frame["label"].dropna().unique())) or ("none",)),))
    manifest = Manifest(frame, space, root, has_groups="group" in (columns or {}))
    every = np.ones(len(paths), bool)
    views = (View(_colours(pixels, frame["reason"] == ""), every, _colours_of),) if embeddings else ()
    return Evidence(manifest, clusters_of(manifest), pixels, **{"views": views, **more})


def _colours_of(squares: np.ndarray) -> np.ndarray:
    return _colours(squares, pd.Series(True, index=range(len(squares))))


def _colours(pixels: np.ndarray, usable: pd.Series) -> np.ndarray:
    """How often each of 216 colours is there: the same for a photo that was turned."""
    soft = [cv2.resize(photo, (24, 24), interpolation=cv2.INTER_AREA).reshape(-1, 3) // 43 for photo in pixels]
    codes = [colours @ np.array([36, 6, 1]) for colours in soft]
    vectors_ND = np.array([np.bincount(code, minlength=216) for code in codes], np.float32).reshape(len(pixels), 216)
    vectors_ND = np.sqrt(vectors_ND)
    vectors_ND[~usable.to_numpy()] = np.nan
    return vectors_ND
