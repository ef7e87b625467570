"""Whether one run is better than another: on the same photos, on the same draws of people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import photobench as pb
from photobench.compare import difference
from photobench.compare.table import unlike, what_differs
from photobench.errors import PhotobenchError
from photobench.evaluate import EvaluateOptions, evaluate
from photobench.records import Attribute, ClassSpace, Manifest, Predictions
from tests.conftest import Cli

SPACE = ClassSpace((Attribute("colour", ("red", "green")),))
OPTIONS = EvaluateOptions(bootstraps=300)


def manifest(groups: int = 40, each: int = 5) -> Manifest:
    """In each group all photos are of one colour."""
    rows = [
        {"path": f"g{g}_{n}.jpg", "group": f"g{g}", "split": "valid", "reason": "", "colour": ("red", "green")[g % 2]}
        for g in range(groups)
        for n in range(each)
    ]
    return Manifest(pd.DataFrame(rows), SPACE, Path("/photos"))


def says(manifest: Manifest, wrong: np.ndarray, name: str) -> Predictions:
    """Right but where it is said to be wrong."""
    codes = manifest.classes() ^ wrong
    return Predictions(manifest.frame["path"].tolist(), np.eye(2, dtype=np.float32)[codes] * 0.8 + 0.1, SPACE, run=name)


def hard_groups(manifest: Manifest, share: float) -> np.ndarray:
    number = manifest.frame["group"].str[1:].astype(int).to_numpy()
    return (number % 10 < share * 10).astype(int)


def test_what_is_hard_for_both_does_not_blur_the_difference() -> None:
    there = manifest()
    hard = hard_groups(there, 0.4)
    rng = np.random.default_rng(0)
    better, worse = hard, hard | (rng.random(len(hard)) < 0.15).astype(int)
    gain = difference(there, says(there, better, "a"), says(there, worse, "b"), "valid", OPTIONS)["accuracy"]
    assert gain.value == pytest.approx((worse - better).mean())
    assert 0 < gain.low < gain.value < gain.high
    own = evaluate(there, says(there, better, "a"), "valid", OPTIONS).joint.metrics["accuracy"]
    assert gain.high - gain.low < 0.6 * (own.high - own.low)


def test_the_other_way_round_it_is_the_opposite() -> None:
    there = manifest()
    a, b = says(there, hard_groups(there, 0.2), "a"), says(there, hard_groups(there, 0.4), "b")
    one, other = difference(there, a, b, "valid", OPTIONS), difference(there, b, a, "valid", OPTIONS)
    for name in ("macro_f1", "accuracy"):
        assert other[name].value == -one[name].value
        assert (other[name].low, other[name].high) == (pytest.approx(-one[name].high), pytest.approx(-one[name].low))


def test_equal_runs_have_no_interval_and_no_difference() -> None:
    there = manifest()
    a, b = says(there, hard_groups(there, 0.2), "a"), says(there, hard_groups(there, 0.2), "b")
    gain = difference(there, a, b, "valid", OPTIONS)["macro_f1"]
    assert gain.value == 0
    assert np.isnan(gain.low)


def test_runs_on_different_photos_are_not_compared() -> None:
    there, fewer = manifest(), manifest(groups=30)
    a, b = says(there, hard_groups(there, 0.2), "a"), says(fewer, hard_groups(fewer, 0.2), "b")
    with pytest.raises(PhotobenchError, match="a and b were validated on different photos"):
        difference(there, a, b, "valid", OPTIONS)


def test_a_photo_that_one_of_them_could_not_read_counts_for_neither() -> None:
    there = manifest()
    a, b = says(there, hard_groups(there, 0.0), "a"), says(there, hard_groups(there, 0.0), "b")
    reasons = ["gone"] + [""] * (len(there) - 1)
    missing = Predictions(
        b.paths, np.vstack([[np.nan, np.nan], b.joint_NK[1:]]).astype(np.float32), SPACE, reasons, "b"
    )
    assert difference(there, a, missing, "valid", OPTIONS)["accuracy"].value == 0


def test_modes_are_trained_and_compared(workspace: Path, cli) -> None:
    done = cli("compare", "-w", workspace, "--modes", "frozen,finetune")
    assert done.returncode == 0, done.stderr
    assert 'model.mode = "finetune"' in done.stdout
    assert "002-test_resnet" in done.stdout
    assert "Training took" in done.stdout
    again = cli("compare", "-w", workspace, "001", "002")
    assert again.stdout == done.stdout
    assert "is up to date" not in again.stderr


def test_in_python_a_row_per_run(workspace: Path) -> None:
    table = pb.open(workspace).compare(modes=["frozen", "finetune"])
    assert table["run"].tolist() == ["001-test_resnet", "002-test_resnet"]
    assert table["gain"].iloc[0] == 0
    assert table["gain"].iloc[1] == pytest.approx(table["macro_f1"].iloc[1] - table["macro_f1"].iloc[0])
    assert (table["seconds"] > 0).all()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "compare wants two or more"),
        (["--modes", "frozen"], "compare wants two or more"),
        (["--modes", "frozen,finetun"], "model.mode"),
        (["001", "002"], "no run"),
    ],
)
def test_what_cannot_be_compared_is_said_before_any_work(words: list[str], told: str, workspace: Path, cli) -> None:
    done = cli("compare", "-w", workspace, *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (workspace / "runs").exists()


def test_what_trains_twice_says_its_notes_once(workspace: Path, cli: Cli) -> None:
    file = workspace / "photobench.toml"
    file.write_text(file.read_text().replace("group_pattern", "# group_pattern"))
    done = cli("compare", "--modes", "finetune,frozen", "-w", workspace, "--set", "train.epochs=1")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Who or what is in a photo is not known") == 1


def test_what_differs_is_what_was_chosen_and_a_table_is_one_option() -> None:
    plain = {"model": {"args": {}}, "train": {"keep": "best"}, "split": {"folds": 0}}
    padded = {**plain, "model": {"args": {"pad_type": "same"}}}
    a_set = {**plain, "train": {"keep": "last"}, "split": {"folds": 3}}
    last = {**plain, "train": {"keep": "last"}}  # asked for: it is not what a single run does by itself
    told = ['model.args = {pad_type = "same"}', 'train.keep = "last"']
    assert what_differs([plain, padded, a_set, last]) == [[], told[:1], [], told[1:]]
    assert (unlike(padded, plain), unlike(last, plain)) == (told[:1], told[1:])
