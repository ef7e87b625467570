"""Curves and outlines in head units: smooth lines, ovals, mirrored shapes, and the ways in which strands of hair lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from photobench.sources.demo.arrays import Points, Rng

Comb = Callable[[Points, Points, Rng], np.ndarray]


def smooth(points: Points, *, closed: bool, steps: int = 6) -> Points:
    """A Catmull-Rom curve through the points, `steps` points for each of them."""
    points = np.asarray(points, np.float32)
    if closed:
        ends = np.concatenate([points[-1:], points, points[:2]])
    else:
        ends = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    around = ends[:-3], ends[1:-2], ends[2:-1], ends[3:]
    p0, p1, p2, p3 = (p[:, None] for p in around)
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[None, :, None]
    curve = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
    curve = curve.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, points[-1:]])


def ribbon(points: Points, widths: float | Sequence[float]) -> Points:
    """The outline of a line of varying width (head units)."""
    middle = smooth(points, closed=False)
    wide = np.interp(np.linspace(0, 1, len(middle)), np.linspace(0, 1, np.size(widths)), np.atleast_1d(widths))
    along = np.gradient(middle, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-6)
    half = (across * wide[:, None] / 2).astype(np.float32)
    return np.concatenate([middle + half, (middle - half)[::-1]])


def oval(x: float, y: float, rx: float, ry: float) -> Points:
    """The outline of an ellipse around (x, y) with the half-axes rx and ry."""
    turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    return np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], axis=1).astype(np.float32)


def both_sides(right: Sequence[tuple[float, float]]) -> Points:
    """Close a shape whose right half is given from top to bottom."""
    half = np.array(right, np.float32)
    return smooth(np.concatenate([half, (half * [-1, 1])[::-1]]), closed=True)


def side(x: float, *points: tuple[float, float]) -> Points:
    """Points given for the right side, on the right (x = 1) or the left (x = -1)."""
    return np.array(points, np.float32) * np.array([x, 1], np.float32)


def comb_along(start: Points, end: Points, rng: Rng) -> np.ndarray:
    """(N, T, 2) strands that run beside the two curves."""
    share = rng.random((int(25 + 55 * np.abs(start - end).sum(axis=1).mean()), 1, 1), dtype=np.float32)
    return start + (end - start) * share


def comb_wavy(start: Points, end: Points, rng: Rng) -> np.ndarray:
    """(N, T, 2) strands beside the two curves, in waves."""
    paths = comb_along(start, end, rng)
    phase = np.linspace(0, 15, len(start), dtype=np.float32) + rng.uniform(0, 2, (len(paths), 1)).astype(np.float32)
    paths[..., 0] += 0.035 * np.sin(phase)
    return paths


def comb_across(start: Points, end: Points, rng: Rng) -> np.ndarray:
    """(N, 2, 2) short strands that cross from one curve to the other, leaning a little to one side."""
    at = rng.uniform(0, len(start) - 1, 120)
    lean = np.clip(at + rng.normal(1.2, 0.7, 120), 0, len(start) - 1)
    index = np.arange(len(start))

    def point(curve: Points, where: np.ndarray) -> np.ndarray:
        return np.stack([np.interp(where, index, curve[:, 0]), np.interp(where, index, curve[:, 1])], axis=1)

    return np.stack([point(start, at), point(end, lean)], axis=1).astype(np.float32)
