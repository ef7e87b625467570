"""The report of whoever answers, as a person asks for it."""

from __future__ import annotations

import re
from pathlib import Path

import photobench as pb
from photobench import workflow
from photobench.workflow import open_bench
from tests.conftest import Cli
from tests.workflow.conftest import FOLDS


def sections(page: str) -> set[str]:
    return set(re.findall(r'<section id="([\w-]+)"', page))


def test_after_folds_the_report_is_that_of_the_set(two_folds: Path, cli: Cli) -> None:
    done = cli("report", "-w", two_folds)
    assert done.returncode == 0, done.stderr
    assert f"trained last was {FOLDS}" in done.stderr
    page = Path(done.stdout.strip()).read_text()
    assert f"{FOLDS}, of 2 trainings" in page
    assert "2 models answer together, each trained without one of 2 folds" in page
    assert sections(page) >= {
        *(
            "headline",
            "data",
            "trainings",
            "confusion",
            "classes",
            "calibration",
            "mistakes",
            "failing",
            "looks",
            "hard",
        ),
        *("timings", "reproduce"),
    }
    assert "fold 2 of 2" in page
    assert "On the out-of-fold photos, which chose the best epoch, accuracy was" in page
    assert "ms per photo in its models" in page
    assert "out of fold</" not in page  # the data has no such split: every labelled photo is learned from
    assert "data fingerprint today" not in page  # another fold is the same data
    assert page == (two_folds / "report.html").read_text()


def test_one_fold_alone_and_the_same_in_python(two_folds: Path, cli: Cli) -> None:
    assert cli("report", "-w", two_folds, "--run", "002").returncode == 0
    page = (two_folds / "report.html").read_text()
    assert "Run 002-test_resnet" in page
    assert {"learning"} <= sections(page) and "trainings" not in sections(page)
    assert "data fingerprint today" not in page
    answering = pb.open(two_folds).get(FOLDS)
    assert FOLDS in answering.report().read_text()
    assert list(answering.evaluate()) == ["out of fold", "test"]
    assert answering.slices().num_photos == answering.evaluate()["out of fold"].num_photos


def test_what_asks_for_both_a_name_and_the_folds_is_told(two_folds: Path, cli: Cli) -> None:
    done = cli("report", "-w", two_folds, "--run", "002", "--folds")
    assert done.returncode == 2
    assert "leave one of them out" in done.stderr


def test_a_refined_one_is_reported_like_its_base(two_folds: Path) -> None:
    bench = open_bench(two_folds)
    name = workflow.refine_answerer(bench, FOLDS).name
    page = workflow.report(bench, name).read_text()
    assert f"{name}, of 2 trainings" in page
    assert f"top of {FOLDS}" in page
    assert sections(page) >= {"trainings", "confusion", "mistakes", "failing", "looks", "hard"}
    assert "photobench refine --run" not in page
