"""Hair and beard, as sheets of strands."""

from __future__ import annotations

import numpy as np

from photobench.sources.demo.arrays import Points, Rng, vec
from photobench.sources.demo.canvas import Canvas
from photobench.sources.demo.curves import both_sides, comb_across, comb_along, comb_wavy, side
from photobench.sources.demo.head import face_outline
from photobench.sources.demo.look import Look


def _hair_colours(look: Look) -> np.ndarray:
    """(N, 3) strand colours: the share that is grey grows with `grey`."""
    rng = np.random.default_rng(look.seed + 3)
    grey = vec(206, 204, 202) * rng.uniform(0.75, 1.05, (24, 1)).astype(np.float32)
    own = look.hair * rng.uniform(0.75, 1.4, (24, 1)).astype(np.float32)
    share = np.clip(1.5 * look.grey - 0.5 * np.linspace(0, 1, 24), 0, 1)[:, None].astype(np.float32)
    return np.clip(own + (grey - own) * share, 0, 255)


def draw_hair_behind(canvas: Canvas, look: Look) -> None:
    """What falls behind the head and the shoulders."""
    length = {"long": 1.75, "wavy": 1.6, "bangs": 1.7, "bob": 0.8, "bun": 0.5}.get(look.style)
    if length is None:
        return
    rng, colours = np.random.default_rng(look.seed + 4), _hair_colours(look)
    edge = [(0.6, -0.9), (0.88, -0.4), (0.93, 0.3), (0.9, 0.9), (0.8, length)]
    if look.style == "bun":
        left, right = (side(x, (0.3, -1.0), (0.34, -1.22), (0, -1.42)) for x in (-1, 1))
        canvas.hair(left, right, colours, rng, comb=comb_along)
        edge = [(0.5, -0.9), (0.74, -0.4), (0.74, 0.1), (0.5, 0.4)]
    comb = comb_wavy if look.style == "wavy" else comb_along
    canvas.hair(side(-1, *edge), side(1, *edge), colours * np.float32(0.7), rng, comb=comb)


def draw_hair(canvas: Canvas, look: Look) -> None:
    """What lies on the head and beside the face."""
    rng, colours = np.random.default_rng(look.seed + 5), _hair_colours(look)
    if look.style == "bald":
        return _draw_sides(canvas, look, colours, rng)
    if look.style in ("crop", "swept", "bun"):
        _draw_swept_cap(canvas, look, colours, rng)
    else:
        _draw_parted_cap(canvas, look, colours, rng)
    if look.style in ("long", "wavy", "bangs", "bob"):
        for x in (-1, 1):
            _draw_curtain(canvas, look, x, colours, rng)
    if look.style in ("fringe", "bangs", "pixie"):
        _draw_fringe(canvas, look, colours, rng)
    return None


def _cap_edges(look: Look, x: int, part: float, ends: float) -> tuple[Points, Points]:
    """Outer contour and hairline of one half of the head (x = 1 or -1), from the parting down to `ends` beside the ear."""
    v, w, back = look.volume, look.width, look.hairline
    outer = [(part, -1.0 - v), (x * 0.4, -0.96 - v), (x * 0.66 * w, -0.7 - v * 0.5), (x * (0.75 + v * 0.4) * w, -0.3)]
    outer.append((x * (0.735 + v * 0.2) * w, ends))
    inner = [
        (part, -0.7 - 0.16 * back),
        (x * 0.3, -0.67 - 0.26 * back),
        (x * 0.52 * w, -0.5 - 0.2 * back),
        (x * 0.61 * w, -0.22),
    ]
    inner.append((x * 0.67 * w, ends))
    return np.array(outer, np.float32), np.array(inner, np.float32)


def _draw_parted_cap(canvas: Canvas, look: Look, colours: np.ndarray, rng: Rng) -> None:
    """Hair combed from the parting to both sides; the side it is combed to lies a little lower on the forehead."""
    ends = {"part": 0.02, "fringe": 0.05, "pixie": 0.16}.get(look.style, 0.12)
    for x in (-1, 1) if look.part >= 0 else (1, -1):
        outer, inner = _cap_edges(look, x, look.part, ends)
        outer[0, 0] += x * -0.02
        inner[0, 0] += x * -0.02
        inner[1, 1] += 0.07 if x * look.part < 0 else 0
        canvas.hair(outer, inner, colours, rng, soft=0.016 + 0.02 * look.hairline, comb=comb_along)


def _draw_swept_cap(canvas: Canvas, look: Look, colours: np.ndarray, rng: Rng) -> None:
    """Hair that stands or lies from the hairline backwards, without a parting."""
    left, right = (_cap_edges(look, x, 0.0, -0.02) for x in (-1, 1))
    outer, inner = (np.concatenate([left[i][:0:-1], right[i]]) for i in (0, 1))
    if look.style == "crop":
        inner[:, 1] += np.random.default_rng(look.seed + 6).normal(0, 0.018, len(inner))
    canvas.hair(outer, inner, colours, rng, soft=0.016 + 0.02 * look.hairline, comb=comb_across)


def _draw_sides(canvas: Canvas, look: Look, colours: np.ndarray, rng: Rng) -> None:
    for x in (-1, 1):
        outer = side(x * look.width, (0.56, -0.74), (0.71, -0.5), (0.755, -0.2), (0.73, 0.06))
        inner = side(x * look.width, (0.56, -0.7), (0.64, -0.5), (0.67, -0.22), (0.685, 0.06))
        canvas.hair(outer, inner, colours, rng, opacity=0.9, soft=0.02, comb=comb_along)


def _draw_curtain(canvas: Canvas, look: Look, x: int, colours: np.ndarray, rng: Rng) -> None:
    """Hair that falls in front of the ear and, when long, over the shoulder."""
    v = look.volume
    if look.style == "bob":
        outer = side(x, (0.74 + v * 0.3, -0.4), (0.88 + v * 0.3, 0.2), (0.86, 0.6), (0.68, 0.84 + v))
        inner = side(x, (0.6, -0.3), (0.665, 0.1), (0.64, 0.5), (0.58, 0.82 + v))
    else:
        outer = side(x, (0.74 + v * 0.3, -0.4), (0.87 + v * 0.3, 0.2), (0.93, 0.9), (0.84, 1.6 + v))
        inner = side(x, (0.6, -0.3), (0.665, 0.1), (0.65, 0.7), (0.5, 1.55 + v))
    canvas.hair(outer, inner, colours, rng, comb=comb_wavy if look.style == "wavy" else comb_along)


def _draw_fringe(canvas: Canvas, look: Look, colours: np.ndarray, rng: Rng) -> None:
    low, top = -0.3 - 0.2 * look.hairline, -0.92 - look.volume
    left = side(-1, (0.34, top), (0.53, -0.66), (0.6, low + 0.1))
    right = side(1, (0.34, top), (0.53, -0.66), (0.6, low + 0.1))
    middle = np.array([(look.part * 0.5, top), (look.part * 0.8, -0.62), (look.part, low)], np.float32)
    canvas.hair(left, middle, colours, rng, comb=comb_along)
    canvas.hair(middle, right, colours, rng, comb=comb_along)


def draw_beard(canvas: Canvas, look: Look) -> None:
    """Stubble, beard, both or neither."""
    lower = both_sides([(0.66, 0.25), (0.63, 0.62), (0.42, 0.95), (0.15, 1.05)])
    ring = both_sides([(0.12, 0.52), (0.24, 0.6), (0.3, 0.74), (0.2, 0.88), (0.1, 1.02)])
    if look.stubble:
        blue = look.skin * vec(0.62, 0.62, 0.66)
        canvas.fill(lower * vec(look.width, 1), blue, 0.4 * look.stubble, 0.06, clip=face_outline(look))
        canvas.fill(ring, blue, 0.35 * look.stubble, 0.05)
    if look.beard:
        _grow_beard(canvas, look)


def _grow_beard(canvas: Canvas, look: Look) -> None:
    rng, colours = np.random.default_rng(look.seed + 1), _hair_colours(look)
    for x in (-1, 1):
        start = side(x, (0.02, 0.53), (0.14, 0.535), (0.25, 0.62), (0.27, 0.76))
        end = side(x, (0.02, 0.575), (0.13, 0.585), (0.21, 0.66), (0.23, 0.78))
        canvas.hair(start, end, colours, rng, opacity=look.beard * 0.85, soft=0.02, comb=comb_along)
    chin = (side(1, (-0.26, 0.74), (-0.22, 0.9), (-0.1, 1.03)), side(1, (0.26, 0.74), (0.22, 0.9), (0.1, 1.03)))
    canvas.hair(*chin, colours, rng, opacity=look.beard * 0.85, soft=0.03, comb=comb_along)
