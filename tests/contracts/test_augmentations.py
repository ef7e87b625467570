"""What every augmentation must do."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from photobench.vision.augment import AUGMENTATIONS, Augment
from photobench.vision.preprocess import fixed_view


@pytest.fixture(scope="module")
def stored() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:64, :64]
    base = np.stack([x * 4, y * 4, 255 - x * 2 - y * 2], axis=2)
    return [np.clip(base + rng.normal(0, 6, base.shape), 0, 255).astype(np.uint8) for _ in range(6)]


@pytest.mark.parametrize("preset", AUGMENTATIONS.names())
@pytest.mark.parametrize("size_px", [56, 32, 80])
@pytest.mark.parametrize("crop", [0.875, 0.6, 1.0])
def test_shape_type_and_repeatability(stored: list[np.ndarray], preset: str, size_px: int, crop: float) -> None:
    before = [s.copy() for s in stored]
    first = Augment(preset, size_px, 64, crop)(stored, seed=5)
    again = Augment(preset, size_px, 64, crop)(stored, seed=5)
    assert first.shape == (6, size_px, size_px, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert all(np.array_equal(a, b) for a, b in zip(before, stored, strict=True)), "the pack's pixels were written to"


@pytest.mark.parametrize("preset", [n for n in AUGMENTATIONS.names() if n != "none"])
def test_seeds_and_photos_differ(stored: list[np.ndarray], preset: str) -> None:
    augment = Augment(preset, 56, 64, 0.875)
    assert not np.array_equal(augment(stored, 1), augment(stored, 2))
    same = augment([stored[0]] * 6, 3)
    assert not all(np.array_equal(same[0], other) for other in same[1:])


@pytest.mark.parametrize("preset", AUGMENTATIONS.names())
def test_it_stays_the_same_photo(stored: list[np.ndarray], preset: str) -> None:
    out = Augment(preset, 56, 64, 0.875)(stored * 8, 0).astype(float)
    assert abs(out.mean() - np.stack(stored).mean()) < 25


def test_none_is_the_view_of_evaluation(stored: list[np.ndarray]) -> None:
    ours = Augment("none", 56, 64, 0.875)(stored, 0)
    assert np.array_equal(ours, fixed_view(np.stack(stored), 56, 0.875))


def test_no_preset_flips_that_says_so(stored: list[np.ndarray]) -> None:
    out = Augment("no-flip", 56, 64, 0.875)(stored * 20, 0).astype(float)
    reds = out[..., 0].mean(axis=1)
    assert (reds[:, -8:].mean(axis=1) > reds[:, :8].mean(axis=1)).all()


def test_importing_it_does_not_ask_the_network() -> None:
    code = (
        "import sys\n"
        "asked = []\n"
        "sys.addaudithook(lambda event, args: asked.append(event) if event in ('socket.connect', 'socket.getaddrinfo') else None)\n"
        "import photobench.vision.augment\n"
        "print(asked)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
