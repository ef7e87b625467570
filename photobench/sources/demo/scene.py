"""The rooms that people stand in, out of focus. Each function paints an (H, W, 3) float array, 0 to 255."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from photobench.sources.demo.arrays import Colour, Rng, mix, vec


def _wall(rng: Rng, width: int, height: int) -> np.ndarray:
    top = _muted(rng, 130, 235)
    bottom = mix(top, _muted(rng, 90, 235), 0.5)
    ramp = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sideways = np.linspace(-0.1, 0.1, width, dtype=np.float32)[None, :, None] * np.float32(rng.uniform(-1, 1))
    return (top * (1 - ramp) + bottom * ramp) * (1 + sideways)


def _muted(rng: Rng, dark: float, bright: float) -> Colour:
    """A colour that a room could have: any hue, little saturation."""
    grey = rng.uniform(dark, bright)
    return np.clip(grey + rng.normal(0, 16, 3), 0, 255).astype(np.float32)


def _blocks(rng: Rng, width: int, height: int, boxes: np.ndarray, blur: float) -> np.ndarray:
    """A wall with (N, 4) boxes of relative corners on it, out of focus. Painted at a quarter of the size: nothing there is sharp."""
    small = np.ascontiguousarray(_wall(rng, width // 4 + 1, height // 4 + 1))
    scale = np.array([small.shape[1], small.shape[0]] * 2)
    for x0, y0, x1, y1 in (boxes * scale).astype(int).tolist():
        cv2.rectangle(small, (x0, y0), (x1, y1), _muted(rng, 30, 230).tolist(), -1)
    small = cv2.GaussianBlur(small, (0, 0), max(0.4, blur * height / 512))
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def _office(rng: Rng, width: int, height: int) -> np.ndarray:
    corner = rng.uniform([-0.1, 0], [0.9, 0.9], (9, 2))
    return _blocks(rng, width, height, np.hstack([corner, corner + rng.uniform(0.08, 0.4, (9, 2))]), 1.6)


def _shelves(rng: Rng, width: int, height: int) -> np.ndarray:
    boxes, rows = [], rng.integers(3, 6)
    for row in range(rows):
        edges = np.cumsum(rng.uniform(0.03, 0.08, 30))
        tall = rng.uniform(0.5, 0.85, 29) / rows
        base = np.full(29, (row + 1) / rows - 0.02)
        boxes.append(np.stack([edges[:-1], base - tall, edges[1:], base], axis=1))
    return _blocks(rng, width, height, np.concatenate(boxes), 0.9)


def _bokeh(rng: Rng, width: int, height: int) -> np.ndarray:
    room = np.ascontiguousarray(_wall(rng, width // 4 + 1, height // 4 + 1) * np.float32(0.6))
    for _ in range(22):
        middle = (int(rng.integers(room.shape[1])), int(rng.integers(room.shape[0])))
        cv2.circle(room, middle, int(rng.integers(2, max(3, width // 28))), (_muted(rng, 90, 235) * 1.1).tolist(), -1)
    return cv2.resize(cv2.GaussianBlur(room, (0, 0), max(0.4, 3 * height / 512)), (width, height))


def _outdoors(rng: Rng, width: int, height: int) -> np.ndarray:
    cells = rng.uniform(-1, 1, (8, 6)).astype(np.float32)
    leaves = cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    horizon = np.clip(
        (np.linspace(0, 1, height, dtype=np.float32)[:, None, None] - rng.uniform(0.25, 0.6)) * 8 + leaves, 0, 1
    )
    sky, green = vec(190, 214, 240) * np.float32(rng.uniform(0.85, 1.05)), vec(86, 118, 66)
    return sky * (1 - horizon) + (green + 28 * leaves) * horizon


SCENES: dict[str, Callable[[Rng, int, int], np.ndarray]] = {
    "wall": _wall,
    "office": _office,
    "shelves": _shelves,
    "bokeh": _bokeh,
    "outdoors": _outdoors,
}
