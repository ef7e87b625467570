"""Drawings among photos: found by hard steps and by what redrawing does to what is seen of a photo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photobench.audit import outliers
from photobench.audit.drawings import hard_steps, redrawn
from photobench.audit.evidence import Evidence, View
from tests.audit.drawn import comic, evidence_of, save, scene


def changes(squares: np.ndarray) -> np.ndarray:
    """How often neighbouring pixels differ by how much: what a backbone could tell drawings by, (M, 16)."""
    steps = [np.abs(np.diff(square.astype(int), axis=1)).max(axis=2).ravel() for square in squares]
    return np.array([np.bincount(one // 16, minlength=16) / len(one) for one in steps], np.float32)


def seen(evidence: Evidence, ask=changes) -> Evidence:
    view = View(changes(evidence.pixels), np.ones(len(evidence.pixels), bool), ask)
    return replace(evidence, views=(view,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed in range(40):
        save(tmp_path / ("cat" if seed % 2 else "dog") / f"{seed:02}.jpg", scene(seed))
    return tmp_path


def told(evidence: Evidence) -> list[str]:
    return [finding.path for finding in outliers.look(evidence) if finding.kind == "drawing"]


def test_a_drawing_among_photos_is_told_and_only_that(folder: Path) -> None:
    assert told(seen(evidence_of(folder))) == []
    save(folder / "dog" / "comic.jpg", comic(0), quality=75)
    evidence = seen(evidence_of(folder))
    assert told(evidence) == ["dog/comic.jpg"]
    (finding,) = (one for one in outliers.look(evidence) if one.kind == "drawing")
    assert "hard steps between flat areas" in finding.evidence and finding.fix == "look" and finding.score > 0.5


def test_where_all_are_drawn_none_is_told(tmp_path: Path) -> None:
    for seed in range(36):
        save(tmp_path / "drawn" / f"{seed:02}.png", comic(seed))
    assert told(seen(evidence_of(tmp_path))) == []


def test_nothing_is_said_where_the_backbone_is_not_at_hand(folder: Path) -> None:
    save(folder / "dog" / "comic.jpg", comic(0))
    assert told(seen(evidence_of(folder), ask=None)) == []


def test_steps_are_hard_in_drawings() -> None:
    assert hard_steps(scene(0)) < 0.3
    assert hard_steps(comic(0)) > 0.7
    assert hard_steps(np.full((64, 64, 3), 90, np.uint8)) == 0


def test_redrawn_is_the_same_in_few_colours() -> None:
    photo = scene(3)
    before = photo.copy()
    first, second = (redrawn(photo, np.random.default_rng(0)) for _ in range(2))
    assert (first == second).all() and (photo == before).all()
    assert first.shape == photo.shape and len(np.unique(first.reshape(-1, 3), axis=0)) < 60
    assert len(np.unique(photo.reshape(-1, 3), axis=0)) > 1000
    assert np.abs(first.mean(axis=(0, 1)) - photo.mean(axis=(0, 1))).max() < 40
