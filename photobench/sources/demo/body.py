"""Throat, shoulders and clothes."""

from __future__ import annotations

from photobench.sources.demo.arrays import WHITE, mix, vec
from photobench.sources.demo.canvas import Canvas
from photobench.sources.demo.curves import both_sides, oval, side
from photobench.sources.demo.look import Look
from photobench.sources.demo.shot import Shot


def draw_body(canvas: Canvas, look: Look, shot: Shot) -> None:
    """Neck and torso, in this photo's clothes."""
    neck, shoulder = 0.36 + 0.06 * look.masculine, 1.42 + 0.14 * look.masculine
    throat = both_sides([(neck, 0.5), (neck, 1.0), (neck + 0.06, 1.3), (neck + 0.3, 1.55), (0.3, 1.9)])
    canvas.fill(throat, look.skin * 0.94, soft=0.01)
    canvas.level(throat, 0.25, soft=0.06)
    canvas.fill(oval(0, 1.02, neck * 0.95, 0.22), look.skin * vec(0.66, 0.58, 0.55), 0.75, soft=0.09)
    for y in (1.22, 1.34):
        canvas.line(
            side(1, (-0.22, y), (0, y + 0.04), (0.22, y)), [0, 0.02, 0], look.skin * 0.62, 0.6 * look.wrinkles, 0.008
        )
    deep = {"crew": 1.5, "shirt": 1.56, "vneck": 1.82, "hood": 1.46}[look.collar]
    top = [(0.12, deep - 0.03), (neck + 0.05, 1.36), (shoulder * 0.62, 1.5), (shoulder, 1.72), (shoulder + 0.2, 2.3)]
    torso = both_sides([*top, (shoulder + 0.25, 3.2), (0.5, 3.2)])
    canvas.fill(torso, shot.clothes, soft=0.008)
    canvas.level(torso, 0.3, soft=0.08)
    _draw_collar(canvas, look, shot, neck, deep)


def _draw_collar(canvas: Canvas, look: Look, shot: Shot, neck: float, deep: float) -> None:
    dark = shot.clothes * 0.72
    if look.collar == "shirt":
        for x in (-1, 1):
            flap = side(x, (0.02, 1.56), (neck + 0.02, 1.27), (neck + 0.14, 1.36), (neck - 0.06, 1.76), (0.1, 1.7))
            canvas.fill(flap, mix(shot.clothes, WHITE, 0.75), bump=0.05, soft=0.006)
        canvas.line(side(1, (0, 1.55), (0, 2.4)), 0.02, dark, 0.7)
        return
    rim = side(1, (-neck - 0.07, 1.36), (-0.2, deep - 0.06), (0, deep), (0.2, deep - 0.06), (neck + 0.07, 1.36))
    thick = 0.16 if look.collar == "hood" else 0.06
    canvas.line(rim, thick, dark if look.collar != "hood" else shot.clothes * 0.9, 0.8, 0.01, bump=thick / 2)
    for x in (-1, 1):
        canvas.line(side(x, (0.75, 1.75), (0.8, 2.1), (0.72, 2.6)), [0.02, 0.1, 0.05], dark, 0.6, 0.05)
