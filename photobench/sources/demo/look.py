"""What a person looks like: all that is the same in each of their photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photobench.sources.demo.arrays import Colour, Rng, mix
from photobench.sources.demo.labels import MALE

SKINS = np.array([[244, 214, 190], [234, 197, 168], [224, 182, 148], [208, 162, 126], [186, 138, 104]], np.float32)
HAIRS = np.array([[24, 20, 22], [36, 28, 27], [54, 38, 32], [74, 50, 38], [100, 70, 50]], np.float32)
CLOTHES = np.array(
    [[44, 52, 72], [230, 230, 226], [126, 36, 44], [58, 88, 70], [180, 186, 196], [32, 32, 36], [206, 176, 140],
     [92, 120, 168], [222, 168, 176], [150, 116, 158], [236, 214, 120], [96, 72, 58]],
    np.float32,
)  # fmt: skip


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
        skin=mix(*_neighbours(rng, SKINS), rng.random()) * np.float32(1 - 0.1 * old),
        hair=mix(*_neighbours(rng, HAIRS[: 3 if old > 0.6 else 5]), rng.random()),
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


def _neighbours(rng: Rng, table: np.ndarray) -> tuple[Colour, Colour]:
    first = int(rng.integers(len(table) - 1))
    return table[first], table[first + 1]
