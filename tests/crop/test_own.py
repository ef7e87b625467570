"""A detector of the user's own: where it is looked for, and what it may return."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photobench.crop.detectors import build_detector
from photobench.crop.found import Found
from photobench.crop.options import CropOptions
from photobench.errors import ConfigError, DetectorError

IMAGES = [np.zeros((40, 60, 3), np.uint8), np.full((40, 60, 3), 9, np.uint8)]
BOX, OTHER = [1, 2, 30, 20], [5, 5, 9, 9]


def returning(folder: Path, answers: str, before: str = "") -> Any:
    """The detector of a file whose function returns this expression."""
    (folder / "finder.py").write_text(f"import numpy as np\n{before}\ndef find(images):\n    return {answers}\n")
    return build_detector(CropOptions(method="finder.py:find"), folder)


@pytest.mark.parametrize(
    ("answer", "num", "points"),
    [
        ([BOX], 1, 0),
        ([BOX, OTHER], 2, 0),
        ([], 0, 0),
        (None, 0, 0),
        (([BOX, OTHER], [0.5, 0.25]), 2, 0),
        (([BOX], [0.5], [[[1, 2], [3, 4]]]), 1, 2),
        (([], []), 0, 0),
        (([], [], []), 0, 0),
        (([BOX], None, [[[1, 2]]]), 1, 1),
    ],
)
def test_every_form_of_answer(tmp_path: Path, answer: Any, num: int, points: int) -> None:
    found = returning(tmp_path, f"[{answer!r}] * len(images)").detect(IMAGES)
    for one in found:
        assert (one.boxes_F4.shape, one.scores_F.shape) == ((num, 4), (num,))
        assert one.landmarks_FP2.shape == (num, points, 2)
    assert len(found) == 2


def test_answers_are_taken_as_they_are(tmp_path: Path) -> None:
    found: Found = returning(tmp_path, f"[({[BOX, OTHER]}, [0.5, 0.25], np.ones((2, 5, 2)))] * 2").detect(IMAGES)[0]
    assert found.boxes_F4.tolist() == [BOX, OTHER]
    assert found.scores_F.tolist() == [0.5, 0.25]
    assert (found.landmarks_FP2 == 1).all()


def test_without_scores_all_are_sure(tmp_path: Path) -> None:
    assert returning(tmp_path, f"[np.array([{BOX}], np.int64)] * 2").detect(IMAGES)[0].scores_F.tolist() == [1.0]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("[[]]", r"was given 2 images and returned 1: return a list with one answer for each"),
        ("None", r"was given 2 images and returned a NoneType"),
        ("np.zeros((2, 1, 4))", r"was given 2 images and returned a ndarray"),
        ("[[1, 2, 3, 4]] * 2", r"boxes of shape \(4,\): expected \(F, 4\): x1 y1 x2 y2"),
        ("[np.zeros((3, 5))] * 2", r"boxes of shape \(3, 5\): expected \(F, 4\)"),
        ("['left'] * 2", r"boxes that are no numbers: expected \(F, 4\).*found a str"),
        ("[[[1, 2, 3, float('nan')]]] * 2", r"boxes that hold NaN or infinity: expected finite numbers"),
        ("[([[1, 2, 3, 4]], [0.5, 0.5])] * 2", r"scores of shape \(2,\): expected \(1,\)"),
        ("[([[1, 2, 3, 4]], [97.5])] * 2", r"a score of 97\.5: expected numbers from 0 to 1"),
        ("[([[1, 2, 3, 4]], [-0.5])] * 2", r"a score of -0\.5: expected numbers from 0 to 1"),
        ("[([[1, 2, 3, 4]], [1.0], [[1, 2]])] * 2", r"landmarks of shape \(1, 2\): expected \(1, P, 2\)"),
    ],
)
def test_nonsense_is_answered_with_what_was_expected_and_found(tmp_path: Path, answers: str, message: str) -> None:
    with pytest.raises(DetectorError, match=message) as raised:
        returning(tmp_path, answers).detect(IMAGES)
    assert str(raised.value).startswith("finder.py:find ")


def test_what_it_raises_passes(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        returning(tmp_path, "1 / 0").detect(IMAGES)


def test_its_images_are_a_list(tmp_path: Path) -> None:
    assert len(returning(tmp_path, "[[] for image in images + []]").detect(tuple(IMAGES))) == 2


def test_a_change_of_its_code_changes_the_fingerprint(tmp_path: Path) -> None:
    first = returning(tmp_path, "[[]] * 2").fingerprint
    assert returning(tmp_path, "[[]] * 2").fingerprint == first
    assert returning(tmp_path, "[[]] * 3").fingerprint != first


def test_a_module_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photobench_test_finders").mkdir()
    (tmp_path / "photobench_test_finders" / "faces.py").write_text(f"def find(images): return [[{BOX}]] * len(images)")
    monkeypatch.syspath_prepend(tmp_path)
    detector = build_detector(CropOptions(method="photobench_test_finders.faces:find"), Path("/nowhere"))
    assert detector.detect(IMAGES)[1].boxes_F4.tolist() == [BOX]


def test_a_path_may_be_absolute(tmp_path: Path) -> None:
    returning(tmp_path, f"[[{BOX}]] * 2")
    detector = build_detector(CropOptions(method=f"{tmp_path / 'finder.py'}:find"), Path("/nowhere"))
    assert len(detector.detect(IMAGES)) == 2


def test_a_file_may_hold_dataclasses(tmp_path: Path) -> None:
    """They look for their own module among those that are loaded."""
    header = "from __future__ import annotations\n"
    (tmp_path / "finder.py").write_text(
        header
        + "from dataclasses import dataclass\n@dataclass\nclass Settings:\n    size: int = 3\n"
        + "def find(images):\n    return [[[0, 0, Settings().size, 3]] for _ in images]\n"
    )
    assert len(build_detector(CropOptions(method="finder.py:find"), tmp_path).detect(IMAGES)[0]) == 1


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("nowhere.py:find", r"there is no file .*nowhere\.py\. Correct the path; a relative one starts at the project"),
        ("finder.py:fnd", r'finder\.py has no function "fnd"\. Did you mean "find"\?'),
        ("finder.py:number", r'finder\.py has no function "number"'),
        ("broken.py:find", r"broken\.py cannot be imported: SyntaxError"),
        (
            "needy.py:find",
            r"needy\.py cannot be imported \(Python 3\.\d+\): ModuleNotFoundError: No module named 'nix'",
        ),
        ("no_such_module_anywhere:find", r"cannot be imported .*No module named 'no_such_module_anywhere'"),
        ("math:no_such_function", r'math has no function "no_such_function"'),
    ],
)
def test_what_cannot_be_loaded_is_a_sentence(tmp_path: Path, method: str, message: str) -> None:
    returning(tmp_path, "[]", "number = 3")
    (tmp_path / "broken.py").write_text("def find(")
    (tmp_path / "needy.py").write_text("import nix")
    with pytest.raises(ConfigError, match=message):
        build_detector(CropOptions(method=method), tmp_path)


def test_a_function_that_is_part_of_python_can_be_named() -> None:
    """It has no file whose changes could be seen."""
    assert build_detector(CropOptions(method="builtins:list"), Path()).fingerprint
    assert build_detector(CropOptions(method="itertools:chain"), Path()).fingerprint


def test_a_misspelt_method_names_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r'no crop method "fase"\. Did you mean "face"\? Your own is written file\.py'
    ):
        build_detector(CropOptions(method="fase"), Path())
