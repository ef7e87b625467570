"""What detectors have found, kept."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest

from photobench.crop.cache import LookCache, Version
from photobench.crop.choose import Look
from photobench.crop.found import Found
from photobench.errors import WorkspaceError

BOXES = np.array([[10.0, 20.0, 110.0, 140.0], [0.0, 0.0, 5.0, 5.0]])
LANDMARKS = np.arange(20, dtype=np.float64).reshape(2, 5, 2) / 10
SEEN = Look(640, 480, Found(BOXES, np.array([0.9123, 0.5]), LANDMARKS))
NOTHING = Look(640, 480, Found())
FAILED = Look(640, 480, Found(), "the detector failed: ValueError: no")
BROKEN = Look(0, 0, Found(), "not an image: begins <html>")
DENIED = Look(0, 0, Found(), "no permission to read it")


def version(name: str, mtime_ns: int = 5) -> Version:
    return f"사진/{name}.jpg", 1234, mtime_ns


def kept(folder: Path, detector: str = "face v1") -> LookCache:
    return LookCache(folder, detector)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    kept(tmp_path).add({version("a"): SEEN, version("b"): NOTHING})
    return tmp_path


def test_a_look_comes_back_as_it_was(folder: Path) -> None:
    look = kept(folder)[version("a")]
    assert (look.width, look.height, look.trouble) == (640, 480, "")
    assert np.array_equal(look.found.boxes_F4, BOXES)
    assert np.array_equal(look.found.scores_F, [0.9123, 0.5])
    assert np.array_equal(look.found.landmarks_FP2, LANDMARKS)
    assert len(kept(folder)[version("b")].found) == 0


def test_another_version_of_a_file_is_another_photo(folder: Path) -> None:
    assert version("a") in kept(folder)
    assert version("a", mtime_ns=6) not in kept(folder)
    assert ("사진/a.jpg", 1235, 5) not in kept(folder)


def test_another_detector_knows_nothing(folder: Path) -> None:
    assert version("a") not in kept(folder, "face v2")


def test_the_last_look_at_a_version_counts(folder: Path) -> None:
    kept(folder).add({version("a"): NOTHING})
    assert len(kept(folder)[version("a")].found) == 0


def test_a_photo_that_is_broken_is_not_looked_at_again(folder: Path) -> None:
    kept(folder).add({version("c"): BROKEN})
    assert kept(folder)[version("c")].trouble == BROKEN.trouble


@pytest.mark.parametrize("look", [FAILED, DENIED])
def test_what_may_succeed_the_next_time_is_kept_for_this_time_only(folder: Path, look: Look) -> None:
    now = kept(folder)
    now.add({version("c"): look, version("d"): SEEN})
    assert now[version("c")].trouble == look.trouble
    assert version("c") not in kept(folder)
    assert version("d") in kept(folder)


@pytest.mark.parametrize("lost", [1, 2, 40])
def test_a_last_line_cut_by_a_kill_is_forgotten_and_the_next_one_is_whole(folder: Path, lost: int) -> None:
    """One byte less takes the end of the line, and the look is whole; more than that cut into it."""
    path = kept(folder).path
    path.write_bytes(path.read_bytes()[:-lost])
    known = kept(folder)
    assert version("a") in known
    assert (version("b") in known) == (lost == 1)
    known.add({version("c"): SEEN})
    again = kept(folder)
    assert [version(name) in again for name in "abc"] == [True, lost == 1, True]


def test_damage_in_the_middle_costs_that_look(folder: Path) -> None:
    path = kept(folder).path
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"\0" * len(first[:-1]) + b"\n" + second + b'{"path": "x"}\n' + b"3\n")
    kept(folder).add({version("c"): SEEN})
    assert [version(name) in kept(folder) for name in "abc"] == [False, True, True]


def test_a_disk_that_takes_a_part_only_is_said_and_what_was_there_stays(folder: Path) -> None:
    now, (soft, hard) = kept(folder), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (now.path.stat().st_size + 100, hard))
    try:
        with pytest.raises(WorkspaceError, match="is larger than files may be here"):
            now.add({version("c"): SEEN})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    kept(folder).add({version("d"): SEEN})
    assert [version(name) in kept(folder) for name in "abcd"] == [True, True, False, True]


def test_several_may_add_while_others_read(folder: Path) -> None:
    first, second = kept(folder), kept(folder)
    first.add({version("c"): SEEN})
    with first.path.open("ab") as file:
        file.write(b'{"path": "a line that is bei')
    written = first.path.read_bytes()
    assert version("c") in kept(folder) and first.path.read_bytes() == written
    second.add({version("d"): SEEN})
    assert [version(name) in kept(folder) for name in "abcd"] == [True] * 4
