"""The drawing of one photo: a person's look, a shot of it, and the picture that a camera would have made.

A face is painted frontally on a canvas that holds colour, coverage and relief; light falls on the relief, the head is turned by
shifting it along its depth, and a camera adds blur and noise. Coordinates are head units: the origin is the middle of the face,
x points right, y down, the crown is at y = -1 and the chin at y = +1. Colours are RGB, 0 to 255. Shapes: H, W rows and columns.
"""

from __future__ import annotations

import cv2
import numpy as np

from photobench.sources.demo.arrays import vec
from photobench.sources.demo.body import draw_body
from photobench.sources.demo.canvas import DETAIL, HEAD, Canvas, soften
from photobench.sources.demo.face import draw_brow, draw_eye, draw_mouth, draw_nose, draw_wrinkles
from photobench.sources.demo.hair import draw_beard, draw_hair, draw_hair_behind
from photobench.sources.demo.head import draw_ears, draw_glasses, draw_head
from photobench.sources.demo.look import Look
from photobench.sources.demo.mask import draw_mask
from photobench.sources.demo.scene import SCENES
from photobench.sources.demo.shot import Shot


def render(look: Look, shot: Shot, size_px: tuple[int, int]) -> np.ndarray:
    """Photograph a person. Returns an (H, W, 3) uint8 RGB array of `size_px` = (width, height)."""
    width, height = size_px
    canvas = Canvas(size_px)
    _draw_person(canvas, look, shot)
    _shine(canvas, shot)
    person = _turn(canvas, shot, size_px)
    photo = SCENES[shot.scene](np.random.default_rng(shot.scene_seed), width, height)
    photo *= 1 - person[..., 3:] * np.float32(1 / 255)
    photo += person[..., :3]
    return _photograph(photo, shot)


def _draw_person(canvas: Canvas, look: Look, shot: Shot) -> None:
    """Paint from back to front; the order is the one in which things hide each other."""
    draw_hair_behind(canvas, look)
    draw_body(canvas, look, shot)
    draw_ears(canvas, look)
    draw_head(canvas, look)
    draw_nose(canvas, look)
    draw_mouth(canvas, look, shot)
    draw_beard(canvas, look)
    for x in (-1, 1):
        draw_eye(canvas, look, shot, x)
        draw_brow(canvas, look, shot, x)
    draw_wrinkles(canvas, look, shot)
    draw_mask(canvas, look, shot)
    draw_hair(canvas, look)
    draw_glasses(canvas, look)


def _shine(canvas: Canvas, shot: Shot) -> None:
    """Lambert shading of the relief with a small highlight; shadows on skin turn warm, as blood makes them."""
    relief = cv2.GaussianBlur(canvas.relief, (0, 0), max(0.6, 0.012 * canvas.unit_px)) * np.float32(canvas.unit_px)
    slope_x = np.clip(cv2.Sobel(relief, cv2.CV_32F, 1, 0, scale=1 / 8), -1.6, 1.6)
    slope_y = np.clip(cv2.Sobel(relief, cv2.CV_32F, 0, 1, scale=1 / 8), -1.6, 1.6)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    light = vec(*shot.light, 1.0)
    light /= np.linalg.norm(light)
    facing = (-slope_x * light[0] - slope_y * light[1] + light[2]) / length
    shade = 1 + np.float32(shot.hard_light) * (np.clip(facing, 0, 1) / light[2] - 1)
    gloss = np.clip((facing - 0.93) / 0.07, 0, 1) ** 2 * np.float32(12 * shot.hard_light)
    gloss *= canvas.rgba[..., 3] / np.float32(255)
    for channel, tint in enumerate((0.9, 1.0, 1.06)):
        gain = np.clip(1 + (shade - 1) * np.float32(tint), 0.1, 1.35)
        canvas.rgba[..., channel] = canvas.rgba[..., channel] * gain + gloss


def _turn(canvas: Canvas, shot: Shot, size_px: tuple[int, int]) -> np.ndarray:
    """Roll, scale and shift the person into the frame, and turn the head by moving what is near further than what is far."""
    width, height = size_px
    depth = soften(canvas.relief, 0.07 * canvas.unit_px) * np.float32(canvas.unit_px)
    centre = vec(width / 2, height * 0.46) + vec(*shot.shift) * np.float32(height * HEAD)
    into_canvas = cv2.getRotationMatrix2D((0, 0), -shot.roll_deg, DETAIL / shot.scale)
    into_canvas[:, 2] = canvas.origin - into_canvas[:, :2] @ centre
    rows, columns = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None, :]
    a = into_canvas.astype(np.float32)
    x, y = a[0, 0] * columns + a[0, 1] * rows + a[0, 2], a[1, 0] * columns + a[1, 1] * rows + a[1, 2]
    near = cv2.remap(depth, x, y, cv2.INTER_LINEAR)
    return cv2.remap(canvas.rgba, x - shot.turn[0] * near, y - shot.turn[1] * near, cv2.INTER_LINEAR)


def _photograph(photo: np.ndarray, shot: Shot) -> np.ndarray:
    """Exposure, colour cast, defocus and sensor noise; returns uint8."""
    photo *= shot.cast * np.float32(shot.exposure)
    photo = cv2.GaussianBlur(photo, (0, 0), max(0.2, shot.blur_px * photo.shape[0] / 512))
    cv2.setRNGSeed(shot.seed)  # numpy's generator takes three times as long for this many numbers
    height, width, depth = photo.shape
    grain = np.empty((height, width * depth), np.float32)
    cv2.randn(grain, np.zeros(1), np.full(1, shot.noise))
    photo += grain.reshape(photo.shape)
    return np.clip(photo, 0, 255, out=photo).astype(np.uint8)
