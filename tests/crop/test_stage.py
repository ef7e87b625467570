"""The boxes of a data set: what is looked at, what is kept, and what stands where nothing was found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from photobench.crop.look import BATCH
from photobench.crop.options import CropOptions
from photobench.crop.stage import Boxed, find_boxes
from photobench.errors import ConfigError, DetectorError
from photobench.records import Attribute, Box, ClassSpace, Manifest
from tests.crop.blocks import DETECTOR, Corners, draw_block, draw_grey, looked_at, write_detector

SPACE = ClassSpace((Attribute("label", ("a", "b")),))
LEFT, RIGHT = (0, 20, 30, 60), (90, 20, 120, 60)  # of 120 × 80 px


def manifest_of(root: Path, splits: Mapping[str, str] = {}) -> Manifest:
    """Of the photos below a folder. Who is in one stands before the `_`; `splits` by the names of the files."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    stats = [path.stat() for path in paths]
    frame = pd.DataFrame(
        {
            "path": [path.relative_to(root).as_posix() for path in paths],
            "label": "a",
            "group": [path.name.split("_")[0] for path in paths],
            "split": [splits.get(path.name, "") for path in paths],
            "bytes": [s.st_size for s in stats],
            "mtime_ns": [s.st_mtime_ns for s in stats],
        }
    )
    return Manifest(frame.assign(sha256="", width=0, height=0, reason=""), SPACE, root, has_groups=True)


class Setting:
    """Photos, a detector of the user's own, and the folder of what it found."""

    def __init__(self, root: Path, code: str = DETECTOR):
        self.root, self.photos = root, root / "photos"
        self.method = write_detector(root, code)

    def draw(self, **blocks: Corners | None) -> None:
        for seed, (name, block) in enumerate(blocks.items()):
            draw_block(self.photos / f"{name}.png", block, seed=seed)

    def boxed(
        self,
        decided: Mapping[str, Box] = {},
        splits: Mapping[str, str] = {},
        usual: Box | None = None,
        **options: Any,
    ) -> Boxed:
        crop = CropOptions(**{"method": self.method, **options})
        manifest = manifest_of(self.photos, splits)
        return find_boxes(manifest, crop, decided, self.root, self.root / "looks", 2, usual)

    def boxes(self, *args: Any, **named: Any) -> dict[str, Box]:
        manifest = self.boxed(*args, **named).manifest
        return {Path(path).stem: box for path, box in zip(manifest.frame["path"], manifest.boxes(), strict=True)}

    def num_looked_at(self) -> int:
        return len(looked_at(self.root))


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


@pytest.fixture
def people(setting: Setting) -> Setting:
    """Anna stands on the left, Bert and Carl on the right; of one photo of Anna and of all of Dora nothing is seen."""
    setting.draw(
        anna_1=LEFT, anna_2=LEFT, anna_3=None, bert_1=RIGHT, bert_2=RIGHT, bert_3=RIGHT, carl_1=RIGHT, dora_1=None
    )
    return setting


def fractions(block: Corners) -> tuple[float, ...]:
    return tuple((np.array(block) / [120, 80, 120, 80]).tolist())


# --- what stands ---------------------------------------------------------------------------------------------------


def test_what_is_found_is_known_as_found(people: Setting) -> None:
    boxes = people.boxes()
    assert boxes["anna_1"].corners == pytest.approx(fractions(LEFT))
    assert boxes["bert_2"].corners == pytest.approx(fractions(RIGHT))
    assert {boxes[name].how for name in ("anna_1", "bert_1", "carl_1")} == {"found"}


@pytest.mark.parametrize(
    ("nothing", "anna", "dora"),
    [
        ("median", ("median", fractions(RIGHT)), ("median", fractions(RIGHT))),
        ("group", ("group", fractions(LEFT)), ("median", fractions(RIGHT))),
        ("center", ("center", (0.15, 0.15, 0.85, 0.85)), ("center", (0.15, 0.15, 0.85, 0.85))),
        ("whole", ("whole", (0, 0, 1, 1)), ("whole", (0, 0, 1, 1))),
    ],
)
def test_where_nothing_is_found_the_fallback_is_recorded(
    people: Setting, nothing: str, anna: tuple[str, Any], dora: tuple[str, Any]
) -> None:
    boxes = people.boxes(nothing=nothing)
    for name, (how, corners) in (("anna_3", anna), ("dora_1", dora)):
        assert boxes[name].how == how
        assert boxes[name].corners == pytest.approx(corners, abs=1e-4)


def test_the_evidence_stands_beside_the_boxes(people: Setting) -> None:
    frame = people.boxed().manifest.frame.set_index("path")
    assert frame["box_score"]["anna_1.png"] == 1.0
    assert np.isnan(frame["box_score"]["dora_1.png"])
    assert frame["box_found"].tolist() == [1, 1, 0, 1, 1, 1, 1, 0]
    assert frame["box_detector"].str.startswith("own.py:find ").all()


def test_what_a_person_decided_wins_and_counts_for_the_others(people: Setting) -> None:
    decided = {f"anna_{n}.png": Box(0.1, 0.2, 0.3, 0.4, 12.0, "decided") for n in (1, 2)}
    boxes = people.boxes(decided, nothing="group")
    assert boxes["anna_1"] == decided["anna_1.png"]
    assert (boxes["anna_3"].how, boxes["anna_3"].corners) == ("group", pytest.approx((0.1, 0.2, 0.3, 0.4)))
    assert boxes["bert_1"].how == "found"


@pytest.mark.parametrize("method", ["none", "center"])
def test_a_decision_wins_over_a_method_that_does_not_look(people: Setting, method: str) -> None:
    decided = {"anna_1.png": Box(0.1, 0.2, 0.3, 0.4, how="decided")}
    boxes = people.boxes(decided, method=method)
    assert boxes["anna_1"] == decided["anna_1.png"]
    assert boxes["bert_1"].how == {"none": "whole"}.get(method, method)


def test_the_usual_box_is_that_of_the_labelled_photos(setting: Setting) -> None:
    """What is to be predicted has no say in what the model learns from; it gets the usual box all the same."""
    setting.draw(a_1=LEFT, b_1=RIGHT, c_1=RIGHT, d_1=RIGHT, e_1=None, f_1=None)
    splits = {f"{name}_1.png": "predict" for name in "bcdf"}
    boxed = setting.boxed(splits=splits)
    assert boxed.usual.corners == pytest.approx(fractions(LEFT))
    assert [box.x1 for box in boxed.manifest.boxes()[-2:]] == [0, 0]
    assert setting.boxed(splits={}).usual.corners == pytest.approx(fractions(RIGHT))


def test_a_groups_box_is_that_of_its_labelled_photos(setting: Setting) -> None:
    setting.draw(anna_1=LEFT, anna_2=None, anna_3=RIGHT, anna_4=RIGHT)
    splits = {"anna_3.png": "predict", "anna_4.png": "predict"}
    box = setting.boxes(splits=splits, nothing="group")["anna_2"]
    assert (box.how, box.corners) == ("group", pytest.approx(fractions(LEFT)))


def test_a_photo_to_predict_gets_its_groups_box_too(setting: Setting) -> None:
    setting.draw(anna_1=LEFT, bert_1=RIGHT, bert_2=None)
    box = setting.boxes(splits={"bert_1.png": "predict", "bert_2.png": "predict"}, nothing="group")["bert_2"]
    assert (box.how, box.corners) == ("group", pytest.approx(fractions(RIGHT)))


def test_a_runs_usual_box_is_kept_to(people: Setting) -> None:
    usual = Box(0.4, 0.4, 0.6, 0.6, how="median")
    boxed = people.boxed(usual=usual)
    assert boxed.usual == usual
    assert boxed.manifest.boxes()[-1] == usual


def test_without_anything_found_the_whole_photo_is_the_usual_box(setting: Setting) -> None:
    setting.draw(a_1=None, b_1=None)
    assert {(box.how, box.corners) for box in setting.boxes().values()} == {("median", (0, 0, 1, 1))}


def test_a_photo_under_the_smallest_size_counts_as_one_without(setting: Setting) -> None:
    setting.draw(a_1=LEFT, b_1=(50, 30, 58, 70))
    draw_block(setting.photos / "tiny_1.png", (1, 1, 4, 3), (5, 4))
    boxes = setting.boxes(min_side_px=10)
    assert [boxes[name].how for name in ("a_1", "b_1", "tiny_1")] == ["found", "median", "median"]


def test_photos_that_cannot_be_read_get_a_box_like_the_others(people: Setting) -> None:
    (people.photos / "zoe_1.png").write_text("<html>")
    boxed = people.boxed()
    assert boxed.manifest.boxes()[-1].how == "median"
    assert boxed.notes == ()  # the pack says why it is left out


# --- what is looked at ---------------------------------------------------------------------------------------------


def test_only_new_and_changed_photos_are_looked_at(people: Setting) -> None:
    first = people.boxed()
    assert people.num_looked_at() == 8
    again = people.boxed()
    pd.testing.assert_frame_equal(again.manifest.frame, first.manifest.frame)
    assert people.num_looked_at() == 8
    assert again.seconds == 0
    people.draw(new_1=LEFT)
    draw_block(people.photos / "dora_1.png", LEFT)
    assert people.boxes()["dora_1"].how == "found"
    assert people.num_looked_at() == 10


def test_a_photo_with_a_new_date_is_looked_at_again(people: Setting) -> None:
    people.boxed()
    os.utime(people.photos / "anna_1.png", ns=(5, 5))
    people.boxed()
    assert people.num_looked_at() == 9


def test_options_of_the_cut_and_of_the_choice_ask_for_no_new_look(people: Setting) -> None:
    people.boxed()
    for options in ({"margin": 1.0}, {"aspect": 0.5}, {"min_side_px": 35}, {"nothing": "group"}, {"align": True}):
        people.boxed(**options)
    assert people.num_looked_at() == 8
    people.boxed(max_side_px=64)
    assert people.num_looked_at() == 16


def test_a_changed_detector_looks_anew_and_the_old_one_still_knows(people: Setting) -> None:
    people.boxed()
    write_detector(people.root, DETECTOR.replace("x.max() + 1", "x.max() + 2"))
    people.boxed()
    assert people.num_looked_at() == 16
    write_detector(people.root)
    people.boxed()
    assert people.num_looked_at() == 16


def test_methods_that_need_not_look_leave_nothing_behind(people: Setting) -> None:
    people.boxed(method="center")
    people.boxed(method="none")
    assert not (people.root / "looks").exists()


def test_a_detector_that_fails_at_every_photo_is_no_success(people: Setting) -> None:
    for photo in people.photos.iterdir():
        draw_grey(photo)
    with pytest.raises(
        DetectorError, match=r"own\.py:find failed at each of the \d+ photos .*I do not like grey \(own\.py, line"
    ):
        people.boxed()


def test_photos_at_which_the_detector_fails_are_named_and_tried_again(people: Setting) -> None:
    draw_grey(people.photos / "grey_1.png")
    boxed = people.boxed()
    (note,) = boxed.notes
    assert note.startswith("1 photo at which the detector failed, treated as nothing found: grey_1.png (RuntimeError: ")
    assert "own.py, line" in note
    assert boxed.manifest.boxes()[-1].how == "median"
    before = people.num_looked_at()
    assert people.boxed().notes == boxed.notes
    assert people.num_looked_at() == before + 1


def test_nonsense_stops_the_run_and_keeps_what_was_found(setting: Setting) -> None:
    num = 6 * BATCH
    setting.draw(**{f"p{n:02}_1": LEFT for n in range(num)})
    draw_grey(setting.photos / "z_1.png")
    write_detector(setting.root, DETECTOR.replace('raise RuntimeError("I do not like grey")', "return 3"))
    with pytest.raises(DetectorError, match=r"boxes of shape \(\): expected \(F, 4\)"):
        setting.boxed()
    (setting.photos / "z_1.png").unlink()
    before = setting.num_looked_at()
    setting.boxed()
    assert setting.num_looked_at() - before < num


def test_a_method_that_does_not_exist_is_told_before_the_first_look(people: Setting) -> None:
    with pytest.raises(ConfigError, match="no crop method"):
        people.boxed(method="fase")
    assert people.num_looked_at() == 0


# --- kill -9 -------------------------------------------------------------------------------------------------------

LOOK = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.crop.test_stage import SLOW, Setting
setting = Setting(Path(sys.argv[1]), SLOW)
setting.boxed()
"""
SLOW = DETECTOR.replace("def find(images):", "def find(images):\n    import time; time.sleep(0.05)")
THREADS = 2  # those of Setting.boxed


def kept_looks(root: Path) -> int:
    return sum(len(path.read_bytes().splitlines()) for path in (root / "looks").glob("*.jsonl"))


def test_kill_9_loses_at_most_the_batches_in_flight(tmp_path: Path) -> None:
    setting = Setting(tmp_path, SLOW)
    blocks: dict[str, Corners | None] = {f"p{n:03}_1": (n % 60, 20, n % 60 + 30, 60) for n in range(160)}
    setting.draw(**blocks)
    process = subprocess.Popen([sys.executable, "-c", LOOK, str(tmp_path), str(Path(__file__).parents[2])])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and kept_looks(setting.root) < 40:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done, begun = kept_looks(setting.root), setting.num_looked_at()
    assert 40 <= done < 160
    assert begun - done <= THREADS * BATCH  # the one that is looked at, and one that is about to be kept
    boxes = setting.boxes()
    assert setting.num_looked_at() - begun in (160 - done, 160 - done + 1)  # a last line may have been cut
    assert {name: box.corners for name, box in boxes.items()} == {
        name: pytest.approx(fractions(block)) for name, block in blocks.items() if block
    }
