"""The head without its features: outline, complexion and ears, and the glasses on them."""

from __future__ import annotations

import numpy as np

from photobench.sources.demo.arrays import INK, WHITE, Points, vec
from photobench.sources.demo.canvas import Canvas
from photobench.sources.demo.curves import both_sides, oval, side, smooth
from photobench.sources.demo.look import Look


def draw_ears(canvas: Canvas, look: Look) -> None:
    """Both ears, and the earrings of those who wear them."""
    for x in (-1, 1):
        ear = oval(x * 0.72 * look.width, 0.1, 0.1, 0.2 + 0.02 * look.sag)
        canvas.fill(ear, look.skin * vec(0.95, 0.87, 0.85), bump=0.12, soft=0.006)
        canvas.fill(oval(x * 0.73 * look.width, 0.09, 0.045, 0.12), look.skin * 0.68, 0.6, 0.02, bump=-0.04)
        if look.earrings:
            canvas.fill(oval(x * 0.74 * look.width, 0.31, 0.028, 0.034), vec(236, 214, 150), bump=0.04)


def face_outline(look: Look) -> Points:
    """The skin's edge; the jaw widens with `jaw`, and its corners drop with `sag`."""
    w, jaw, sag = look.width, look.jaw, look.sag
    cheek, corner, chin = 0.655 + 0.02 * jaw, 0.53 + 0.11 * jaw + 0.03 * sag, 0.32 + 0.12 * jaw + 0.03 * sag
    right = [(0.2, -0.985), (0.48, -0.84), (0.655, -0.52), (0.7, -0.15), (0.69, 0.15), (cheek, 0.38)]
    right += [(corner, 0.66), (chin, 0.88), (0.13 + 0.06 * jaw, 0.985 + 0.015 * jaw)]
    return both_sides([(x * w, y) for x, y in right])


def draw_head(canvas: Canvas, look: Look) -> None:
    """The bare face, and the dome under it on which the light falls."""
    outline = face_outline(look)
    canvas.fill(outline, look.skin, soft=0.005)
    height, width = canvas.relief.shape
    x = (np.arange(width, dtype=np.float32)[None, :] - canvas.origin[0]) / np.float32(canvas.unit_px * 0.8 * look.width)
    y = (np.arange(height, dtype=np.float32)[:, None] - canvas.origin[1]) / np.float32(canvas.unit_px * 1.12)
    dome = np.float32(0.85) * np.sqrt(np.maximum(1 - x * x - y * y, 0))
    canvas.level(outline, dome + np.float32(0.2))
    _draw_complexion(canvas, look)


def _draw_complexion(canvas: Canvas, look: Look) -> None:
    """Cheeks, sockets, temples and spots: the large soft tones that make a disc a face."""
    shade, rose = look.skin * vec(0.78, 0.66, 0.6), look.skin * vec(0.98, 0.78, 0.74)
    rng, fresh = np.random.default_rng(look.seed), float(np.clip(1.1 - look.wrinkles, 0, 1))
    for x in (-1, 1):
        canvas.fill(oval(x * 0.38, 0.36, 0.19, 0.15), rose, fresh * (0.5 - 0.15 * look.masculine), 0.09, bump=0.05)
        canvas.fill(oval(x * 0.27, -0.03, 0.2, 0.13), shade, 0.4, 0.06, bump=-0.05)
        canvas.fill(oval(x * 0.46, 0.74, 0.1, 0.1), look.skin * 0.97, 0.3 * look.sag, 0.05, bump=0.07 * look.sag)
        canvas.fill(oval(x * 0.47, 0.5, 0.07, 0.17), shade, 0.45 * look.wrinkles, 0.06, bump=-0.04 * look.sag)
    canvas.fill(oval(0, -0.22, 0.44, 0.07), look.skin, 0, 0.06, bump=0.03 + 0.02 * look.masculine)
    canvas.fill(oval(0, 0.86, 0.16, 0.1), look.skin, 0, 0.05, bump=0.05)
    for _ in range(int(16 * max(0, look.wrinkles - 0.45))):
        r = rng.uniform(0.008, 0.024)
        canvas.fill(
            oval(rng.uniform(-0.5, 0.5), rng.uniform(-0.7, 0.6), r, r), look.skin * vec(0.68, 0.56, 0.48), 0.5, 0.008
        )


def draw_glasses(canvas: Canvas, look: Look) -> None:
    """The glasses of those who wear them."""
    if not look.glasses:
        return
    colour, thick = (vec(150, 140, 120), 0.014) if look.glasses == "thin" else (INK, 0.028)
    rx, ry = (0.2, 0.17) if look.glasses == "round" else (0.22, 0.14)
    for x in (-1, 1):
        lens = oval(x * 0.29, 0.03, rx, ry)
        if look.glasses == "square":
            lens = smooth(vec(0.29 * x, 0.03) + vec((rx, -ry), (rx, ry), (-rx, ry), (-rx, -ry)), closed=True)
        canvas.fill(lens, WHITE, 0.07)
        canvas.line(np.concatenate([lens, lens[:2]]), thick, colour, 0.9)
        canvas.line(side(x, (0.29 + rx, 0.0), (0.6, -0.02), (0.7, 0.03)), thick, colour, 0.85)
    canvas.line(side(1, (-0.1, 0.02), (0, -0.01), (0.1, 0.02)), thick, colour, 0.9)
