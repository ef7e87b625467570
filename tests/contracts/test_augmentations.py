"""What every augmentation must do."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from photobench.errors import ConfigError
from photobench.vision.augment import AUGMENTATIONS, KNOWN, Augment, check_augmentation, usable
from photobench.vision.options import AugmentOptions
from photobench.vision.preprocess import fixed_view


@pytest.fixture(scope="module")
def stored() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:64, :64]
    base = np.stack([x * 4, y * 4, 255 - x * 2 - y * 2], axis=2)
    return [np.clip(base + rng.normal(0, 6, base.shape), 0, 255).astype(np.uint8) for _ in range(6)]


def made(size_px: int = 56, crop: float = 0.875, **options: Any) -> Augment:
    return Augment(AugmentOptions(**options), size_px, 64, crop)


@pytest.mark.parametrize("preset", AUGMENTATIONS.names())
@pytest.mark.parametrize("size_px", [56, 32, 80])
@pytest.mark.parametrize("crop", [0.875, 0.6, 1.0])
def test_shape_type_and_repeatability(stored: list[np.ndarray], preset: str, size_px: int, crop: float) -> None:
    before = [s.copy() for s in stored]
    first = made(size_px, crop, preset=preset)(stored, seed=5)
    again = made(size_px, crop, preset=preset)(stored, seed=5)
    assert first.shape == (6, size_px, size_px, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert all(np.array_equal(a, b) for a, b in zip(before, stored, strict=True)), "the pack's pixels were written to"


@pytest.mark.parametrize("preset", [n for n in AUGMENTATIONS.names() if n != "none"])
def test_seeds_and_photos_differ(stored: list[np.ndarray], preset: str) -> None:
    augment = made(preset=preset)
    assert not np.array_equal(augment(stored, 1), augment(stored, 2))
    same = augment([stored[0]] * 6, 3)
    assert not all(np.array_equal(same[0], other) for other in same[1:])


@pytest.mark.parametrize("preset", AUGMENTATIONS.names())
def test_it_stays_the_same_photo(stored: list[np.ndarray], preset: str) -> None:
    out = made(preset=preset)(stored * 8, 0).astype(float)
    assert abs(out.mean() - np.stack(stored).mean()) < 25


def test_none_is_the_view_of_evaluation(stored: list[np.ndarray]) -> None:
    ours = made(preset="none")(stored, 0)
    assert np.array_equal(ours, fixed_view(np.stack(stored), 56, 0.875))


@pytest.mark.parametrize("preset", ["no-flip", "document"])
def test_no_preset_flips_that_says_so(stored: list[np.ndarray], preset: str) -> None:
    out = made(preset=preset)(stored * 20, 0).astype(float)
    reds = out[..., 0].mean(axis=1)
    assert (reds[:, -8:].mean(axis=1) > reds[:, :8].mean(axis=1)).all()


def test_any_way_up_shows_all_eight_ways(stored: list[np.ndarray]) -> None:
    """Red grows to the right and green downwards: where they grow now tells how the square lies."""
    out = made(preset="any-way-up")([stored[0]] * 80, 0).astype(float)
    ways = set()
    for photo in out:
        slopes = [(np.diff(c, axis=1).mean(), np.diff(c, axis=0).mean()) for c in (photo[..., 0], photo[..., 1])]
        ways.add(tuple((int(np.argmax(np.abs(slope))), bool(max(slope, key=abs) > 0)) for slope in slopes))
    assert len(ways) == 8


@pytest.mark.parametrize("preset", AUGMENTATIONS.names())
@pytest.mark.parametrize("strength", [0.05, 2.0])
def test_the_weakest_and_the_strongest_work(stored: list[np.ndarray], preset: str, strength: float) -> None:
    assert made(preset=preset, strength=strength)(stored * 20, 0).dtype == np.uint8


@pytest.mark.parametrize("preset", [n for n in AUGMENTATIONS.names() if n not in ("none", "any-way-up", "trivial")])
def test_strength_is_how_far_it_goes(stored: list[np.ndarray], preset: str) -> None:
    plain = fixed_view(np.stack(stored * 10), 56, 0.875).astype(float)
    weak, strong = (made(preset=preset, strength=s)(stored * 10, 0) for s in (0.1, 1.5))
    # the mirror image is as far off at any strength: whichever of both is nearer counts
    distance = [
        np.minimum(abs(out - plain).mean(axis=(1, 2, 3)), abs(out[:, :, ::-1] - plain).mean(axis=(1, 2, 3))).mean()
        for out in (weak.astype(float), strong.astype(float))
    ]
    assert distance[0] < distance[1]


def test_erasing_hides_a_part_of_that_share_of_the_photos(stored: list[np.ndarray]) -> None:
    plain = made(preset="none")(stored * 40, 0).astype(int)
    erased = (made(preset="none", erasing=0.25)(stored * 40, 0).astype(int) != plain).any(axis=3)
    hit = erased.any(axis=(1, 2))
    assert 0.15 < hit.mean() < 0.35
    assert 0.01 < erased[hit].mean() < 0.4


def test_a_pipeline_by_names_comes_in_place_of_the_preset(stored: list[np.ndarray]) -> None:
    """`none` keeps evaluation's view, so what is left is the inverse of each photo."""
    out = made(preset="none", pipeline=[{"name": "InvertImg", "p": 1.0}])(stored, 0)
    assert np.array_equal(out, 255 - fixed_view(np.stack(stored), 56, 0.875))
    assert made(pipeline=[{"name": "InvertImg"}]).names == ["RandomResizedCrop", "InvertImg"]  # without light's own


def test_a_list_is_a_range(stored: list[np.ndarray]) -> None:
    entry = {"name": "Rotate", "limit": [180, 180], "p": 1.0}
    out = made(preset="none", pipeline=[entry])(stored, 0).astype(int)
    assert abs(out - fixed_view(np.stack(stored), 56, 0.875)[:, ::-1, ::-1]).mean() < 12


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"name": "GausianBlur"}, 'There is no transform "GausianBlur" in albumentations. Did you mean "GaussianBlur"?'),
        ({"name": "Compose"}, 'There is no transform "Compose"'),
        ({"name": "os"}, 'There is no transform "os"'),
        ({"name": "__builtins__"}, 'There is no transform "__builtins__"'),
        ({"name": "Rotate", "limt": 10}, 'Rotate has no argument "limt". Did you mean "limit"?'),
        ({"name": "Rotate", "limit": "far"}, "Rotate cannot be made with limit = far"),
        ({"name": "Rotate", "p": 3}, "Rotate cannot be made with p = 3"),
        ({"name": "CenterCrop", "height": 9, "width": 9}, "CenterCrop changes the size of the photo"),
        ({"name": "RandomScale"}, "RandomScale changes the size of the photo"),
        ({"name": "Normalize"}, "Normalize gives float32 instead of bytes"),
        ({"name": "HistogramMatching"}, "HistogramMatching needs hm_metadata beside the photo"),
        ({"name": "RandomCrop"}, "RandomCrop cannot be made with no arguments (height: Field required)"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_in_a_sentence(entry: dict[str, Any], said: str) -> None:
    options = AugmentOptions(pipeline=[{"name": "HorizontalFlip"}, entry])
    with pytest.raises(ConfigError) as error:
        check_augmentation(options, 56)
    assert f"augment.pipeline, entry 2: {said}" in str(error.value)
    assert "\n" not in str(error.value)


def test_every_mistake_of_a_pipeline_is_named() -> None:
    with pytest.raises(ConfigError) as error:
        check_augmentation(AugmentOptions(pipeline=[{"name": "Rotat"}, {"name": "Blur"}, {"name": "Blurr"}]), 56)
    assert [mistake.split(":")[0][-7:] for mistake in error.value.mistakes] == ["entry 1", "entry 3"]


@pytest.mark.parametrize("name", KNOWN)
def test_every_name_works_or_is_told(name: str) -> None:
    """Whatever albumentations has: a pipeline, or one sentence."""
    try:
        check_augmentation(AugmentOptions(pipeline=[{"name": name}]), 32)
    except ConfigError as error:
        assert str(error).startswith(f"augment.pipeline, entry 1: {name} ")


def test_the_ways_it_turns_a_photo_are_known() -> None:
    assert made(preset="light").turns == {"left-right flip"}
    assert made(preset="no-flip").turns == made(preset="document").turns == set()
    assert len(made(preset="any-way-up").turns) == 4
    assert made(pipeline=[{"name": "RandomRotate90"}]).turns == {"quarter turn", "half turn"}


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


def test_what_is_listed_is_not_refused_and_is_told_whole() -> None:
    lines = usable()
    assert {"Rotate", "GaussianBlur"} <= set(lines) < set(KNOWN)
    assert not {"BBoxSafeRandomCrop", "Normalize", "ToFloat", "HistogramMatching"} & set(lines)
    assert all(line.endswith(".") for line in lines.values()), [
        n for n, line in lines.items() if not line.endswith(".")
    ]
