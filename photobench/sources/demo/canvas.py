"""The canvas that a person is painted on: colour, coverage and relief. Shapes: H, W rows and columns."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from photobench.sources.demo.arrays import Colour, Points, Rng
from photobench.sources.demo.curves import Comb, ribbon, smooth

HEAD = 0.25  # a head unit as a share of the photo's height
DETAIL = 0.8  # pixels of the canvas per pixel of the photo; the camera's blur hides the rest, and it saves a third of the time


class Canvas:
    """A frontal portrait in the making: premultiplied RGBA (0..255) and relief (head units), with a margin to turn into."""

    def __init__(self, size_px: tuple[int, int]):
        width, height = int(size_px[0] * 1.3 * DETAIL), int(size_px[1] * 1.28 * DETAIL)
        self.unit_px = size_px[1] * HEAD * DETAIL
        self.origin = np.array([width / 2, size_px[1] * 0.52 * DETAIL], np.float32)
        self.rgba = np.zeros((height, width, 4), np.float32)
        self.relief = np.zeros((height, width), np.float32)

    def fill(
        self,
        points: Points,
        colour: Colour,
        opacity: float = 1,
        soft: float = 0,
        bump: float = 0,
        clip: Points | None = None,
    ) -> None:
        """Paint a polygon, its edge blurred by `soft` head units, and lift the relief under it by `bump`."""
        found = self._cover(points, soft, clip)
        if found is None:
            return
        box, cover = found
        if opacity:
            target = self.rgba[box]
            target += (cover * np.float32(opacity))[..., None] * (np.append(colour, 255).astype(np.float32) - target)
        if bump:
            self.relief[box] += cover * np.float32(bump)

    def line(
        self,
        points: Points,
        widths: float | Sequence[float],
        colour: Colour,
        opacity: float = 1,
        soft: float = 0,
        bump: float = 0,
    ) -> None:
        """Paint a smooth line through `points`; `widths` (head units) are spread along it."""
        self.fill(ribbon(points, widths), colour, opacity, soft, bump)

    def level(self, points: Points, height: float | np.ndarray, soft: float = 0.01) -> None:
        """Set the relief inside a polygon, whatever was there: to one height or, from an (H, W) array, to that surface."""
        found = self._cover(points, soft, None)
        if found is not None:
            box, cover = found
            surface = height[box] if isinstance(height, np.ndarray) else np.float32(height)
            self.relief[box] += cover * (surface - self.relief[box])

    def hair(
        self,
        start: Points,
        end: Points,
        colours: np.ndarray,
        rng: Rng,
        *,
        opacity: float = 1,
        soft: float = 0.014,
        comb: Comb,
    ) -> None:
        """Paint a sheet of hair between two curves: strands as `comb` lays them, each in one of `colours` (N, 3)."""
        start, end = smooth(start, closed=False), smooth(end, closed=False)
        found = self._cover(np.concatenate([start, end[::-1]]), soft, None)
        if found is None:
            return
        (rows, columns), cover = found
        paths = (comb(start, end, rng) * self.unit_px + self.origin - (columns.start, rows.start)) * 16
        texture = np.full((*cover.shape, 3), colours.mean(axis=0), np.uint8)
        for path, colour in zip(
            np.rint(paths).astype(np.int32), colours[rng.integers(len(colours), size=len(paths))], strict=True
        ):
            cv2.polylines(texture, [path], False, colour.tolist(), max(1, round(self.unit_px / 70)), cv2.LINE_AA, 4)
        target, share = self.rgba[rows, columns], (cover * np.float32(opacity))[..., None]
        target[..., :3] += share * (texture - target[..., :3])
        target[..., 3:] += share * (255 - target[..., 3:])
        self.relief[rows, columns] += soften(cover, 0.05 * self.unit_px) * np.float32(0.07 * opacity)

    def _cover(self, points: Points, soft: float, clip: Points | None) -> tuple[tuple[slice, slice], np.ndarray] | None:
        """The box that a polygon touches and how much of each pixel it covers (0..1), or None off the canvas."""
        pixels, blur_px = points * self.unit_px + self.origin, soft * self.unit_px
        low = np.maximum(np.floor(pixels.min(axis=0) - 3 * blur_px - 2), 0).astype(int)
        high = np.minimum(np.ceil(pixels.max(axis=0) + 3 * blur_px + 3), self.relief.shape[::-1]).astype(int)
        if (high <= low).any():
            return None
        cover = self._raster(pixels - low, high - low)
        if blur_px > 0.3:
            cover = soften(cover, blur_px)
        if clip is not None:
            cover *= self._raster(clip * self.unit_px + self.origin - low, high - low)
        return (slice(low[1], high[1]), slice(low[0], high[0])), cover

    @staticmethod
    def _raster(pixels: np.ndarray, size_px: np.ndarray) -> np.ndarray:
        cover = np.zeros((size_px[1], size_px[0]), np.uint8)
        cv2.fillPoly(cover, [np.rint(pixels * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        return cover.astype(np.float32) / 255


def soften(plane: np.ndarray, sigma_px: float) -> np.ndarray:
    """Gaussian blur of an (H, W) float array. A wide one is made at a quarter of the size, where it costs a tenth."""
    if sigma_px < 3.5 or min(plane.shape) < 8:
        return cv2.GaussianBlur(plane, (0, 0), float(sigma_px))
    height, width = plane.shape
    small = cv2.resize(plane, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), float(sigma_px) / 4), (width, height))
