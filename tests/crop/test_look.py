"""Photos looked at: how large, how turned, and what becomes of a detector that fails."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from photobench.crop.choose import Look
from photobench.crop.detectors import build_detector
from photobench.crop.look import BATCH, Looker, look_at_all
from photobench.crop.options import CropOptions
from photobench.errors import DetectorError
from tests.crop.blocks import DETECTOR, Corners, draw_block, draw_grey, looked_at, write_detector


@pytest.fixture
def looker(tmp_path: Path) -> Looker:
    return looker_of(tmp_path)


def looker_of(folder: Path, code: str = DETECTOR, max_side_px: int = 256) -> Looker:
    method = write_detector(folder, code)
    return Looker(build_detector(CropOptions(method=method), folder), max_side_px)


def box_of(look: Look) -> Corners:
    (box,) = look.found.boxes_F4.tolist()
    return tuple(box)


def test_a_small_photo_is_looked_at_as_it_is(looker: Looker, tmp_path: Path) -> None:
    (look,) = looker.look([draw_block(tmp_path / "a.png", (20, 30, 70, 60))])
    assert looked_at(tmp_path) == [(120, 80)]
    assert (look.width, look.height, look.trouble) == (120, 80, "")
    assert box_of(look) == (20, 30, 70, 60)


@pytest.mark.parametrize("ending", ["png", "jpg"])
@pytest.mark.parametrize("size", [(1000, 700), (700, 1000), (3000, 50), (257, 1000)])
def test_a_large_photo_is_looked_at_reduced_and_its_box_is_of_the_full_one(
    looker: Looker, tmp_path: Path, size: tuple[int, int], ending: str
) -> None:
    block = (round(0.25 * size[0]), 10, round(0.75 * size[0]), size[1] - 10)
    (look,) = looker.look([draw_block(tmp_path / f"a.{ending}", block, size)])
    (seen,) = looked_at(tmp_path)
    assert max(seen) == 256
    assert (look.width, look.height) == size
    assert np.abs(np.array(box_of(look)) - block).max() <= max(size) / 256 + 1
    assert all(value == round(value) for value in box_of(look))


@pytest.mark.parametrize("size", [(120, 80), (1200, 800)])
@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_a_turned_photo_is_looked_at_upright(
    looker: Looker, tmp_path: Path, size: tuple[int, int], ending: str
) -> None:
    block = (size[0] // 4, size[1] // 8, size[0] // 2, size[1] // 4)
    (look,) = looker.look([draw_block(tmp_path / f"a.{ending}", block, size, orientation=6)])
    (seen,) = looked_at(tmp_path)
    assert seen[0] > seen[1]
    assert (look.width, look.height) == size
    assert np.abs(np.array(box_of(look)) - block).max() <= max(size) / 256 + 2


def test_photos_of_one_size_are_looked_at_together(tmp_path: Path) -> None:
    code = DETECTOR.replace("def find(images):", "def find(images):\n    assert len({i.shape for i in images}) == 1")
    looker = looker_of(tmp_path, code.replace("{image.shape[1]} {image.shape[0]}", "{len(images)} 0"))
    sizes = [(120, 80), (90, 80), (120, 80), (120, 80), (90, 80)]
    blocks = [(number, 3, number + 20, 30) for number in range(5)]
    paths = [draw_block(tmp_path / f"{n}.png", blocks[n], size, n) for n, size in enumerate(sizes)]
    assert [box_of(look) for look in looker.look(paths)] == blocks
    assert sorted(count for count, _ in looked_at(tmp_path)) == [2, 2, 3, 3, 3]


def test_large_photos_are_not_looked_at_all_at_once(tmp_path: Path) -> None:
    """What a detector makes of them takes many times their memory."""
    code = DETECTOR.replace("{image.shape[1]} {image.shape[0]}", "{sum(i.shape[0] * i.shape[1] for i in images)} 0")
    looker = looker_of(tmp_path, code, 1024)
    paths = [draw_block(tmp_path / f"{n}.png", (9, 9, 99, 99), (1000, 1000), n) for n in range(5)]
    assert [box_of(look) for look in looker.look(paths)] == [(9, 9, 99, 99)] * 5
    assert max(pixels for pixels, _ in looked_at(tmp_path)) <= 2_100_000


def test_a_photo_that_cannot_be_read_is_a_look_with_its_trouble(looker: Looker, tmp_path: Path) -> None:
    (tmp_path / "page.png").write_text("<html>404</html>")
    good = draw_block(tmp_path / "a.png", (20, 30, 70, 60))
    looks = looker.look([tmp_path / "page.png", good, tmp_path / "gone.png"])
    assert [bool(look.trouble) for look in looks] == [True, False, True]
    assert "not an image" in looks[0].trouble
    assert not any(look.failed for look in looks)
    assert box_of(looks[1]) == (20, 30, 70, 60)


def test_a_detector_that_raises_costs_the_photo_at_which_it_does(looker: Looker, tmp_path: Path) -> None:
    """The others of its batch, which it was shown together with it, keep their boxes."""
    paths = [draw_block(tmp_path / f"{n}.png", (20, 30, 70, 60), seed=n) for n in range(3)]
    looks = looker.look([paths[0], draw_grey(tmp_path / "grey.png"), *paths[1:]])
    assert [look.failed for look in looks] == [False, True, False, False]
    assert re.fullmatch(r"RuntimeError: I do not like grey \(own\.py, line \d+\)", looks[1].trouble)
    assert (looks[1].width, looks[1].height, len(looks[1].found)) == (120, 80, 0)
    assert [box_of(look) for look in looks if not look.failed] == [(20, 30, 70, 60)] * 3


def test_nonsense_stops_the_work(tmp_path: Path) -> None:
    looker = looker_of(tmp_path, "def find(images): return images")
    with pytest.raises(DetectorError, match=r"boxes of shape \(80, 120, 3\): expected \(F, 4\)"):
        looker.look([draw_block(tmp_path / "a.png", None)])


@pytest.mark.parametrize("at_once", [1, 4], ids=["threads", "processes"])
def test_each_of_many_photos_gets_its_own_look(at_once: int, looker: Looker, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(type(looker.detector), "at_once", at_once)
    blocks = [(number, 3, number + 20, 30) for number in range(2 * BATCH + 3)]
    paths = [draw_block(tmp_path / f"{n}.png", block, seed=n) for n, block in enumerate(blocks)]
    found = {
        n: look for numbers, looks in look_at_all(looker, paths, 4) for n, look in zip(numbers, looks, strict=True)
    }
    assert [box_of(found[number]) for number in range(len(paths))] == blocks


def test_a_process_that_is_killed_is_said(looker: Looker, tmp_path: Path, monkeypatch) -> None:
    """As the kernel does where memory runs out."""
    looker = looker_of(tmp_path, "import os, signal\ndef find(images): os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setattr(type(looker.detector), "at_once", 2)
    paths = [draw_block(tmp_path / f"{n}.png", None, seed=n) for n in range(4)]
    with pytest.raises(DetectorError, match=r"ended from outside .* memory was used up"):
        list(look_at_all(looker, paths, 2))


def test_an_own_detector_is_called_by_one_thread_at_a_time(tmp_path: Path) -> None:
    """It need not be written for several."""
    code = """
import threading, time
inside = threading.Lock()
def find(images):
    assert inside.acquire(blocking=False), "called twice at once"
    time.sleep(0.005)
    inside.release()
    return [[] for _ in images]
"""
    paths = [draw_block(tmp_path / f"{n}.png", None, seed=n) for n in range(4 * BATCH)]
    looks = [look for _, batch in look_at_all(looker_of(tmp_path, code), paths, 4) for look in batch]
    assert [look.trouble for look in looks] == [""] * len(paths)
