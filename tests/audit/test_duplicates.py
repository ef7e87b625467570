from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from photobench.audit import duplicates
from photobench.audit.copies import find_copies
from photobench.audit.hashes import LEFT_RIGHT, UPSIDE_DOWN, hashes_of, photo_hashes, thumbnails
from photobench.audit.registration import COPY, SIDE_PX, likeness
from tests.audit.drawn import evidence_of, save, scene


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve photos, all different."""
    for seed in range(12):
        save(tmp_path / ("cat" if seed % 2 else "dog") / f"{seed:02}.jpg", scene(seed))
    return tmp_path


def turned(pixels: np.ndarray, degrees: float) -> np.ndarray:
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(pixels, turn, (width, height))


ALTERED = {
    "smaller": lambda p: cv2.resize(p, (60, 60), interpolation=cv2.INTER_AREA),
    "brighter": lambda p: np.clip(p * 0.7 + 70, 0, 255).astype(np.uint8),
    "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
    "noisy": lambda p: np.clip(p + np.random.default_rng(0).normal(0, 12, p.shape), 0, 255).astype(np.uint8),
    "blurred": lambda p: cv2.GaussianBlur(p, (0, 0), 3),
    "turned": lambda p: turned(p, 12),
    "cut": lambda p: np.ascontiguousarray(p[10:-10, 6:-12]),
}


def test_different_photos_are_no_copies(folder: Path) -> None:
    assert duplicates.look(evidence_of(folder)) == []


@pytest.mark.parametrize("kind", ALTERED)
def test_an_altered_copy_is_found(folder: Path, kind: str) -> None:
    """Turned and cut ones are proposed by embeddings alone, the others by hashes too."""
    save(folder / "dog" / "copy.png", ALTERED[kind](scene(4)))
    only = [finding for finding in duplicates.look(evidence_of(folder)) if finding.kind == "near copy"]
    assert [{finding.path, *finding.related} for finding in only] == [{"dog/copy.png", "dog/04.jpg"}]
    assert only[0].fix == "exclude"
    assert only[0].score >= 0.7
    if kind not in ("turned", "cut"):
        assert len(duplicates.look(evidence_of(folder, embeddings=False))) == 1


def test_a_copy_byte_for_byte_keeps_the_photo_that_is_learned_from(folder: Path) -> None:
    shutil.copy(folder / "dog/04.jpg", folder / "dog/a.jpg")
    found = duplicates.look(evidence_of(folder, {"split": {"dog/a.jpg": "valid"}}))
    assert [(f.kind, f.path, f.related, f.score) for f in found] == [("exact copy", "dog/a.jpg", ("dog/04.jpg",), 1.0)]


def test_copies_with_two_labels_are_told_and_the_majority_is_proposed(folder: Path) -> None:
    shutil.copy(folder / "dog/04.jpg", folder / "cat/twin.jpg")
    found = duplicates.look(evidence_of(folder))
    assert {(f.kind, f.path, f.given, f.suggested, f.fix) for f in found} == {
        ("copies with two labels", "cat/twin.jpg", "cat", "", "look"),
        ("copies with two labels", "dog/04.jpg", "dog", "", "look"),
    }
    shutil.copy(folder / "dog/04.jpg", folder / "dog/third.jpg")
    (one,) = duplicates.look(evidence_of(folder))
    assert (one.path, one.suggested, one.fix, one.score) == ("cat/twin.jpg", "dog", "relabel", pytest.approx(5 / 6))
    assert "1 × cat, 2 × dog" in one.evidence


def test_a_cluster_keeps_its_name_when_photos_come(folder: Path) -> None:
    def cluster() -> set[str]:
        return {finding.cluster for finding in duplicates.look(evidence_of(folder)) if "04" in finding.cluster}

    shutil.copy(folder / "dog/04.jpg", folder / "dog/copy.jpg")
    before = cluster()
    save(folder / "cat" / "00_new.jpg", scene(100))
    assert cluster() == before == {"dog/04.jpg"}


def test_photos_to_predict_are_never_proposed_to_be_left_out(folder: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(folder / "dog/04.jpg", folder / f"dog/{name}")
    split = {"dog/a.jpg": "predict", "dog/b.jpg": "predict"}
    assert duplicates.look(evidence_of(folder, {"split": split})) == []


def test_flat_photos_are_no_copies_of_each_other(folder: Path) -> None:
    for grey in (100, 110, 120):
        save(folder / "dog" / f"flat{grey}.png", np.full((64, 64, 3), grey, np.uint8))
    assert duplicates.look(evidence_of(folder)) == []


def test_the_hash_of_a_mirrored_photo_is_the_hash_with_bits_turned() -> None:
    grey = thumbnails(np.stack([scene(seed) for seed in range(20)]))
    plain, mirrored, upside = hashes_of(grey), hashes_of(grey[:, :, ::-1]), hashes_of(grey[:, ::-1])
    assert (np.bitwise_count(plain ^ mirrored ^ np.uint64(LEFT_RIGHT)) <= 1).all()
    assert (np.bitwise_count(plain ^ upside ^ np.uint64(UPSIDE_DOWN)) <= 1).all()
    assert (np.bitwise_count(plain[:-1] ^ plain[1:]) > 12).all()


def test_a_store_is_read_in_pieces_and_flat_photos_are_known(tmp_path: Path) -> None:
    pixels = np.stack([*(scene(seed, 32) for seed in range(5)), np.full((32, 32, 3), 90, np.uint8)])
    hashes, flat = photo_hashes(pixels, np.array([5, 0, 3]))
    assert flat.tolist() == [True, False, False]
    assert hashes[1] == hashes_of(thumbnails(pixels[:1]))[0]


def test_likeness_tells_copies_from_strangers() -> None:
    small = thumbnails(np.stack([scene(1), scene(2), turned(scene(1), -20)]), SIDE_PX)
    assert likeness(small[0], small[2]) > COPY
    assert likeness(small[0], small[1]) < 0.9
    assert likeness(small[0], np.zeros_like(small[0])) <= 0


def test_copies_are_sought_once(folder: Path) -> None:
    evidence = evidence_of(folder)
    assert find_copies(evidence) is find_copies(evidence)
