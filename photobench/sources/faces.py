"""The drawing of one photo: a person's look, a shot of it, and the picture that a camera would have made.

A face is painted frontally on a canvas that holds colour, coverage and relief; light falls on the relief, the head is turned by
shifting it along its depth, and a camera adds blur and noise. Coordinates are head units: the origin is the middle of the face,
x points right, y down, the crown is at y = -1 and the chin at y = +1. Colours are RGB, 0 to 255. Shapes: H, W rows and columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

Rng = np.random.Generator
Colour = np.ndarray  # (3,) float32 RGB, 0..255
Points = np.ndarray  # (N, 2) float32, head units
Comb = Callable[[Points, Points, Rng], np.ndarray]

HEAD = 0.25  # a head unit as a share of the photo's height
DETAIL = 0.8  # pixels of the canvas per pixel of the photo; the camera's blur hides the rest, and it saves a third of the time

WORN, INCORRECT, NOT_WORN = 0, 1, 2
MALE, FEMALE = 0, 1
WHITE = np.array([250, 250, 250], np.float32)
INK = np.array([28, 20, 20], np.float32)

SKINS = np.array([[244, 214, 190], [234, 197, 168], [224, 182, 148], [208, 162, 126], [186, 138, 104]], np.float32)
HAIRS = np.array([[24, 20, 22], [36, 28, 27], [54, 38, 32], [74, 50, 38], [100, 70, 50]], np.float32)
CLOTHES = np.array(
    [[44, 52, 72], [230, 230, 226], [126, 36, 44], [58, 88, 70], [180, 186, 196], [32, 32, 36], [206, 176, 140],
     [92, 120, 168], [222, 168, 176], [150, 116, 158], [236, 214, 120], [96, 72, 58]],
    np.float32,
)  # fmt: skip
MASK_COLOURS = {
    "surgical": [[176, 212, 226], [240, 242, 244], [190, 226, 206], [238, 200, 212]],
    "kf94": [[246, 246, 246], [246, 246, 246], [44, 44, 48], [214, 206, 196]],
    "fabric": [[34, 34, 38], [52, 60, 84], [120, 120, 124], [120, 44, 52], [226, 222, 212]],
    "pattern": [[230, 226, 220], [60, 84, 120], [206, 150, 160], [90, 116, 92]],
}


# --- what a person looks like, and what changes from photo to photo ------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """All that stays with a person. Traits without a unit run from about 0 to 1."""

    seed: int  # of the texture: hair strands, freckles
    skin: Colour
    hair: Colour
    grey: float
    style: str
    hairline: float  # how far it has receded
    volume: float
    part: float  # head units, where the hair is parted
    masculine: float  # about -1 to 1
    jaw: float
    width: float  # of the face, 1 is average
    wrinkles: float
    sag: float
    eye_size: float
    eye_tilt: float
    brow: float  # thickness
    lash: float
    lip: float  # fullness
    lipstick: float
    nose: float  # width, 1 is average
    beard: float
    stubble: float
    glasses: str
    earrings: bool
    clothes: Colour
    collar: str


@dataclass(frozen=True)
class Shot:
    """All that belongs to one photo."""

    seed: int
    wear: str  # "worn", "none", or one of the wrong ways: "nose", "chin", "eyes", "ear"
    mask_kind: str
    mask_colour: Colour
    shift: tuple[float, float]  # head units
    scale: float
    roll_deg: float
    turn: tuple[float, float]  # yaw and pitch, as the share of its depth by which a point moves
    smile: float
    teeth: bool
    open_eyes: float
    raise_brows: float
    gaze: float
    light: tuple[float, float]  # where it comes from, x and y against a z of 1
    hard_light: float
    cast: Colour  # gain per channel
    exposure: float
    scene: str
    scene_seed: int
    clothes: Colour
    blur_px: float  # at a photo height of 512
    noise: float  # standard deviation, grey levels


def sample_look(rng: Rng, gender: int, age: int) -> Look:
    """Draw a person. Seeming age and gender scatter around the true ones, so that classes overlap as they do in life."""
    seems = age + rng.normal(0, 2.5)
    masculine = (0.85 if gender == MALE else -0.85) + rng.normal(0, 0.38)
    old = float(np.clip((seems - 20) / 46, 0, 1.15))
    is_man = masculine > 0
    grey = np.clip(np.interp(seems, (34, 48, 56, 66), (0, 0.25, 0.5, 1)) + rng.normal(-0.03, 0.06), 0, 1)
    if not is_man and rng.random() < 0.2:
        grey *= 0.5  # dyed
    return Look(
        seed=int(rng.integers(2**31)),
        skin=_mix(*_neighbours(rng, SKINS), rng.random()) * np.float32(1 - 0.1 * old),
        hair=_mix(*_neighbours(rng, HAIRS[: 3 if old > 0.6 else 5]), rng.random()),
        grey=float(grey),
        style=_sample_style(rng, masculine, seems),
        hairline=float(np.clip((old * 0.75 if is_man else old * 0.3) + rng.normal(0, 0.12), 0, 1)),
        volume=float(rng.uniform(0.06, 0.16)),
        part=float(rng.choice([-0.3, -0.2, 0.0, 0.2, 0.3])),
        masculine=float(masculine),
        jaw=float(np.clip(0.5 + 0.3 * masculine + rng.normal(0, 0.14), 0, 1.1)),
        width=float(rng.normal(1.0, 0.035)),
        wrinkles=float(np.clip(old * 1.12 + rng.normal(0, 0.05), 0, 1.2)),
        sag=float(np.clip(old - 0.25 + rng.normal(0, 0.08), 0, 1)),
        eye_size=float(rng.normal(1.0 - 0.05 * masculine - 0.08 * old, 0.06)),
        eye_tilt=float(rng.normal(0.012 - 0.02 * old, 0.012)),
        brow=float(np.clip(0.5 + 0.3 * masculine - 0.1 * old + rng.normal(0, 0.12), 0.1, 1.1)),
        lash=float(np.clip(0.45 - 0.45 * masculine + rng.normal(0, 0.15), 0, 1)),
        lip=float(np.clip(0.6 - 0.2 * masculine - 0.3 * old + rng.normal(0, 0.12), 0.1, 1)),
        lipstick=float(np.clip(-0.75 * masculine + rng.normal(-0.1, 0.3), 0, 1)),
        nose=float(rng.normal(1.0 + 0.08 * masculine + 0.06 * old, 0.07)),
        beard=float(rng.uniform(0.6, 1)) if is_man and rng.random() < 0.18 else 0.0,
        stubble=float(np.clip(rng.normal(0.35 * masculine, 0.2), 0, 0.8)) if is_man else 0.0,
        glasses=str(rng.choice(["round", "square", "thin"])) if rng.random() < 0.22 + 0.2 * old else "",
        earrings=bool(rng.random() < (0.06 if is_man else 0.35)),
        clothes=CLOTHES[rng.integers(len(CLOTHES))],
        collar=str(rng.choice(["crew", "shirt", "vneck", "hood"], p=[0.35, 0.3, 0.2, 0.15])),
    )


def _sample_style(rng: Rng, masculine: float, seems: float) -> str:
    if masculine > 0:
        bald = float(np.clip((seems - 38) / 60, 0, 0.4))
        names, weights = ["crop", "part", "fringe", "swept", "bob"], np.array([0.34, 0.28, 0.2, 0.13, 0.05])
        return str(rng.choice([*names, "bald"], p=[*(weights * (1 - bald)), bald]))
    short = float(np.clip((seems - 30) / 60, 0.06, 0.45))
    names, weights = ["long", "wavy", "bangs", "bob", "bun"], np.array([0.28, 0.2, 0.2, 0.18, 0.14])
    return str(rng.choice([*names, "pixie"], p=[*(weights * (1 - short)), short]))


def sample_shot(rng: Rng, look: Look, mask: int, home_seed: int | None) -> Shot:
    """Draw the circumstances of one photo. With a `home_seed`, room and clothes are those of the person's other photos."""
    kind = str(rng.choice(["surgical", "kf94", "fabric", "pattern"], p=[0.34, 0.34, 0.22, 0.1]))
    wrong = str(rng.choice(["nose", "chin", "eyes", "ear"], p=[0.62, 0.28, 0.05, 0.05]))
    scene_seed = int(rng.integers(2**31)) if home_seed is None else home_seed
    scene_rng = np.random.default_rng(scene_seed)
    own_clothes = CLOTHES[rng.integers(len(CLOTHES))] * np.float32(rng.uniform(0.85, 1))
    return Shot(
        seed=int(rng.integers(2**31)),
        wear={WORN: "worn", INCORRECT: wrong, NOT_WORN: "none"}[mask],
        mask_kind=kind,
        mask_colour=np.array(MASK_COLOURS[kind][rng.integers(len(MASK_COLOURS[kind]))], np.float32),
        shift=(float(rng.normal(0, 0.09)), float(rng.normal(0, 0.08))),
        scale=float(rng.uniform(0.9, 1.1)),
        roll_deg=float(rng.normal(0, 4)),
        turn=(float(rng.normal(0, 0.13)), float(rng.normal(0, 0.07))),
        smile=float(np.clip(rng.normal(0.45, 0.3), -0.15, 1)),
        teeth=bool(rng.random() < 0.25),
        open_eyes=float(np.clip(rng.normal(1, 0.12), 0.55, 1.2)),
        raise_brows=float(rng.normal(0, 0.025)),
        gaze=float(np.clip(rng.normal(0, 0.25), -0.6, 0.6)),
        light=(float(rng.uniform(-0.75, 0.75)), float(rng.uniform(-0.6, 0.05))),
        hard_light=float(rng.uniform(0.3, 0.6)),
        cast=np.array([1 + 0.03 * rng.normal(), 1, 1 + 0.05 * rng.normal()], np.float32),
        exposure=float(np.clip(rng.normal(1, 0.1), 0.75, 1.25)),
        scene=str(scene_rng.choice(list(SCENES))),
        scene_seed=scene_seed,
        clothes=own_clothes if home_seed is None else look.clothes,
        blur_px=float(np.clip(rng.gamma(1.6, 0.35), 0.2, 2)),
        noise=float(rng.uniform(1, 6)),
    )


def darken(shot: Shot) -> Shot:
    """The same photo taken almost in the dark."""
    return replace(shot, exposure=0.07, noise=2.5)


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


# --- the canvas -----------------------------------------------------------------------------------------------------------------


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


def oval(x: float, y: float, rx: float, ry: float) -> Points:
    """The outline of an ellipse around (x, y) with the half-axes rx and ry."""
    turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    return np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], axis=1).astype(np.float32)


def both_sides(right: Sequence[tuple[float, float]]) -> Points:
    """Close a shape whose right half is given from top to bottom."""
    half = np.array(right, np.float32)
    return smooth(np.concatenate([half, (half * [-1, 1])[::-1]]), closed=True)


def _vec(*values: Any) -> np.ndarray:
    """A colour, or points, as float32."""
    return np.array(values, np.float32)


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    return (a + (b - a) * np.float32(share)).astype(np.float32)


def _neighbours(rng: Rng, table: np.ndarray) -> tuple[Colour, Colour]:
    first = int(rng.integers(len(table) - 1))
    return table[first], table[first + 1]


def _side(x: float, *points: tuple[float, float]) -> Points:
    """Points given for the right side, on the right (x = 1) or the left (x = -1)."""
    return np.array(points, np.float32) * np.array([x, 1], np.float32)


# --- the person -----------------------------------------------------------------------------------------------------------------


def _draw_person(canvas: Canvas, look: Look, shot: Shot) -> None:
    """Paint from back to front; the order is the one in which things hide each other."""
    _draw_hair_behind(canvas, look)
    _draw_body(canvas, look, shot)
    _draw_ears(canvas, look)
    _draw_head(canvas, look)
    _draw_nose(canvas, look)
    _draw_mouth(canvas, look, shot)
    _draw_beard(canvas, look)
    for x in (-1, 1):
        _draw_eye(canvas, look, shot, x)
        _draw_brow(canvas, look, shot, x)
    _draw_wrinkles(canvas, look, shot)
    _draw_mask(canvas, look, shot)
    _draw_hair(canvas, look)
    _draw_glasses(canvas, look)


def _draw_body(canvas: Canvas, look: Look, shot: Shot) -> None:
    neck, shoulder = 0.36 + 0.06 * look.masculine, 1.42 + 0.14 * look.masculine
    throat = both_sides([(neck, 0.5), (neck, 1.0), (neck + 0.06, 1.3), (neck + 0.3, 1.55), (0.3, 1.9)])
    canvas.fill(throat, look.skin * 0.94, soft=0.01)
    canvas.level(throat, 0.25, soft=0.06)
    canvas.fill(oval(0, 1.02, neck * 0.95, 0.22), look.skin * _vec(0.66, 0.58, 0.55), 0.75, soft=0.09)
    for y in (1.22, 1.34):
        canvas.line(
            _side(1, (-0.22, y), (0, y + 0.04), (0.22, y)), [0, 0.02, 0], look.skin * 0.62, 0.6 * look.wrinkles, 0.008
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
            flap = _side(x, (0.02, 1.56), (neck + 0.02, 1.27), (neck + 0.14, 1.36), (neck - 0.06, 1.76), (0.1, 1.7))
            canvas.fill(flap, _mix(shot.clothes, WHITE, 0.75), bump=0.05, soft=0.006)
        canvas.line(_side(1, (0, 1.55), (0, 2.4)), 0.02, dark, 0.7)
        return
    rim = _side(1, (-neck - 0.07, 1.36), (-0.2, deep - 0.06), (0, deep), (0.2, deep - 0.06), (neck + 0.07, 1.36))
    thick = 0.16 if look.collar == "hood" else 0.06
    canvas.line(rim, thick, dark if look.collar != "hood" else shot.clothes * 0.9, 0.8, 0.01, bump=thick / 2)
    for x in (-1, 1):
        canvas.line(_side(x, (0.75, 1.75), (0.8, 2.1), (0.72, 2.6)), [0.02, 0.1, 0.05], dark, 0.6, 0.05)


def _draw_ears(canvas: Canvas, look: Look) -> None:
    for x in (-1, 1):
        ear = oval(x * 0.72 * look.width, 0.1, 0.1, 0.2 + 0.02 * look.sag)
        canvas.fill(ear, look.skin * _vec(0.95, 0.87, 0.85), bump=0.12, soft=0.006)
        canvas.fill(oval(x * 0.73 * look.width, 0.09, 0.045, 0.12), look.skin * 0.68, 0.6, 0.02, bump=-0.04)
        if look.earrings:
            canvas.fill(oval(x * 0.74 * look.width, 0.31, 0.028, 0.034), _vec(236, 214, 150), bump=0.04)


def face_outline(look: Look) -> Points:
    """The skin's edge; the jaw widens with `jaw`, and its corners drop with `sag`."""
    w, jaw, sag = look.width, look.jaw, look.sag
    cheek, corner, chin = 0.655 + 0.02 * jaw, 0.53 + 0.11 * jaw + 0.03 * sag, 0.32 + 0.12 * jaw + 0.03 * sag
    right = [(0.2, -0.985), (0.48, -0.84), (0.655, -0.52), (0.7, -0.15), (0.69, 0.15), (cheek, 0.38)]
    right += [(corner, 0.66), (chin, 0.88), (0.13 + 0.06 * jaw, 0.985 + 0.015 * jaw)]
    return both_sides([(x * w, y) for x, y in right])


def _draw_head(canvas: Canvas, look: Look) -> None:
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
    shade, rose = look.skin * _vec(0.78, 0.66, 0.6), look.skin * _vec(0.98, 0.78, 0.74)
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
            oval(rng.uniform(-0.5, 0.5), rng.uniform(-0.7, 0.6), r, r), look.skin * _vec(0.68, 0.56, 0.48), 0.5, 0.008
        )


def _draw_nose(canvas: Canvas, look: Look) -> None:
    w, shade = look.nose, look.skin * _vec(0.6, 0.46, 0.42)
    canvas.line(_side(1, (0, -0.14), (0, 0.1), (0, 0.34)), [0.07, 0.08, 0.13 * w], look.skin, 0, 0.03, bump=0.13)
    canvas.fill(oval(0, 0.35, 0.095 * w, 0.085), look.skin * _vec(1, 0.94, 0.92), 0.5, 0.035, bump=0.12)
    canvas.fill(oval(0, 0.49, 0.13 * w, 0.035), shade, 0.35, 0.03)
    for x in (-1, 1):
        canvas.fill(oval(x * 0.115 * w, 0.385, 0.05 * w, 0.05), look.skin, 0, 0.018, bump=0.08)
        canvas.line(
            _side(x, (0.13 * w, 0.33), (0.168 * w, 0.39), (0.13 * w, 0.44)), [0, 0.02, 0.01], shade, 0.55, 0.012
        )
        canvas.fill(oval(x * 0.06 * w, 0.432, 0.036 * w, 0.017), shade * 0.6, 0.85, 0.008)
        canvas.line(_side(x, (0.09, -0.1), (0.07, 0.06), (0.1 * w, 0.26)), [0.03, 0.02, 0.03], shade, 0.2, 0.02)


def _draw_mouth(canvas: Canvas, look: Look, shot: Shot) -> None:
    y, half, lift = 0.655, 0.2 + 0.045 * max(shot.smile, 0), 0.055 * shot.smile
    full, natural = 0.035 + 0.035 * look.lip, look.skin * _vec(0.86, 0.62, 0.6)
    colour = _mix(natural, _vec(186, 48, 68), 0.75 * look.lipstick)
    gap = 0.05 * max(shot.smile, 0.3) if shot.teeth else 0.0
    corner = (half, y - lift)
    upper = _lip(
        [(0, y - full * 0.75), (0.05, y - full), (0.13, y - full * 0.6)], corner, [(0.1, y - 0.004), (0, y - gap * 0.4)]
    )
    lower = _lip(
        [(0, y + gap), (0.1, y + gap * 0.8)], corner, [(0.12, y + gap + full * 0.95), (0, y + gap + full * 1.35)]
    )
    canvas.fill(oval(0, y + 0.16, 0.12, 0.03), look.skin * _vec(0.7, 0.56, 0.52), 0.45, 0.03)
    if gap:
        inside = _lip([(0, y - gap * 0.4)], corner, [(0, y + gap)])
        canvas.fill(inside, _vec(238, 232, 224), soft=0.006)
    canvas.fill(upper, colour * 0.88, 0.92, 0.008, bump=0.03)
    canvas.fill(lower, colour, 0.92, 0.01, bump=0.05)
    if not gap:
        seam = _side(1, (-half, y - lift), (-0.09, y + 0.004), (0, y - 0.004), (0.09, y + 0.004), (half, y - lift))
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


def _draw_beard(canvas: Canvas, look: Look) -> None:
    lower = both_sides([(0.66, 0.25), (0.63, 0.62), (0.42, 0.95), (0.15, 1.05)])
    ring = both_sides([(0.12, 0.52), (0.24, 0.6), (0.3, 0.74), (0.2, 0.88), (0.1, 1.02)])
    if look.stubble:
        blue = look.skin * _vec(0.62, 0.62, 0.66)
        canvas.fill(lower * _vec(look.width, 1), blue, 0.4 * look.stubble, 0.06, clip=face_outline(look))
        canvas.fill(ring, blue, 0.35 * look.stubble, 0.05)
    if look.beard:
        _grow_beard(canvas, look)


def _grow_beard(canvas: Canvas, look: Look) -> None:
    rng, colours = np.random.default_rng(look.seed + 1), _hair_colours(look)
    for x in (-1, 1):
        start = _side(x, (0.02, 0.53), (0.14, 0.535), (0.25, 0.62), (0.27, 0.76))
        end = _side(x, (0.02, 0.575), (0.13, 0.585), (0.21, 0.66), (0.23, 0.78))
        canvas.hair(start, end, colours, rng, opacity=look.beard * 0.85, soft=0.02, comb=comb_along)
    chin = (_side(1, (-0.26, 0.74), (-0.22, 0.9), (-0.1, 1.03)), _side(1, (0.26, 0.74), (0.22, 0.9), (0.1, 1.03)))
    canvas.hair(*chin, colours, rng, opacity=look.beard * 0.85, soft=0.03, comb=comb_along)


def _draw_eye(canvas: Canvas, look: Look, shot: Shot, x: int) -> None:
    size, wide = look.eye_size, shot.open_eyes * (1 - 0.25 * look.sag)
    upper = _eye_curve(
        look, x, [(-0.145, 0.012), (-0.07, -0.05 * wide), (0.02, -0.066 * wide), (0.09, -0.04 * wide), (0.15, 0)]
    )
    lower = _eye_curve(look, x, [(0.15, 0), (0.06, 0.034), (-0.05, 0.036), (-0.145, 0.012)])
    lids = np.concatenate([smooth(upper, closed=False), smooth(lower, closed=False)])
    shade = look.skin * _vec(0.58, 0.45, 0.42)
    canvas.fill(lids, _vec(236, 230, 226), bump=0.03, soft=0.004)
    cx, cy = x * 0.295 + 0.06 * shot.gaze, 0.0
    canvas.fill(oval(cx, cy - 0.006, 0.07 * size, 0.07 * size), _vec(62, 40, 28), clip=lids)
    canvas.fill(oval(cx, cy - 0.006, 0.034 * size, 0.034 * size), INK * 0.5, clip=lids)
    canvas.line(upper + _vec(0, 0.02), 0.03, INK, 0.35, 0.01)
    canvas.fill(oval(cx + 0.022, cy - 0.03, 0.014, 0.014), WHITE, 0.95, clip=lids)
    canvas.line(
        upper, [0.014, 0.026 + 0.026 * look.lash, 0.022 + 0.04 * look.lash], INK, 0.75 + 0.25 * look.lash, 0.004
    )
    canvas.line(lower, [0.012, 0.01, 0.008], shade, 0.6, 0.004)
    crease = upper + _vec(0, -0.035 - 0.012 * look.sag)
    canvas.line(crease, [0.004, 0.016, 0.01], shade, 0.7, 0.006, bump=-0.01)
    if look.lash > 0.35:
        tip = _eye_curve(look, x, [(0.1, -0.03), (0.16, -0.012), (0.195, -0.045)])
        canvas.line(tip, [0.025, 0.03, 0], INK, look.lash, 0.003)
        canvas.line(crease + _vec(0, 0.008), 0.05, look.skin * _vec(0.72, 0.5, 0.5), 0.5 * look.lash, 0.015)


def _eye_curve(look: Look, x: int, points: list[tuple[float, float]]) -> Points:
    """Points around the centre of an eye (positive x is outward) as points of the face."""
    around = np.array(points, np.float32) * np.float32(look.eye_size)
    around[:, 1] -= around[:, 0] * look.eye_tilt * 4
    return (around + _vec(0.295, 0)) * _vec(x, 1)


def _draw_brow(canvas: Canvas, look: Look, shot: Shot, x: int) -> None:
    y, thick = -0.185 - shot.raise_brows - 0.02 * (look.lash - 0.5), 0.035 + 0.055 * look.brow
    arch = 0.035 - 0.025 * look.masculine
    path = _side(x, (0.13, y - 0.012), (0.23, y - 0.022), (0.36, y - 0.8 * arch), (0.49, y + 0.035 + 0.03 * look.sag))
    colour = _mix(look.hair * 0.9, _vec(150, 146, 144), look.grey * 0.8)
    canvas.line(path, [thick * 0.8, thick, thick * 0.8, thick * 0.15], colour, 0.8, 0.01, bump=0.01)


def _draw_wrinkles(canvas: Canvas, look: Look, shot: Shot) -> None:
    """Each kind of fold has an age at which it begins and a pace at which it deepens."""
    w, rng = look.wrinkles, np.random.default_rng(look.seed + 2)
    for y in (-0.55, -0.46, -0.37):
        left, right, dip = rng.uniform((-0.42, 0.3, -0.02), (-0.3, 0.42, 0.02))
        brow = _side(1, (left, y + 0.02), (-0.12, y + dip), (0.12, y + dip), (right, y + 0.02))
        _groove(canvas, look, brow, 0.022, 1.3 * w - 0.25)
    fold = 0.03 * max(shot.smile, 0)
    for x in (-1, 1):
        for dy in (-0.05, 0.005, 0.06):
            crow = _side(x, (0.475, 0.02 + dy * 0.4), (0.53, 0.02 + dy), (0.585, 0.02 + dy * 1.7))
            _groove(canvas, look, crow, 0.018, 1.4 * w - 0.3)
        canvas.fill(oval(x * 0.29, 0.1, 0.13, 0.04), look.skin * _vec(0.52, 0.4, 0.36), 0.42 * w, 0.025, bump=0.035 * w)
        under_eye = _side(x, (0.16, 0.075), (0.25, 0.125), (0.36, 0.115), (0.43, 0.07))
        _groove(canvas, look, under_eye, 0.026, 1.3 * w - 0.15)
        _groove(canvas, look, _side(x, (0.055, -0.2), (0.045, -0.14), (0.055, -0.08)), 0.018, 1.2 * w - 0.45)
        cheek = _side(x, (0.16, 0.39), (0.24 + fold, 0.5), (0.285 + fold, 0.62), (0.28 + fold, 0.7))
        _groove(canvas, look, cheek, 0.034, 1.2 * w + 0.2 * shot.smile)
        _groove(canvas, look, _side(x, (0.24, 0.72), (0.27, 0.8), (0.27, 0.88)), 0.022, 1.3 * w - 0.5)


def _groove(canvas: Canvas, look: Look, points: Points, wide: float, strength: float) -> None:
    """A fold of the skin: painted dark and cut into the relief, so that it follows the light."""
    strength = float(np.clip(strength, 0, 1))
    if strength:
        dark = look.skin * _vec(0.52, 0.4, 0.36)
        canvas.line(points, [0.002, wide, wide, 0.002], dark, 0.75 * strength, 0.007, bump=-0.035 * strength)


# --- hair, glasses, mask ----------------------------------------------------------------------------------------------------------


def _hair_colours(look: Look) -> np.ndarray:
    """(N, 3) strand colours: the share that is grey grows with `grey`."""
    rng = np.random.default_rng(look.seed + 3)
    grey = _vec(206, 204, 202) * rng.uniform(0.75, 1.05, (24, 1)).astype(np.float32)
    own = look.hair * rng.uniform(0.75, 1.4, (24, 1)).astype(np.float32)
    share = np.clip(1.5 * look.grey - 0.5 * np.linspace(0, 1, 24), 0, 1)[:, None].astype(np.float32)
    return np.clip(own + (grey - own) * share, 0, 255)


def _draw_hair_behind(canvas: Canvas, look: Look) -> None:
    length = {"long": 1.75, "wavy": 1.6, "bangs": 1.7, "bob": 0.8, "bun": 0.5}.get(look.style)
    if length is None:
        return
    rng, colours = np.random.default_rng(look.seed + 4), _hair_colours(look)
    edge = [(0.6, -0.9), (0.88, -0.4), (0.93, 0.3), (0.9, 0.9), (0.8, length)]
    if look.style == "bun":
        left, right = (_side(x, (0.3, -1.0), (0.34, -1.22), (0, -1.42)) for x in (-1, 1))
        canvas.hair(left, right, colours, rng, comb=comb_along)
        edge = [(0.5, -0.9), (0.74, -0.4), (0.74, 0.1), (0.5, 0.4)]
    comb = comb_wavy if look.style == "wavy" else comb_along
    canvas.hair(_side(-1, *edge), _side(1, *edge), colours * np.float32(0.7), rng, comb=comb)


def _draw_hair(canvas: Canvas, look: Look) -> None:
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
        outer = _side(x * look.width, (0.56, -0.74), (0.71, -0.5), (0.755, -0.2), (0.73, 0.06))
        inner = _side(x * look.width, (0.56, -0.7), (0.64, -0.5), (0.67, -0.22), (0.685, 0.06))
        canvas.hair(outer, inner, colours, rng, opacity=0.9, soft=0.02, comb=comb_along)


def _draw_curtain(canvas: Canvas, look: Look, x: int, colours: np.ndarray, rng: Rng) -> None:
    """Hair that falls in front of the ear and, when long, over the shoulder."""
    v = look.volume
    if look.style == "bob":
        outer = _side(x, (0.74 + v * 0.3, -0.4), (0.88 + v * 0.3, 0.2), (0.86, 0.6), (0.68, 0.84 + v))
        inner = _side(x, (0.6, -0.3), (0.665, 0.1), (0.64, 0.5), (0.58, 0.82 + v))
    else:
        outer = _side(x, (0.74 + v * 0.3, -0.4), (0.87 + v * 0.3, 0.2), (0.93, 0.9), (0.84, 1.6 + v))
        inner = _side(x, (0.6, -0.3), (0.665, 0.1), (0.65, 0.7), (0.5, 1.55 + v))
    canvas.hair(outer, inner, colours, rng, comb=comb_wavy if look.style == "wavy" else comb_along)


def _draw_fringe(canvas: Canvas, look: Look, colours: np.ndarray, rng: Rng) -> None:
    low, top = -0.3 - 0.2 * look.hairline, -0.92 - look.volume
    left = _side(-1, (0.34, top), (0.53, -0.66), (0.6, low + 0.1))
    right = _side(1, (0.34, top), (0.53, -0.66), (0.6, low + 0.1))
    middle = np.array([(look.part * 0.5, top), (look.part * 0.8, -0.62), (look.part, low)], np.float32)
    canvas.hair(left, middle, colours, rng, comb=comb_along)
    canvas.hair(middle, right, colours, rng, comb=comb_along)


def _draw_glasses(canvas: Canvas, look: Look) -> None:
    if not look.glasses:
        return
    colour, thick = (_vec(150, 140, 120), 0.014) if look.glasses == "thin" else (INK, 0.028)
    rx, ry = (0.2, 0.17) if look.glasses == "round" else (0.22, 0.14)
    for x in (-1, 1):
        lens = oval(x * 0.29, 0.03, rx, ry)
        if look.glasses == "square":
            lens = smooth(_vec(0.29 * x, 0.03) + _vec((rx, -ry), (rx, ry), (-rx, ry), (-rx, -ry)), closed=True)
        canvas.fill(lens, WHITE, 0.07)
        canvas.line(np.concatenate([lens, lens[:2]]), thick, colour, 0.9)
        canvas.line(_side(x, (0.29 + rx, 0.0), (0.6, -0.02), (0.7, 0.03)), thick, colour, 0.85)
    canvas.line(_side(1, (-0.1, 0.02), (0, -0.01), (0.1, 0.02)), thick, colour, 0.9)


def _draw_mask(canvas: Canvas, look: Look, shot: Shot) -> None:
    if shot.wear == "none":
        return
    rng = np.random.default_rng(shot.seed)
    place = _mask_placement(look, shot, rng)
    shape = place(MASK_SHAPES[shot.mask_kind])
    for x in (-1, 1):
        anchor = _vec([x * 0.7 * look.width, -0.02])
        if shot.wear == "ear" and x < 0:
            anchor = place(_vec([x * 0.62, 0.5])) + _vec(0.1, 0.12)
        for end in (_side(x, (0.56, 0.24)), _side(x, (0.54, 0.66))):
            canvas.line(
                np.concatenate([place(end), (place(end) + anchor) / 2 + _vec(0, 0.02), anchor]),
                0.022,
                WHITE * 0.93,
                0.95,
            )
    canvas.fill(shape + _vec(0, 0.03), look.skin * 0.45, 0.4, 0.03)
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
    spin = _vec([np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)])
    aside = _vec(0.52 if shot.wear == "ear" else 0.0, 0.16 + down)

    def place(points: Points) -> Points:
        local = (points - _vec(0, 0.16)) * _vec(wide, tall)
        return (local @ spin + aside).astype(np.float32)

    return place


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


def _draw_mask_details(canvas: Canvas, shot: Shot, place: Callable[[Points], Points], shape: Points, rng: Rng) -> None:
    dark, kind = shot.mask_colour * 0.72, shot.mask_kind
    if kind == "surgical":
        for y in (0.42, 0.56, 0.7):
            canvas.line(place(_side(1, (-0.55, y), (0, y + 0.05), (0.55, y))), 0.018, dark, 0.6, 0.008, bump=-0.03)
    elif kind == "kf94":
        for y, dip in ((0.4, -0.05), (0.68, 0.12)):
            canvas.line(
                place(_side(1, (-0.58, 0.48), (-0.3, y), (0, y + dip), (0.3, y), (0.58, 0.48))),
                0.016,
                dark,
                0.6,
                0.006,
                bump=-0.03,
            )
    else:
        canvas.line(place(_side(1, (0, 0.1), (0, 0.5), (0, 1.05))), 0.014, dark, 0.6, 0.006, bump=-0.02)
    if kind == "pattern":
        ink = _mix(shot.mask_colour, WHITE if shot.mask_colour.mean() < 160 else _vec(60, 70, 130), 0.7)
        for x, y in rng.uniform([-0.58, 0.1], [0.58, 1.05], (40, 2)):
            canvas.fill(place(oval(x, y, 0.028, 0.028)), ink, 0.8, clip=shape)
    canvas.line(place(_side(1, (-0.14, 0.17), (0, 0.125), (0.14, 0.17))), 0.02, dark, 0.5, 0.008, bump=0.02)


# --- light, pose, room, camera ----------------------------------------------------------------------------------------------------


def _shine(canvas: Canvas, shot: Shot) -> None:
    """Lambert shading of the relief with a small highlight; shadows on skin turn warm, as blood makes them."""
    relief = cv2.GaussianBlur(canvas.relief, (0, 0), max(0.6, 0.012 * canvas.unit_px)) * np.float32(canvas.unit_px)
    slope_x = np.clip(cv2.Sobel(relief, cv2.CV_32F, 1, 0, scale=1 / 8), -1.6, 1.6)
    slope_y = np.clip(cv2.Sobel(relief, cv2.CV_32F, 0, 1, scale=1 / 8), -1.6, 1.6)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    light = _vec(*shot.light, 1.0)
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
    centre = _vec(width / 2, height * 0.46) + _vec(*shot.shift) * np.float32(height * HEAD)
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


def _wall(rng: Rng, width: int, height: int) -> np.ndarray:
    top = _muted(rng, 130, 235)
    bottom = _mix(top, _muted(rng, 90, 235), 0.5)
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
    sky, green = _vec(190, 214, 240) * np.float32(rng.uniform(0.85, 1.05)), _vec(86, 118, 66)
    return sky * (1 - horizon) + (green + 28 * leaves) * horizon


SCENES: dict[str, Callable[[Rng, int, int], np.ndarray]] = {
    "wall": _wall,
    "office": _office,
    "shelves": _shelves,
    "bokeh": _bokeh,
    "outdoors": _outdoors,
}
