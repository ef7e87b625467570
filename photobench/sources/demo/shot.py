"""The circumstances of one photo: mask, pose, light, room and camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from photobench.sources.demo.arrays import Colour, Rng
from photobench.sources.demo.labels import INCORRECT, NOT_WORN, WORN
from photobench.sources.demo.look import CLOTHES, Look
from photobench.sources.demo.scene import SCENES

MASK_COLOURS = {
    "surgical": [[176, 212, 226], [240, 242, 244], [190, 226, 206], [238, 200, 212]],
    "kf94": [[246, 246, 246], [246, 246, 246], [44, 44, 48], [214, 206, 196]],
    "fabric": [[34, 34, 38], [52, 60, 84], [120, 120, 124], [120, 44, 52], [226, 222, 212]],
    "pattern": [[230, 226, 220], [60, 84, 120], [206, 150, 160], [90, 116, 92]],
}


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
