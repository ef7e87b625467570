"""What every detector must keep, the user's own among them. A new one joins by an entry in SAMPLES."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from photobench.crop.detectors import DETECTORS, build_detector
from photobench.crop.found import Detector, Found
from photobench.crop.look import Looker
from photobench.crop.options import CropOptions
from tests.conftest import SHARED_DATA, draw_face, needs_shared
from tests.crop.blocks import DETECTOR, write_detector

YUNET = "weights/yunet_s_dynamic.onnx"
OWN = "of the user's own"


def skin(folder: Path) -> str:
    """A detector of the user's own that finds the bright part of a portrait, with scores and two landmarks."""
    code = DETECTOR.replace("return [block(image) for image in images]", "return [portrait(image) for image in images]")
    extra = """
def portrait(image):
    boxes = block(image)
    return boxes, [0.9] * len(boxes), [[[x1, y1], [x2, y1]] for x1, y1, x2, y2 in boxes]
"""
    return write_detector(folder, code + extra)


SAMPLES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "none": lambda root: {"method": "none"},
    "center": lambda root: {"method": "center", "fraction": 0.5},
    "box": lambda root: {"method": "box", "box_columns": ("x1", "y1", "x2", "y2")},
    "face": lambda root: {"method": "face"},
    "yunet": lambda root: {"method": "yunet", "detector_weights": str(SHARED_DATA / YUNET)},
    OWN: lambda root: {"method": skin(root)},
}
"""Options of each, in a folder of its own."""

MATTERS: dict[str, list[dict[str, Any]]] = {
    "center": [{"fraction": 0.6}],
    "face": [{"min_face_px": 40}, {"several": "central"}],
    "yunet": [{"min_score": 0.3}],
}
"""Options with which a detector would answer otherwise."""
NO_MATTER = [{"margin": 0.5}, {"aspect": 0.0}, {"align": True}, {"nothing": "whole"}, {"min_side_px": 5}]
"""Options of the cut: what was found before still holds."""

MARKS = {"yunet": needs_shared(YUNET)}
PARAMS = [pytest.param(name, marks=MARKS.get(name, ())) for name in [*DETECTORS.names(), OWN]]


@pytest.fixture(params=PARAMS)
def name(request: pytest.FixtureRequest) -> str:
    if request.param == "face":
        pytest.importorskip("facenet_pytorch", reason="needs photobench[face]")
    return request.param


def build(name: str, root: Path, **changes: Any) -> Detector:
    assert name in SAMPLES, "a detector without a sample here"
    return build_detector(CropOptions(**{**SAMPLES[name](root), **changes}), root)


@pytest.fixture
def detector(name: str, tmp_path: Path) -> Detector:
    return build(name, tmp_path)


PORTRAITS = [draw_face(seed) for seed in range(5)]
ODD = [np.full((*size, 3), value, np.uint8) for size in [(1, 1), (3, 5), (400, 3), (64, 64)] for value in (0, 128, 255)]


def of(found: Found) -> list[np.ndarray]:
    return [found.boxes_F4, found.scores_F, found.landmarks_FP2]


def assert_same(ours: Found, others: Found) -> None:
    """To a hundredth of a pixel: what is kept is rounded to whole ones (Found.in_full_photo)."""
    assert len(ours) == len(others)
    for one, other in zip(of(ours), of(others), strict=True) if len(ours) else ():
        assert one.shape == other.shape
        assert np.allclose(one, other, atol=0.01)


def assert_keeps_its_shapes(found: Found) -> None:
    num, points = len(found), found.landmarks_FP2.shape[1]
    assert [part.shape for part in of(found)] == [(num, 4), (num,), (num, points, 2)]
    for part in of(found):
        assert np.issubdtype(part.dtype, np.floating)
        assert np.isfinite(part).all()
    assert ((found.scores_F >= 0) & (found.scores_F <= 1)).all()
    assert (found.boxes_F4[:, 2:] > found.boxes_F4[:, :2]).all()


def test_one_answer_per_image_of_the_promised_shapes(detector: Detector) -> None:
    found = detector.detect(PORTRAITS)
    assert len(found) == len(PORTRAITS)
    for one in found:
        assert_keeps_its_shapes(one)


def test_something_is_found_where_something_is_to_be_found(name: str, detector: Detector) -> None:
    assert all(len(found) == (0 if name == "box" else 1) for found in detector.detect(PORTRAITS))


def test_boxes_are_in_pixels_of_the_image(detector: Detector) -> None:
    """In an image of twice the size everything lies at twice the place; and it lies inside."""
    for image in PORTRAITS[:3]:
        twice = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        (small,), (large,) = detector.detect([image]), detector.detect([twice])
        assert len(small) == len(large)
        assert np.allclose(large.boxes_F4, 2 * small.boxes_F4, atol=0.12 * image.shape[1])
        assert np.allclose(large.landmarks_FP2, 2 * small.landmarks_FP2, atol=0.12 * image.shape[1])
        assert (small.boxes_F4 >= -1).all()
        assert (small.boxes_F4 <= np.tile(image.shape[1::-1], 2) + 1).all()


def test_landmarks_begin_with_the_eyes_inside_the_box(detector: Detector) -> None:
    for found in detector.detect(PORTRAITS):
        for box_4, points_P2 in zip(found.boxes_F4, found.landmarks_FP2, strict=True):
            eyes_22 = points_P2[:2]
            assert (eyes_22 >= box_4[:2] - 1).all()
            assert (eyes_22 <= box_4[2:] + 1).all()


def test_the_images_are_not_written_into(detector: Detector) -> None:
    images = [image.copy() for image in PORTRAITS]
    detector.detect(images)
    assert all(np.array_equal(image, before) for image, before in zip(images, PORTRAITS, strict=True))


def test_an_image_gets_the_same_answer_alone_and_in_a_batch(detector: Detector) -> None:
    together = detector.detect([*PORTRAITS, *PORTRAITS[::-1]])
    for number, image in enumerate(PORTRAITS):
        (alone,) = detector.detect([image])
        assert_same(alone, together[number])
        assert_same(alone, together[-1 - number])


def test_images_of_different_sizes_go_together_where_that_is_promised(detector: Detector) -> None:
    images = [PORTRAITS[0], draw_face(1, (97, 131)), *ODD, draw_face(2, (300, 400))]
    together = detector.detect(images) if detector.mixes_sizes else [detector.detect([image])[0] for image in images]
    for image, found in zip(images, together, strict=True):
        assert_same(detector.detect([image])[0], found)


@pytest.mark.parametrize("image", ODD, ids=lambda image: f"{image.shape[1]}x{image.shape[0]} of {image[0, 0, 0]}")
def test_blank_and_tiny_images_are_answered(detector: Detector, image: np.ndarray) -> None:
    (found,) = detector.detect([image])
    assert_keeps_its_shapes(found)


def test_as_many_threads_as_it_allows_get_the_same_answers(detector: Detector) -> None:
    looker = Looker(detector, 1024)
    alone = detector.detect(PORTRAITS)
    with detector.working(), ThreadPoolExecutor(4, initializer=detector.begin_thread) as pool:
        for answers in pool.map(lambda _: looker._answers(PORTRAITS), range(8)):
            for one, other in zip(answers, alone, strict=True):
                assert isinstance(one, Found)
                assert_same(one, other)


def test_the_fingerprint_stays_while_the_answers_do(name: str, tmp_path: Path) -> None:
    fingerprint = build(name, tmp_path).fingerprint
    assert fingerprint
    for changes in NO_MATTER:
        assert build(name, tmp_path, **changes).fingerprint == fingerprint, changes


def test_the_fingerprint_changes_with_what_matters(name: str, tmp_path: Path) -> None:
    prints = [build(name, tmp_path, **changes).fingerprint for changes in [{}, *MATTERS.get(name, [])]]
    assert len(set(prints)) == len(prints)


def test_every_detector_has_its_own_fingerprint(tmp_path: Path) -> None:
    names = [name for name in SAMPLES if name != "yunet" or (SHARED_DATA / YUNET).exists()]
    assert len({build(name, tmp_path).fingerprint for name in names}) == len(names)


def test_the_rounding_that_is_kept_hides_the_last_digits() -> None:
    """Networks differ in them from batch to batch, and the cut must not."""
    one = Found(np.array([[10.2, 20.3, 50.1, 60.4]]), np.array([0.91234]), np.array([[[12.31, 30.02]]]))
    other = Found(one.boxes_F4 + 1e-4, one.scores_F + 1e-6, one.landmarks_FP2 - 1e-4)
    kept = [found.in_full_photo(2.0, 3.0) for found in (one, other)]
    assert kept[0].boxes_F4.tolist() == kept[1].boxes_F4.tolist() == [[20, 61, 100, 181]]
    assert kept[0].scores_F.tolist() == kept[1].scores_F.tolist() == [0.9123]
    assert kept[0].landmarks_FP2.tolist() == kept[1].landmarks_FP2.tolist() == [[[24.6, 90.1]]]
