"""The mean image of each class: where its photos agree it is sharp, and what they share shows.

Shape legend: K classes, S side of a small picture in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from PIL import Image

from photobench.records import Manifest

SIDE_PX, MAX_CLASSES, MAX_PHOTOS = 64, 24, 2_400
EDGE = SIDE_PX // 6
"""How wide the edge of a photo is: what is there is mostly background."""


@dataclass(frozen=True)
class ClassMeans:
    """Mean images of the classes that have photos, the largest classes where there are many.

    Attributes:
        names: of the classes, in the order of their ids.
        images_KSSC: float32 in 0..255.
        table: a row per class: `name`, `photos`, `averaged`, `red`, `green`, `blue`, and how far it is from the mean of all
            classes in grey values, in the `middle` and at the `edge`; `noise` is what chance alone gives.
    """

    names: list[str]
    images_KSSC: np.ndarray
    table: pd.DataFrame


def class_means(manifest: Manifest, pixels_NSSC: np.ndarray) -> ClassMeans | None:
    """Of some photos of each class, the same ones for the same manifest. None without labelled photos."""
    ids_N = np.where(manifest.usable(), manifest.classes(), -1)
    present, counts = np.unique(ids_N[ids_N >= 0], return_counts=True)
    if not len(present):
        return None
    largest = np.sort(np.argsort(-counts, kind="stable")[:MAX_CLASSES])
    rng, each = np.random.default_rng(0), MAX_PHOTOS // len(largest)
    means, rows = [], []
    for number in largest:
        of_class = np.flatnonzero(ids_N == present[number])
        chosen = np.sort(rng.permutation(of_class)[:each])
        small = np.stack([_small(pixels_NSSC[row]) for row in chosen])
        means.append(small.mean(axis=0))
        noise = float(np.sqrt((small.std(axis=0) ** 2).mean() / len(chosen)))
        rows.append((int(counts[number]), len(chosen), *means[-1].mean(axis=(0, 1)), noise))
    names = [manifest.space.class_names[present[number]] for number in largest]
    images_KSSC = np.stack(means).astype(np.float32)
    table = pd.DataFrame(rows, columns=["photos", "averaged", "red", "green", "blue", "noise"])
    table.insert(0, "name", names)
    middle_K, edge_K = _distances(images_KSSC)
    return ClassMeans(names, images_KSSC, table.assign(middle=middle_K, edge=edge_K))


def _small(square_SSC: np.ndarray) -> np.ndarray:
    picture = Image.fromarray(np.ascontiguousarray(square_SSC)).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    return np.asarray(picture, dtype=np.float32)


def _distances(images_KSSC: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each is from the mean of the others, in the middle and at the edge: the root of the mean square."""
    total = images_KSSC.sum(axis=0)
    others_KSSC = (total - images_KSSC) / max(len(images_KSSC) - 1, 1)
    square_KSS = (
        ((images_KSSC - others_KSSC) ** 2).mean(axis=3) if len(images_KSSC) > 1 else np.zeros(images_KSSC.shape[:3])
    )
    inside = np.zeros((SIDE_PX, SIDE_PX), dtype=bool)
    inside[EDGE:-EDGE, EDGE:-EDGE] = True
    return np.sqrt(square_KSS[:, inside].mean(axis=1)), np.sqrt(square_KSS[:, ~inside].mean(axis=1))
