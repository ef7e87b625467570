"""MTCNN, held beside facenet-pytorch's own cascade."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("facenet_pytorch", reason="needs photobench[face]")

import torch
from facenet_pytorch import MTCNN
from facenet_pytorch.models.mtcnn import PNet

from photobench.crop.face import LARGE_PIXELS, Face, _as_input, scales
from photobench.crop.found import Found
from photobench.crop.pyramid import Averages, Tile, lay_out, paint
from tests.conftest import draw_face


@pytest.fixture(scope="module")
def thorough() -> Face:
    return Face(20, thorough=True)


@pytest.fixture(scope="module")
def quick() -> Face:
    return Face(20, thorough=False)


def meadow(size: tuple[int, int], *places: tuple[int, int, int], face_size: tuple[int, int] = (72, 96)) -> np.ndarray:
    """Portraits (seed, left, top) on a plain ground: a photo of several people. `size` is (width, height)."""
    photo = np.full((size[1], size[0], 3), (70, 120, 60), np.uint8)
    for seed, left, top in places:
        photo[top : top + face_size[1], left : left + face_size[0]] = draw_face(seed, face_size)
    return photo


def mixed() -> list[np.ndarray]:
    """Photos of different sizes, odd sides among them; with one face, with several, with none."""
    portraits = [draw_face(seed, size) for seed, size in enumerate([(144, 192), (96, 128), (201, 267), (60, 80)])]
    several = meadow((301, 205), (5, 10, 20), (6, 120, 60), (7, 215, 103))
    return [*portraits, several, meadow((120, 90))]


def as_found(answer: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Found:
    boxes, scores, landmarks = answer
    if boxes is None:
        return Found()
    return Found(*(np.asarray(part, dtype=np.float64) for part in (boxes, scores, landmarks)))


def from_left(found: Found) -> Found:
    order = np.argsort(found.boxes_F4[:, 0])
    return Found(found.boxes_F4[order], found.scores_F[order], found.landmarks_FP2[order])


def iou(one_4: np.ndarray, other_4: np.ndarray) -> float:
    shared = np.minimum(one_4[2:], other_4[2:]) - np.maximum(one_4[:2], other_4[:2])
    inside = np.maximum(shared, 0).prod()
    return float(inside / ((one_4[2:] - one_4[:2]).prod() + (other_4[2:] - other_4[:2]).prod() - inside))


def test_a_mixed_batch_equals_facenet_pytorch(thorough: Face) -> None:
    """Boxes, scores and landmarks, photo by photo, though ours looks at all of them at once."""
    theirs = MTCNN(keep_all=True, min_face_size=20, device="cpu")
    found = thorough.detect(mixed())
    assert [len(one) for one in found] == [1, 1, 1, 1, 3, 0]
    for photo, ours in zip(mixed()[:-1], found, strict=False):
        expected, ours = from_left(as_found(theirs.detect(photo, landmarks=True))), from_left(ours)
        assert len(ours) == len(expected)
        assert np.allclose(ours.boxes_F4, expected.boxes_F4, atol=0.05)
        assert np.allclose(ours.scores_F, expected.scores_F, atol=1e-4)
        assert np.allclose(ours.landmarks_FP2, expected.landmarks_FP2, atol=0.05)


@torch.inference_mode()
def test_p_net_answers_for_a_tile_on_a_canvas_as_for_the_tile_alone(thorough: Face) -> None:
    """Of odd sides and even ones: pooling ends at the edge of each, and nothing comes over from its neighbours."""
    averages = [Averages(draw_face(seed, (90 + seed, 120 + seed % 3))) for seed in range(6)]
    sizes = [(60, 45), (61, 45), (60, 46), (61, 46), (13, 13), (24, 17)]
    tiles = [Tile(number, 1.0, height, width) for number, (height, width) in enumerate(sizes)]
    (canvas,) = lay_out(tiles)
    shifts_14YX, probs_12YX = thorough._p_net(_as_input(paint(canvas, averages)[None]), canvas)
    for tile in canvas:
        alone = np.zeros((tile.height, tile.width, 3), np.float32)
        averages[tile.image].reduced(tile.height, tile.width, alone)
        shifts_14yx, probs_12yx = PNet().eval()(_as_input(alone[None]))
        height, width = probs_12yx.shape[2:]
        there = np.s_[:, :, tile.top // 2 : tile.top // 2 + height, tile.left // 2 : tile.left // 2 + width]
        assert torch.allclose(probs_12YX[there], probs_12yx, atol=1e-4)
        assert torch.allclose(shifts_14YX[there], shifts_14yx, atol=1e-4)


def test_landmarks_are_the_eyes_first_and_the_left_one_before(thorough: Face) -> None:
    (found,) = thorough.detect([draw_face(3)])
    left_eye, right_eye, nose, left_mouth, right_mouth = found.landmarks_FP2[0]
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


def test_the_surest_comes_first(thorough: Face) -> None:
    found = thorough.detect(mixed())[4]
    assert found.scores_F.tolist() == sorted(found.scores_F.tolist(), reverse=True)


@pytest.mark.parametrize("seed", range(4))
def test_portraits_are_found_without_thorough(quick: Face, thorough: Face, seed: int) -> None:
    photo = draw_face(seed, (384, 512))
    assert photo.shape[0] * photo.shape[1] >= LARGE_PIXELS
    (fast,), (slow,) = quick.detect([photo]), thorough.detect([photo])
    largest = slow.boxes_F4[(slow.boxes_F4[:, 2:] - slow.boxes_F4[:, :2]).prod(axis=1).argmax()]
    assert max(iou(box, largest) for box in fast.boxes_F4) > 0.8


def test_without_thorough_small_faces_are_passed_over_only_in_portraits(quick: Face, thorough: Face) -> None:
    portrait = draw_face(1, (384, 512))
    portrait[-60:, :45] = draw_face(2, (45, 60))
    crowd = meadow((480, 400), (5, 30, 40), (6, 200, 250), (7, 380, 100))
    assert [len(found) for found in quick.detect([portrait, crowd])] == [1, 3]
    assert [len(found) for found in thorough.detect([portrait, crowd])] == [2, 3]


def test_smaller_faces_than_asked_for_are_not_looked_for() -> None:
    photo = meadow((301, 205), (5, 10, 20))
    assert len(Face(20, thorough=True).detect([photo])[0]) == 1
    assert len(Face(100, thorough=True).detect([photo])[0]) == 0


def test_a_photo_smaller_than_a_face_has_no_sizes_to_look_at() -> None:
    assert scales(11, 300, 12) == []
    assert scales(19, 300, 20) == []
    assert len(scales(300, 300, 20)) > 5
