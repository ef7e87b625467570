"""The mask: its shape, its place on the face or off it, and the way its cloth spans what is under it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from photobench.sources.demo.arrays import WHITE, Points, Rng, mix, vec
from photobench.sources.demo.canvas import Canvas, soften
from photobench.sources.demo.curves import both_sides, oval, side
from photobench.sources.demo.look import Look
from photobench.sources.demo.shot import Shot

MASK_SHAPES = {
    "surgical": both_sides(
        [(0.08, 0.1), (0.34, 0.2), (0.6, 0.25), (0.585, 0.5), (0.52, 0.78), (0.3, 1.0), (0.1, 1.06)]
    ),
    "kf94": both_sides(
        [(0.05, 0.06), (0.26, 0.16), (0.5, 0.34), (0.62, 0.42), (0.6, 0.6), (0.46, 0.84), (0.24, 1.06), (0.05, 1.1)]
    ),
    "fabric": both_sides([(0.06, 0.09), (0.3, 0.14), (0.6, 0.2), (0.64, 0.35), (0.58, 0.7), (0.34, 0.98), (0.1, 1.05)]),
    "pattern": both_sides(
        [(0.06, 0.11), (0.3, 0.16), (0.6, 0.22), (0.62, 0.4), (0.57, 0.7), (0.34, 0.98), (0.1, 1.05)]
    ),
}


def draw_mask(canvas: Canvas, look: Look, shot: Shot) -> None:
    """The mask with its bands and the shadow that it throws; nothing where none is worn."""
    if shot.wear == "none":
        return
    rng = np.random.default_rng(shot.seed)
    place = _mask_placement(look, shot, rng)
    shape = place(MASK_SHAPES[shot.mask_kind])
    for x in (-1, 1):
        anchor = vec([x * 0.7 * look.width, -0.02])
        if shot.wear == "ear" and x < 0:
            anchor = place(vec([x * 0.62, 0.5])) + vec(0.1, 0.12)
        for end in (side(x, (0.56, 0.24)), side(x, (0.54, 0.66))):
            canvas.line(
                np.concatenate([place(end), (place(end) + anchor) / 2 + vec(0, 0.02), anchor]),
                0.022,
                WHITE * 0.93,
                0.95,
            )
    canvas.fill(shape + vec(0, 0.03), look.skin * 0.45, 0.4, 0.03)
    # The cloth spans the face: what is under it shows only as a broad swelling.
    canvas.level(shape, soften(canvas.relief, 0.16 * canvas.unit_px) + np.float32(0.08), soft=0.008)
    canvas.fill(shape, shot.mask_colour, soft=0.005)
    canvas.fill(place(oval(0, 0.46, 0.16, 0.22)), shot.mask_colour, 0, 0.12, bump=0.14)
    _draw_mask_details(canvas, shot, place, shape, rng)


def _mask_placement(look: Look, shot: Shot, rng: Rng) -> Callable[[Points], Points]:
    """Where the mask sits: a map from the worn position to the face."""
    wide, jitter = look.width * (1 + 0.03 * look.jaw), rng.normal(0, 0.02)
    down = {"worn": 0.0, "nose": 0.36, "chin": 0.6, "eyes": -0.36, "ear": 0.28}[shot.wear] + jitter
    tall = {"nose": 0.72, "chin": 0.52}.get(shot.wear, 1.0)
    turn = np.deg2rad(rng.normal(0, 1.5) if shot.wear != "ear" else rng.uniform(55, 75))
    spin = vec([np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)])
    aside = vec(0.52 if shot.wear == "ear" else 0.0, 0.16 + down)

    def place(points: Points) -> Points:
        local = (points - vec(0, 0.16)) * vec(wide, tall)
        return (local @ spin + aside).astype(np.float32)

    return place


def _draw_mask_details(canvas: Canvas, shot: Shot, place: Callable[[Points], Points], shape: Points, rng: Rng) -> None:
    dark, kind = shot.mask_colour * 0.72, shot.mask_kind
    if kind == "surgical":
        for y in (0.42, 0.56, 0.7):
            canvas.line(place(side(1, (-0.55, y), (0, y + 0.05), (0.55, y))), 0.018, dark, 0.6, 0.008, bump=-0.03)
    elif kind == "kf94":
        for y, dip in ((0.4, -0.05), (0.68, 0.12)):
            canvas.line(
                place(side(1, (-0.58, 0.48), (-0.3, y), (0, y + dip), (0.3, y), (0.58, 0.48))),
                0.016,
                dark,
                0.6,
                0.006,
                bump=-0.03,
            )
    else:
        canvas.line(place(side(1, (0, 0.1), (0, 0.5), (0, 1.05))), 0.014, dark, 0.6, 0.006, bump=-0.02)
    if kind == "pattern":
        ink = mix(shot.mask_colour, WHITE if shot.mask_colour.mean() < 160 else vec(60, 70, 130), 0.7)
        for x, y in rng.uniform([-0.58, 0.1], [0.58, 1.05], (40, 2)):
            canvas.fill(place(oval(x, y, 0.028, 0.028)), ink, 0.8, clip=shape)
    canvas.line(place(side(1, (-0.14, 0.17), (0, 0.125), (0.14, 0.17))), 0.02, dark, 0.5, 0.008, bump=0.02)
