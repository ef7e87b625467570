"""Photos changed on the device are those that the loader would have made, but for how pixels are interpolated."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from photobench.errors import ConfigError
from photobench.train.loader import TrainingBatches, training_loader
from photobench.vision.augment import AUGMENTATIONS, Augment, Drawing, about_place, check_augmentation
from photobench.vision.augment.place import is_on_device
from photobench.vision.mix import MIXES
from photobench.vision.on_device import augmented, mixed
from photobench.vision.options import AugmentOptions
from photobench.vision.recipe import make_recipe

NUM, STORED_PX = 12, 96
SIZES = [84, 48]
"""Of the view: one that is cut out as it is, and one that is made smaller by area."""

LEVELS = 1.0
"""Mean difference of a photo's pixels, of 255 levels: bilinear weights of cv2 are multiples of 1/32, and its areas exact."""
OF_COLOUR = 2.5
"""And cv2 keeps hues in steps of two degrees."""


def photo(seed: int) -> np.ndarray:
    """Waves, an edge and a little noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:STORED_PX, :STORED_PX]
    waves = [128 + 100 * np.sin(x / 9 + seed), 128 + 100 * np.cos(y / 11), 128 + 90 * np.sin((x + y) / 15)]
    pixels = np.stack(waves, axis=2)
    pixels[20:44, 30:60] = rng.integers(0, 256, 3)
    return np.clip(pixels + rng.normal(0, 4, pixels.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def stored() -> list[np.ndarray]:
    return [photo(seed) for seed in range(NUM)]


def both(stored: list[np.ndarray], size_px: int, seed: int = 3, crop: float = 0.875, **options: Any) -> tuple[Any, Any]:
    """What the loader makes, and what the device makes, (B, size, size, 3) as whole numbers."""
    chosen = AugmentOptions(**options), size_px, STORED_PX, crop
    by_loader, unfinished = Augment(*chosen)(stored, seed), Drawing(*chosen)(stored, seed)
    on_device = augmented(torch.from_numpy(unfinished.images), unfinished.recipes)
    assert on_device.dtype == torch.uint8
    assert on_device.is_contiguous()
    return by_loader.astype(int), on_device.numpy().astype(int)


def distances(by_loader: np.ndarray, on_device: np.ndarray) -> np.ndarray:
    """Of each photo, the mean difference in levels."""
    assert by_loader.shape == on_device.shape
    return np.abs(by_loader - on_device).mean(axis=(1, 2, 3))


def is_noisy(stored: list[np.ndarray], size_px: int, **options: Any) -> np.ndarray:
    """Which photos get noise, which comes from other chance on the device."""
    recipes = Drawing(AugmentOptions(**options), size_px, STORED_PX, 0.875)(stored, 3).recipes
    found = np.zeros(NUM, bool)
    for recipe in recipes:
        at = 0
        for name, num, width in recipe.calls:
            table = recipe.numbers[at : at + num * (1 + width)].view(num, 1 + width)
            at += num * (1 + width)
            found[table[:, 0].long().numpy()] |= name == "noise"
    return found


@pytest.mark.parametrize("preset", AUGMENTATIONS.names())
@pytest.mark.parametrize("size_px", SIZES)
def test_every_preset_draws_and_does_the_same(stored: list[np.ndarray], preset: str, size_px: int) -> None:
    options: dict[str, Any] = {"preset": preset, "erasing": 0.3}
    noisy = is_noisy(stored, size_px, **options)
    found = distances(*both(stored, size_px, **options))
    assert found[~noisy].max() < OF_COLOUR
    assert found[noisy].max(initial=0) < 30


@pytest.mark.parametrize(
    ("entry", "tolerance"),
    [
        ({"name": "HorizontalFlip"}, 0),
        ({"name": "VerticalFlip"}, 0),
        ({"name": "Transpose"}, 0),
        ({"name": "RandomRotate90"}, 0),
        ({"name": "SquareSymmetry"}, 0),
        ({"name": "D4"}, 0),
        ({"name": "Rotate", "limit": 40}, LEVELS),
        ({"name": "Affine", "rotate": [-30, 30], "shear": [-20, 20], "scale": [0.7, 1.4]}, LEVELS),
        ({"name": "Affine", "translate_percent": [-0.4, 0.4]}, LEVELS),
        ({"name": "Perspective", "scale": [0.05, 0.2]}, LEVELS),
        ({"name": "RandomBrightnessContrast", "brightness_limit": 0.4, "contrast_limit": 0.4}, 0.02),
        ({"name": "ColorJitter", "brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0}, 0.1),
        ({"name": "ColorJitter", "hue": 0.1}, OF_COLOUR),
        ({"name": "ToGray"}, 0.02),
        ({"name": "Solarize"}, 0.02),
        ({"name": "Posterize", "num_bits": [2, 5]}, 0.02),
        ({"name": "AutoContrast", "method": "pil"}, 0.5),
        ({"name": "Equalize"}, 0.02),
        ({"name": "GaussianBlur", "blur_limit": [3, 9]}, 0.1),
        ({"name": "Sharpen"}, 0.1),
        ({"name": "ImageCompression", "quality_range": [10, 95]}, 0.8),
        ({"name": "CoarseDropout", "num_holes_range": [1, 3]}, 0),
        ({"name": "CoarseDropout", "fill": [10, 200, 30]}, 0),
        ({"name": "Erasing", "fill": "random_uniform"}, 0),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else None,
)  # fmt: skip
def test_every_transform_does_the_same(stored: list[np.ndarray], entry: dict[str, Any], tolerance: float) -> None:
    """On the view of evaluation, which both cut out alike to the bit."""
    by_loader, on_device = both(stored, SIZES[0], preset="none", pipeline=[{**entry, "p": 1.0}])
    assert distances(by_loader, on_device).max() <= tolerance


def test_noise_is_as_strong_and_of_no_photo_again(stored: list[np.ndarray]) -> None:
    grey = [np.full((STORED_PX, STORED_PX, 3), 128, np.uint8)] * NUM
    noise = {"name": "GaussNoise", "std_range": [0.08, 0.08], "mean_range": [0.05, 0.05], "p": 1.0}
    by_loader, on_device = both(grey, SIZES[0], preset="none", pipeline=[noise])
    assert on_device.std(axis=(1, 2, 3)) == pytest.approx(by_loader.std(axis=(1, 2, 3)), rel=0.04)
    assert on_device.mean() == pytest.approx(by_loader.mean(), abs=0.5)
    flat = on_device.reshape(NUM, -1) - on_device.mean()
    alike = np.corrcoef(np.concatenate([flat, np.roll(flat, 3, axis=1)]))  # of photos, and of neighbours in one
    assert np.abs(alike - np.eye(2 * NUM)).max() < 0.04


def test_what_is_drawn_after_noise_is_the_same(stored: list[np.ndarray]) -> None:
    """The noise itself is not drawn on the host, and takes nothing from the chance of what comes later."""
    noise = {"name": "GaussNoise", "std_range": [0.0, 0.001], "p": 0.5}
    later = [{"name": "CoarseDropout", "p": 0.5}, {"name": "RandomRotate90", "p": 0.5}]
    by_loader, on_device = both(stored, SIZES[0], preset="none", pipeline=[noise, *later])
    assert distances(by_loader, on_device).max() < 0.5


def test_a_photo_hangs_on_its_own_numbers_alone(stored: list[np.ndarray]) -> None:
    options = AugmentOptions(preset="strong", erasing=0.5), SIZES[0], STORED_PX, 0.875
    unfinished = Drawing(*options)(stored, 0)
    others = np.stack([photo(99)] * NUM)
    for kept in range(NUM):
        among = others.copy()
        among[kept] = stored[kept]
        alone = augmented(torch.from_numpy(among), unfinished.recipes)[kept]
        assert torch.equal(alone, augmented(torch.from_numpy(unfinished.images), unfinished.recipes)[kept])


def test_a_large_batch_goes_through_in_pieces(stored: list[np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    options = AugmentOptions(preset="strong"), SIZES[0], STORED_PX, 0.875
    whole = Drawing(*options)(stored, 0)
    monkeypatch.setattr("photobench.vision.augment.drawing.AT_ONCE", 5)
    pieces = Drawing(*options)(stored, 0)
    assert [recipe.num_photos for recipe in pieces.recipes] == [5, 5, 2]
    ours, theirs = (augmented(torch.from_numpy(one.images), one.recipes) for one in (pieces, whole))
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("preset", AUGMENTATIONS.names())
def test_nothing_waits_for_the_device(stored: list[np.ndarray], preset: str) -> None:
    """On tensors that hold no numbers, whatever asks for one fails: `.item()`, a condition, a mask."""
    unfinished = Drawing(AugmentOptions(preset=preset, erasing=0.5), SIZES[1], STORED_PX, 0.875)(stored, 1)
    mixing = MIXES.build("mixup")(np.zeros((NUM, 1), int), SIZES[1], np.random.default_rng(0))
    with FakeTensorMode() as mode:
        recipes = [
            one._replace(views=mode.from_tensor(one.views), numbers=mode.from_tensor(one.numbers))
            for one in unfinished.recipes
        ]
        out = augmented(mode.from_tensor(torch.from_numpy(unfinished.images)), recipes)
        assert mixed(out, mixing, mode.from_tensor(torch.from_numpy(mixing.partner_B))).shape == (
            NUM,
            SIZES[1],
            SIZES[1],
            3,
        )


@pytest.mark.parametrize("name", MIXES.names())
@pytest.mark.parametrize("seed", range(3))
def test_photos_are_mixed_alike(stored: list[np.ndarray], name: str, seed: int) -> None:
    images = np.stack(stored)
    mixing = MIXES.build(name)(np.arange(NUM)[:, None] % 3, STORED_PX, np.random.default_rng(seed))
    on_device = mixed(torch.from_numpy(images), mixing, torch.from_numpy(mixing.partner_B)).numpy()
    assert np.abs(mixing.of(images).astype(int) - on_device).max() <= (1 if name == "mixup" else 0)


def test_few_calls_keep_the_order_of_each_photo() -> None:
    ways = [[("a", (1.0,)), ("b", ())], [("b", ())], [("b", ()), ("a", (2.0,))], []]
    recipe = make_recipe(8, 1, np.zeros((4, 11)), [ways])
    assert len(recipe.calls) == 3
    done: list[list[str]] = [[], [], [], []]
    at = 0
    for name, num, width in recipe.calls:
        for row in recipe.numbers[at : at + num * (1 + width)].view(num, 1 + width):
            done[int(row[0])].append(name)
        at += num * (1 + width)
    assert done == [[name for name, _ in way] for way in ways]


def test_it_draws_the_same_in_a_process_that_is_spawned(stored: list[np.ndarray]) -> None:
    drawing = Drawing(AugmentOptions(preset="strong"), SIZES[0], STORED_PX, 0.875)
    there = pickle.loads(pickle.dumps(drawing))
    (ours,), (theirs,) = drawing(stored, 4).recipes, there(stored, 4).recipes
    assert ours.calls == theirs.calls
    assert torch.equal(ours.numbers, theirs.numbers)
    assert torch.equal(ours.views, theirs.views)


@pytest.mark.parametrize("workers", [0, 1])
def test_batches_of_the_loader_become_the_same(stored: list[np.ndarray], workers: int) -> None:
    """Whatever process draws, and with mixed photos among them."""
    pixels, rows = np.stack(stored), np.arange(NUM)
    finished = []
    for kind in (Augment, Drawing):
        made = kind(AugmentOptions(preset="light"), SIZES[0], STORED_PX, 0.875)
        batches = TrainingBatches(pixels, rows, rows[:, None] % 3, 5, lambda _, made=made: made, 0, mix="cutmix")
        finished.append([b.finished(torch.device("cpu")) for b in training_loader(batches, 1, 0, workers, pin=False)])
    for by_loader, on_device in zip(*finished, strict=True):
        assert by_loader.share == on_device.share < 1
        for one, other in zip(by_loader[1:3] + by_loader[4:5], on_device[1:3] + on_device[4:5], strict=True):
            assert torch.equal(one, other)
        ours, theirs = (batch.images.numpy().astype(int) for batch in (on_device, by_loader))
        assert distances(theirs, ours).max() < LEVELS


@pytest.mark.parametrize(
    ("entry", "is_there"),
    [
        ({"name": "GaussianBlur", "blur_limit": [3, 31]}, True),
        ({"name": "GaussianBlur", "blur_limit": [3, 33]}, False),
        ({"name": "GaussianBlur", "blur_limit": 0, "sigma_limit": [1, 4]}, True),
        ({"name": "GaussianBlur", "blur_limit": 0, "sigma_limit": [1, 9]}, False),
        ({"name": "CoarseDropout", "fill": "random"}, False),
        ({"name": "ImageCompression", "compression_type": "webp"}, False),
        ({"name": "Rotate", "crop_border": False, "interpolation": 2}, False),
        ({"name": "Equalize", "mode": "pil"}, False),
    ],
)
def test_what_a_device_can_do_hangs_on_how_it_is_set(entry: dict[str, Any], is_there: bool) -> None:
    assert is_on_device(AugmentOptions(pipeline=[entry]), 64, "cuda") is is_there


ONLY_BY_LOADER = [{"name": "ISONoise"}, {"name": "HorizontalFlip"}, {"name": "Rotate", "border_mode": 0}]


def test_auto_takes_the_device_only_where_it_is_a_card_that_can_do_all() -> None:
    can, cannot = AugmentOptions(preset="strong"), AugmentOptions(pipeline=ONLY_BY_LOADER)
    assert is_on_device(can, 64, "cuda")
    assert not is_on_device(can, 64, "cpu")
    assert not is_on_device(cannot, 64, "cuda")
    assert not is_on_device(can.model_copy(update={"on": "loader"}), 64, "cuda")
    assert is_on_device(can.model_copy(update={"on": "device"}), 64, "cpu")


def test_who_augments_is_said_where_it_is_a_choice() -> None:
    can, cannot = AugmentOptions(preset="strong"), AugmentOptions(pipeline=ONLY_BY_LOADER)
    assert about_place(can, 64, "cpu") == []
    assert about_place(can, 64, "cuda") == ["photos are augmented on the device, a batch at once (augment.on)"]
    assert about_place(cannot, 64, "cuda") == [
        "photos are augmented by the loader: the device cannot do ISONoise and Rotate of augment.pipeline (augment.on)"
    ]


def test_what_the_device_cannot_do_is_refused() -> None:
    with pytest.raises(ConfigError) as error:
        check_augmentation(AugmentOptions(on="device", pipeline=ONLY_BY_LOADER), 64)
    assert str(error.value) == (
        'augment.on = "device", and only the loader can do ISONoise and Rotate as augment.pipeline has it: set augment.on = "auto", or '
        "leave it out."
    )
