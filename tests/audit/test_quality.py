from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from photobench.audit import quality
from photobench.audit.quality import MEASURES
from tests.audit.drawn import evidence_of, save, scene


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed in range(16):
        save(tmp_path / ("cat" if seed % 2 else "dog") / f"{seed:02}.jpg", scene(seed))
    return tmp_path


ODD = {
    "dark": (scene(50) // 16, {"dark"}),
    "bright": (255 - scene(50) // 16, {"bright"}),
    "blurred": (cv2.GaussianBlur(scene(50), (0, 0), 8), {"blurred"}),
    "empty": (np.full((128, 128, 3), 120, np.uint8), {"low information"}),
    "tiny": (scene(50, 12), {"small"}),
    "huge": (scene(50, 1600), {"large"}),
    "wide": (np.ascontiguousarray(cv2.resize(scene(50), (600, 100))), {"odd aspect"}),
    "blue": ((scene(50) * 0.3 + np.array([0, 0, 175])).astype(np.uint8), {"odd colour"}),
}


def test_usual_photos_are_not_odd(folder: Path) -> None:
    assert quality.look(evidence_of(folder)) == []


def test_a_deep_red_photo_is_not_dark_but_may_be_of_an_odd_colour(folder: Path) -> None:
    """In grey its lightest parts have 76 of 255, as few as those of a photo at night."""
    red = np.zeros((128, 128, 3), np.uint8)
    red[..., 0] = np.clip(scene(50)[..., 0].astype(int) * 1.6 - 60, 0, 255)
    save(folder / "dog" / "rose.png", red)
    assert {finding.kind for finding in quality.look(evidence_of(folder))} <= {"odd colour"}
    save(folder / "dog" / "rose.png", red // 8)
    assert "dark" in {finding.kind for finding in quality.look(evidence_of(folder))}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_photo_is_told_and_only_that_one(folder: Path, name: str) -> None:
    pixels, kinds = ODD[name]
    save(folder / "dog" / "odd.png", pixels)
    found = quality.look(evidence_of(folder))
    assert {finding.path for finding in found} == {"dog/odd.png"}
    assert kinds <= {finding.kind for finding in found}
    assert all(finding.score >= 0.25 for finding in found)


def test_what_all_photos_are_is_not_odd(tmp_path: Path) -> None:
    """Night photos, and drawings of few lines."""
    for seed in range(12):
        save(tmp_path / "night" / f"{seed}.png", scene(seed) // 5)
    assert quality.look(evidence_of(tmp_path)) == []
    paper = np.full((128, 128, 3), 255, np.uint8)
    for seed in range(12):
        drawing = cv2.circle(paper.copy(), (40 + 4 * seed, 64), 30, (0, 0, 0), 1)
        save(tmp_path / "drawn" / f"{seed}.png", drawing)
    (tmp_path / "night").rename(tmp_path.with_name("elsewhere"))
    assert quality.look(evidence_of(tmp_path)) == []


def test_an_unreadable_photo_is_told_with_its_reason(folder: Path) -> None:
    (folder / "cat" / "broken.jpg").write_bytes(b"<!doctype html>")
    (one,) = quality.look(evidence_of(folder))
    assert (one.path, one.kind, one.score, one.fix) == ("cat/broken.jpg", "unreadable", 1.0, "exclude")
    assert "a web page" in one.evidence


def test_a_grey_photo_among_coloured_ones(folder: Path) -> None:
    for seed in range(20, 34):
        save(folder / "cat" / f"{seed}.jpg", scene(seed))
    save(folder / "dog" / "grey.png", np.repeat(scene(60).mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8))
    assert [finding.kind for finding in quality.look(evidence_of(folder))] == ["without colour"]


def test_a_crop_that_fell_back_is_told(folder: Path) -> None:
    whole = {"box_x1": 0.0, "box_y1": 0.0, "box_x2": 1.0, "box_y2": 1.0, "box_score": 0.99, "box_found": 1}
    evidence = evidence_of(folder)
    frame = evidence.manifest.frame.assign(**whole, box_how="found")
    frame.loc[3, "box_how"] = "median"
    object.__setattr__(evidence, "manifest", evidence.manifest.with_columns(**{c: frame[c] for c in frame}))
    (one,) = quality.look(evidence)
    assert (one.kind, one.path) == ("crop fell back", frame["path"][3])


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.kind)
def test_the_worse_the_higher_the_score(measure) -> None:
    usual = measure.limit - 3 * (measure.worst - measure.limit)
    steps = np.linspace(measure.limit, measure.worst, 6)[1:]
    scores = measure.scores(np.r_[np.full(40, usual), steps])
    assert (scores[:40] == 0).all()
    assert (np.diff(scores[40:]) > 0).all()
    assert scores[-1] == measure.most
