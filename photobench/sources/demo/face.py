"""The features of a face: nose, mouth, eyes, brows and wrinkles."""

from __future__ import annotations

import numpy as np

from photobench.sources.demo.arrays import INK, WHITE, Points, mix, vec
from photobench.sources.demo.canvas import Canvas
from photobench.sources.demo.curves import oval, side, smooth
from photobench.sources.demo.look import Look
from photobench.sources.demo.shot import Shot


def draw_nose(canvas: Canvas, look: Look) -> None:
    """The nose, from its bridge to the nostrils."""
    w, shade = look.nose, look.skin * vec(0.6, 0.46, 0.42)
    canvas.line(side(1, (0, -0.14), (0, 0.1), (0, 0.34)), [0.07, 0.08, 0.13 * w], look.skin, 0, 0.03, bump=0.13)
    canvas.fill(oval(0, 0.35, 0.095 * w, 0.085), look.skin * vec(1, 0.94, 0.92), 0.5, 0.035, bump=0.12)
    canvas.fill(oval(0, 0.49, 0.13 * w, 0.035), shade, 0.35, 0.03)
    for x in (-1, 1):
        canvas.fill(oval(x * 0.115 * w, 0.385, 0.05 * w, 0.05), look.skin, 0, 0.018, bump=0.08)
        canvas.line(side(x, (0.13 * w, 0.33), (0.168 * w, 0.39), (0.13 * w, 0.44)), [0, 0.02, 0.01], shade, 0.55, 0.012)
        canvas.fill(oval(x * 0.06 * w, 0.432, 0.036 * w, 0.017), shade * 0.6, 0.85, 0.008)
        canvas.line(side(x, (0.09, -0.1), (0.07, 0.06), (0.1 * w, 0.26)), [0.03, 0.02, 0.03], shade, 0.2, 0.02)


def draw_mouth(canvas: Canvas, look: Look, shot: Shot) -> None:
    """The lips, drawn apart where the teeth show."""
    y, half, lift = 0.655, 0.2 + 0.045 * max(shot.smile, 0), 0.055 * shot.smile
    full, natural = 0.035 + 0.035 * look.lip, look.skin * vec(0.86, 0.62, 0.6)
    colour = mix(natural, vec(186, 48, 68), 0.75 * look.lipstick)
    gap = 0.05 * max(shot.smile, 0.3) if shot.teeth else 0.0
    corner = (half, y - lift)
    upper = _lip(
        [(0, y - full * 0.75), (0.05, y - full), (0.13, y - full * 0.6)], corner, [(0.1, y - 0.004), (0, y - gap * 0.4)]
    )
    lower = _lip(
        [(0, y + gap), (0.1, y + gap * 0.8)], corner, [(0.12, y + gap + full * 0.95), (0, y + gap + full * 1.35)]
    )
    canvas.fill(oval(0, y + 0.16, 0.12, 0.03), look.skin * vec(0.7, 0.56, 0.52), 0.45, 0.03)
    if gap:
        inside = _lip([(0, y - gap * 0.4)], corner, [(0, y + gap)])
        canvas.fill(inside, vec(238, 232, 224), soft=0.006)
    canvas.fill(upper, colour * 0.88, 0.92, 0.008, bump=0.03)
    canvas.fill(lower, colour, 0.92, 0.01, bump=0.05)
    if not gap:
        seam = side(1, (-half, y - lift), (-0.09, y + 0.004), (0, y - 0.004), (0.09, y + 0.004), (half, y - lift))
        canvas.line(seam, [0.012, 0.018, 0.014, 0.018, 0.012], colour * 0.35, 0.85, 0.004)
    for x in (-1, 1):
        canvas.fill(oval(x * half, y - lift, 0.022, 0.02), look.skin * 0.55, 0.45, 0.015)


def _lip(top: list[tuple[float, float]], corner: tuple[float, float], bottom: list[tuple[float, float]]) -> Points:
    """A lip from its upper edge (middle to corner) and its lower one (corner to middle), mirrored."""
    right = np.array([*top, corner, *bottom], np.float32)
    upper = smooth(np.concatenate([(right[: len(top) + 1] * [-1, 1])[::-1], right[1 : len(top) + 1]]), closed=False)
    low_right = right[len(top) :]
    lower = smooth(np.concatenate([low_right, (low_right[:-1] * [-1, 1])[::-1]]), closed=False)
    return np.concatenate([upper, lower])


def draw_eye(canvas: Canvas, look: Look, shot: Shot, x: int) -> None:
    """The right eye (x = 1) or the left one (x = -1)."""
    size, wide = look.eye_size, shot.open_eyes * (1 - 0.25 * look.sag)
    upper = _eye_curve(
        look, x, [(-0.145, 0.012), (-0.07, -0.05 * wide), (0.02, -0.066 * wide), (0.09, -0.04 * wide), (0.15, 0)]
    )
    lower = _eye_curve(look, x, [(0.15, 0), (0.06, 0.034), (-0.05, 0.036), (-0.145, 0.012)])
    lids = np.concatenate([smooth(upper, closed=False), smooth(lower, closed=False)])
    shade = look.skin * vec(0.58, 0.45, 0.42)
    canvas.fill(lids, vec(236, 230, 226), bump=0.03, soft=0.004)
    cx, cy = x * 0.295 + 0.06 * shot.gaze, 0.0
    canvas.fill(oval(cx, cy - 0.006, 0.07 * size, 0.07 * size), vec(62, 40, 28), clip=lids)
    canvas.fill(oval(cx, cy - 0.006, 0.034 * size, 0.034 * size), INK * 0.5, clip=lids)
    canvas.line(upper + vec(0, 0.02), 0.03, INK, 0.35, 0.01)
    canvas.fill(oval(cx + 0.022, cy - 0.03, 0.014, 0.014), WHITE, 0.95, clip=lids)
    canvas.line(
        upper, [0.014, 0.026 + 0.026 * look.lash, 0.022 + 0.04 * look.lash], INK, 0.75 + 0.25 * look.lash, 0.004
    )
    canvas.line(lower, [0.012, 0.01, 0.008], shade, 0.6, 0.004)
    crease = upper + vec(0, -0.035 - 0.012 * look.sag)
    canvas.line(crease, [0.004, 0.016, 0.01], shade, 0.7, 0.006, bump=-0.01)
    if look.lash > 0.35:
        tip = _eye_curve(look, x, [(0.1, -0.03), (0.16, -0.012), (0.195, -0.045)])
        canvas.line(tip, [0.025, 0.03, 0], INK, look.lash, 0.003)
        canvas.line(crease + vec(0, 0.008), 0.05, look.skin * vec(0.72, 0.5, 0.5), 0.5 * look.lash, 0.015)


def _eye_curve(look: Look, x: int, points: list[tuple[float, float]]) -> Points:
    """Points around the centre of an eye (positive x is outward) as points of the face."""
    around = np.array(points, np.float32) * np.float32(look.eye_size)
    around[:, 1] -= around[:, 0] * look.eye_tilt * 4
    return (around + vec(0.295, 0)) * vec(x, 1)


def draw_brow(canvas: Canvas, look: Look, shot: Shot, x: int) -> None:
    """The brow above the right eye (x = 1) or the left one (x = -1)."""
    y, thick = -0.185 - shot.raise_brows - 0.02 * (look.lash - 0.5), 0.035 + 0.055 * look.brow
    arch = 0.035 - 0.025 * look.masculine
    path = side(x, (0.13, y - 0.012), (0.23, y - 0.022), (0.36, y - 0.8 * arch), (0.49, y + 0.035 + 0.03 * look.sag))
    colour = mix(look.hair * 0.9, vec(150, 146, 144), look.grey * 0.8)
    canvas.line(path, [thick * 0.8, thick, thick * 0.8, thick * 0.15], colour, 0.8, 0.01, bump=0.01)


def draw_wrinkles(canvas: Canvas, look: Look, shot: Shot) -> None:
    """Each kind of fold has an age at which it begins and a pace at which it deepens."""
    w, rng = look.wrinkles, np.random.default_rng(look.seed + 2)
    for y in (-0.55, -0.46, -0.37):
        left, right, dip = rng.uniform((-0.42, 0.3, -0.02), (-0.3, 0.42, 0.02))
        brow = side(1, (left, y + 0.02), (-0.12, y + dip), (0.12, y + dip), (right, y + 0.02))
        _groove(canvas, look, brow, 0.022, 1.3 * w - 0.25)
    fold = 0.03 * max(shot.smile, 0)
    for x in (-1, 1):
        for dy in (-0.05, 0.005, 0.06):
            crow = side(x, (0.475, 0.02 + dy * 0.4), (0.53, 0.02 + dy), (0.585, 0.02 + dy * 1.7))
            _groove(canvas, look, crow, 0.018, 1.4 * w - 0.3)
        canvas.fill(oval(x * 0.29, 0.1, 0.13, 0.04), look.skin * vec(0.52, 0.4, 0.36), 0.42 * w, 0.025, bump=0.035 * w)
        under_eye = side(x, (0.16, 0.075), (0.25, 0.125), (0.36, 0.115), (0.43, 0.07))
        _groove(canvas, look, under_eye, 0.026, 1.3 * w - 0.15)
        _groove(canvas, look, side(x, (0.055, -0.2), (0.045, -0.14), (0.055, -0.08)), 0.018, 1.2 * w - 0.45)
        cheek = side(x, (0.16, 0.39), (0.24 + fold, 0.5), (0.285 + fold, 0.62), (0.28 + fold, 0.7))
        _groove(canvas, look, cheek, 0.034, 1.2 * w + 0.2 * shot.smile)
        _groove(canvas, look, side(x, (0.24, 0.72), (0.27, 0.8), (0.27, 0.88)), 0.022, 1.3 * w - 0.5)


def _groove(canvas: Canvas, look: Look, points: Points, wide: float, strength: float) -> None:
    """A fold of the skin: painted dark and cut into the relief, so that it follows the light."""
    strength = float(np.clip(strength, 0, 1))
    if strength:
        dark = look.skin * vec(0.52, 0.4, 0.36)
        canvas.line(points, [0.002, wide, wide, 0.002], dark, 0.75 * strength, 0.007, bump=-0.035 * strength)
