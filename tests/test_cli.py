"""The command line as a person calls it: the journey, and what each mistake is answered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.listing import LISTINGS
from photobench.workspace import Workspace
from tests.conftest import Cli, Start, draw_folder, draw_photo, project_toml


def sets(*values: str) -> list[str]:
    """`["--set", "train.epochs=1", …]`"""
    return [part for value in values for part in ("--set", value)]


TINY_RUN = sets("model.backbone=test_resnet", "model.weights=none", "model.size_px=32", "train.epochs=1")
SMALL_DEMO = [
    *("--people", "20"),
    *sets("train.epochs=1", "evaluate.bootstraps=20", "model.size_px=48", "audit.num_folds=2", "audit.epochs=1"),
]


def test_init_then_run_then_run_again(photos: Path, tmp_path: Path, cli: Cli, fresh_cli: Cli) -> None:
    bench = tmp_path / "bench"
    first = cli("init", photos, "-w", bench)
    assert first.returncode == 0, first.stderr
    assert "3 classes" in first.stdout
    assert "certain" in first.stdout
    assert "photobench run --workspace" in first.stdout
    done = fresh_cli("run", "-w", bench, *TINY_RUN)
    assert done.returncode == 0, done.stderr
    assert "macro-F1" in done.stdout
    report = (bench / "report.html").read_text()
    assert "<html" in report
    assert len(Workspace(bench).list_runs()) == 1
    before = {p: p.stat().st_mtime_ns for p in bench.rglob("*.safetensors")}
    again = cli("run", "-w", bench, *TINY_RUN)
    assert "001-test_resnet is up to date" in again.stderr
    assert "pack:" not in again.stderr
    assert {p: p.stat().st_mtime_ns for p in bench.rglob("*.safetensors")} == before
    assert again.stdout == done.stdout


def test_photos_are_never_written_to(photos: Path, workspace: Path, cli: Cli) -> None:
    before = {p: (p.stat().st_size, p.stat().st_mtime_ns) for p in photos.rglob("*")}
    assert cli("run", "-w", workspace).returncode == 0
    assert {p: (p.stat().st_size, p.stat().st_mtime_ns) for p in photos.rglob("*")} == before


def test_broken_photos_never_stop_a_run(photos: Path, workspace: Path, cli: Cli) -> None:
    (photos / "red" / "person00_8.jpg").touch()
    (photos / "blue" / "person20_8.png").write_text("<html>")
    whole = (photos / "green" / "person10_0.jpg").read_bytes()
    (photos / "green" / "person10_8.jpg").write_bytes(whole[: len(whole) // 2])
    done = cli("run", "-w", workspace)
    assert done.returncode == 0, done.stderr
    assert "3 left out" in done.stderr
    listed = cli("list", "problems", "-w", workspace).stdout
    assert all(name in listed for name in ("person00_8.jpg", "person20_8.png", "person10_8.jpg"))
    assert "empty file (0 bytes)" in listed
    assert "person10_8.jpg" in (workspace / "report.html").read_text()


def test_each_step_alone(workspace: Path, cli: Cli) -> None:
    for command in ("pack", "train", "evaluate", "report"):
        done = cli(command, "-w", workspace)
        assert done.returncode == 0, (command, done.stderr)
    assert "001-test_resnet" in cli("list", "runs", "-w", workspace).stdout
    shown = cli("evaluate", "-w", workspace, "--run", "001").stdout
    assert all(word in shown for word in ("accuracy", "macro_f1", "macro_recall", "auc", "precision", "red", "blue"))


def test_a_report_of_the_data_needs_no_run(workspace: Path, cli: Cli) -> None:
    assert cli("report", "-w", workspace).returncode == 0
    assert "Example photos" in (workspace / "report.html").read_text()


def test_config_shows_values_and_where_they_come_from(workspace: Path, cli: Cli) -> None:
    lines = cli("config", "-w", workspace, "--set", "train.lr=0.01").stdout.splitlines()
    rows = {line.split()[0]: line for line in lines if line}
    assert "command line" in rows["train.lr"]
    assert "photobench.toml" in rows["train.epochs"]
    assert "default" in rows["split.valid"]


@pytest.mark.parametrize("what", ["augmentations", "losses", "metrics", "sources", "backbones resnet18"])
def test_list_prints_what_can_be_chosen(cli: Cli, what: str) -> None:
    done = cli("list", *what.split())
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) >= 1
    assert {"augmentations": "light", "losses": "cross_entropy", "metrics": "macro_f1", "sources": "aistages"}.get(
        what, "resnet18"
    ) in done.stdout


def test_the_help_of_list_names_all_that_can_be_listed(cli: Cli) -> None:
    help_text = cli("list", "--help").stdout
    assert [name for name in LISTINGS if name not in help_text] == []


def test_version_and_help(cli: Cli) -> None:
    assert cli("--version").stdout.startswith("photobench 0.")
    assert "init" in cli("--help").stdout
    assert cli().returncode in (0, 2)


MISTAKES = {
    "a missing folder": (("init", "nowhere"), "nowhere"),
    "a missing project": (("run", "-w", "empty"), "photobench init PHOTOS"),
    "a misspelt option": (("config", "-w", "{workspace}", "--set", "train.epoch=3"), "Did you mean train.epochs?"),
    "an option without a value": (("config", "-w", "{workspace}", "--set", "train.epochs"), 'has no "="'),
    "a backbone that does not exist": (
        ("train", "-w", "{workspace}", "--set", "model.backbone=resnt18"),
        'model.backbone (command line): timm has no model "resnt18". Nearest: resnet18',
    ),
    "an unknown run": (("evaluate", "-w", "{workspace}", "--run", "x"), 'no run "x"'),
    "nothing trained yet": (("predict", "-w", "{workspace}"), "photobench train"),
    "no sample": (("submit", "-w", "{workspace}"), "submit.sample is not set"),
    "runs of nowhere": (("list", "runs", "-w", "empty"), "photobench init PHOTOS"),
    "a workspace among the photos": (("init", "{photos}", "-w", "{photos}/bench"), "would lie among the photos"),
    "weights that are not there": (
        ("train", "-w", "{workspace}", "--set", "model.weights=gone.pth"),
        "no weights file",
    ),
    "an unknown source": (
        ("pack", "-w", "{workspace}", "--set", "source.kind=tabel"),
        'source.kind (command line): there is no source "tabel". Did you mean "table"?',
    ),
    "a file for several files": (
        ("explore", "--out", "{workspace}/photobench.toml", "-w", "{workspace}"),
        "name a folder",
    ),
    "nothing in a list": (("list", "losses", "xyz"), 'There is no loss with "xyz". There is: cross_entropy, '),
    "a demo in a project": (("demo", "{workspace}"), "is the folder of a project already, of the photos in {photos}"),
    "a demo with a mistake": (("demo", "fresh", "--set", "train.epoch=3"), "Did you mean train.epochs?"),
    "an unknown list": (("list", "loses"), 'Did you mean "losses"'),
    "a missing column": (("pack", "-w", "{workspace}", "--set", "source.group_column=who"), "who"),
    "a pattern without a group": (("pack", "-w", "{workspace}", "--set", "source.group_pattern=abc"), "parentheses"),
    "an unknown loss": (
        ("train", "-w", "{workspace}", "--set", "loss.name=foal"),
        'loss.name (command line): there is no loss "foal". Did you mean "focal"?',
    ),
    "a number that is none": (
        ("tune", "--trials", "abc"),
        "--trials abc: should be a whole number. See: photobench tune --help",
    ),
    "a broken number": (("train", "--folds", "2.5"), "--folds 2.5: should be a whole number."),
    "jobs that are no number": (("train", "-j", "x"), "--jobs x: should be a whole number."),
    "a number that is too small": (("demo", "--people", "3"), "--people 3: should be greater than or equal to 20."),
    "an unknown command": (("trian",), 'There is no command "trian". Did you mean "train"?'),
    "an unknown command of runs": (("runs", "prnue"), 'There is no command "prnue". Did you mean "prune"?'),
    "a misspelt option of a command": (
        ("train", "--fold", "3"),
        "photobench: train has no option --fold. Did you mean --folds or --set split.fold=VALUE? See",
    ),
    "an option of the project": (("train", "--batch-size", "3"), "--set train.batch_size=VALUE"),
    "an option before its command": (
        ("-w", "{workspace}", "train"),
        "Options stand behind the command: photobench COMMAND -w …",
    ),
    "an option without its value": (("train", "--folds"), "--folds wants a value behind it."),
    "a flag with a value": (("find-lr", "--fix=3"), "--fix stands alone, without a value."),
    "nothing to look at": (("init",), "photobench: init wants PHOTOS: Folder of the photos."),
    "a folder where none is asked for": (
        ("train", "{workspace}"),
        "The folder of a project is named so: --workspace {workspace}",
    ),
    "an option of nothing": (
        ("slices", "--top", "x"),
        "photobench: slices has no option --top. See: photobench slices --help",
    ),
    "a part of the name of an option": (("slices", "--size", "3"), "Did you mean --set model.size_px=VALUE?"),
    "a section that is none": (
        ("config", "-w", "{workspace}", "--set", "slices.top=3"),
        'there is no section "slices" (command line). There is: recipe, source,',
    ),
    "an option in a section that is none": (
        ("config", "-w", "{workspace}", "--set", "slices.epochs=3"),
        'there is no section "slices" (command line). Did you mean train.epochs or ',
    ),
    "one fold": (
        ("train", "--folds", "1", "-w", "{workspace}"),
        "photobench: --folds 1: a set of folds has 2 or more, each asked about the photos that it did not learn from; one model alone",
    ),
    "too few people for a demo": (
        ("demo", "fresh", "--people", "24"),
        '--people 24 draws 1 person with the label "60 and over", and 2 are needed, one to learn from and one to check: --people 25.',
    ),
    "a missing device": (("train", "-w", "{workspace}", "--set", "train.device=mps"), "finds no such device"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_and_exit_code_2(workspace: Path, photos: Path, cli: Cli, mistake: str) -> None:
    arguments, expected = MISTAKES[mistake]
    done = cli(*[a.format(workspace=workspace, photos=photos) for a in arguments])
    assert done.returncode == 2, done.stderr
    assert expected.format(workspace=workspace, photos=photos) in done.stderr
    assert done.stderr.startswith("photobench: ")
    assert len(done.stderr.splitlines()) == 1
    assert not (workspace / "runs").exists()


def test_a_config_with_three_mistakes_names_all_three(workspace: Path, cli: Cli) -> None:
    file = workspace / "photobench.toml"
    file.write_text(
        file.read_text().replace("epochs = 2", "epochs = -2\nlearning_rate = 3").replace("size_px = 32", "size_px = 3")
    )
    done = cli("run", "-w", workspace)
    assert done.returncode == 2
    assert done.stderr.startswith("photobench: 3 mistakes:")
    assert all(word in done.stderr for word in ("train.epochs = -2", '"train.learning_rate"', "model.size_px = 3"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("empty", 'no usable photo has the value "purple"'),
        ("one photo", 'label "grey" has one photo'),
    ],
)
def test_classes_that_cannot_be_learned(photos: Path, tmp_path: Path, cli: Cli, change: str, message: str) -> None:
    root = tmp_path / "w"
    root.mkdir()
    extra = "purple" if change == "empty" else "grey"
    if change == "one photo":
        draw_photo(photos / "grey" / "person99_0.jpg", (128, 128, 128), 5)
    (root / "photobench.toml").write_text(project_toml(photos, ("red", "green", "blue", extra)))
    done = cli("run", "-w", root)
    assert done.returncode == 2
    assert message in done.stderr
    assert "values" in done.stderr


def test_names_that_are_wrong_in_the_file_are_all_told_with_their_options(workspace: Path, cli: Cli) -> None:
    file = workspace / "photobench.toml"
    file.write_text(file.read_text().replace("test_resnet", "test_resnt").replace("[train]", '[train]\nmetric = "f1"'))
    done = cli("train", "-w", workspace)
    assert done.stderr.startswith("photobench: 2 mistakes:\n")
    assert 'model.backbone (photobench.toml): timm has no model "test_resnt"' in done.stderr
    assert 'train.metric (photobench.toml): there is no metric "f1"' in done.stderr


def test_far_too_many_folds_are_told_in_a_sentence_or_two(workspace: Path, cli: Cli) -> None:
    done = cli("train", "--folds", 100, "-w", workspace)
    assert done.returncode == 2
    assert "Each of 100 folds is asked about every label, which takes 100 groups of it" in done.stderr
    assert "Ask for 6 folds or fewer" in done.stderr
    assert len(done.stderr) < 400


def test_a_full_disk_is_told_and_nothing_is_lost(photos: Path, workspace: Path, cli: Cli) -> None:
    """A real small file system that fills up; needs root to mount it."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    (workspace / "packs").mkdir(exist_ok=True)
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(workspace / "packs")], capture_output=True
    )
    if mount.returncode:
        pytest.skip(f"cannot mount a small file system: {mount.stderr.decode().strip()}")
    try:
        done = cli("run", "-w", workspace)
        assert done.returncode == 2
        assert "has 1 MB free. Free some space" in done.stderr
    finally:
        subprocess.run(["umount", str(workspace / "packs")], check=True)
    assert cli("run", "-w", workspace).returncode == 0


def test_two_runs_at_once_on_one_workspace(workspace: Path, cli: Cli) -> None:
    hold = "import sys, time; from photobench.workspace import Workspace\nwith Workspace(sys.argv[1]).lock('photobench train'):\n print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", hold, str(workspace)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        done = cli("run", "-w", workspace)
        assert done.returncode == 2
        assert (
            f"`photobench train` has worked in {workspace} since " in done.stderr and f"{holder.pid} on" in done.stderr
        )
    finally:
        holder.kill()
        holder.wait()


NO_NETWORK = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto") and "AF_UNIX" not in repr(arguments):
        with open({log!r}, "a") as file:
            file.write(f"{{event}} {{arguments}}\\n")
        raise OSError("the network is refused here")
sys.addaudithook(refuse)
"""


@pytest.mark.slow
def test_the_demo_runs_with_the_network_refused(tmp_path: Path, cli: Cli, fresh_cli: Cli) -> None:
    """Every attempt to connect or to look up a name raises, and is written down; in child processes too."""
    log = tmp_path / "network.log"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(NO_NETWORK.format(log=str(log)))
    done = fresh_cli("demo", "demo", *SMALL_DEMO, PYTHONPATH=str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    assert not log.exists(), log.read_text()
    demo = tmp_path / "demo"
    assert "whose truth was hidden" in done.stderr
    submission = pd.read_csv(demo / "submissions" / "001-resnet18.csv")
    sample = pd.read_csv(demo / "photos" / "eval" / "info.csv")
    assert submission["ImageID"].tolist() == sample["ImageID"].tolist()
    assert submission["ans"].between(0, 17).all()
    assert "Here the truth is known" in (demo / "report.html").read_text()
    check = cli("submit", "--check", demo / "submissions" / "001-resnet18.csv", "-w", demo)
    assert check.returncode == 0, check.stderr


@pytest.mark.slow
def test_kill_9_during_the_demo_leaves_nothing_half_made(tmp_path: Path, cli: Cli, start: Start) -> None:
    child = start("demo", "demo", *SMALL_DEMO)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list(tmp_path.glob("demo/.photos*")):
        time.sleep(0.02)
    time.sleep(0.3)
    child.kill()
    child.wait()
    assert not (tmp_path / "demo" / "photos").exists()
    assert cli("demo", "demo", *SMALL_DEMO).returncode == 0
    drawn = cli("demo", "demo", "--draw", *SMALL_DEMO)
    assert "Begin with: photobench init demo/photos -w demo" in drawn.stdout


def test_submission_of_a_folder_with_a_test_set(photos: Path, tmp_path: Path, cli: Cli) -> None:
    """Kaggle's layout: train folders, a test folder, a sample with names without endings."""
    root = tmp_path / "kaggle"
    shutil.copytree(photos, root / "train")
    names = [draw_photo(root / "test" / f"{i:04d}.jpg", (200, 40, 40), 500 + i).stem for i in range(5)]
    pd.DataFrame({"id": names[::-1], "label": "red"}).to_csv(root / "sample_submission.csv", index=False)
    bench = tmp_path / "bench"
    assert cli("init", root, "-w", bench).returncode == 0
    done = cli("run", "-w", bench, *TINY_RUN)
    assert done.returncode == 0, done.stderr
    submission = pd.read_csv(next((bench / "submissions").iterdir()), dtype=str)
    assert submission["id"].tolist() == names[::-1]
    assert set(submission["label"]) <= {"red", "green", "blue"}
    submission.loc[1, "id"] = submission.loc[0, "id"]
    submission.to_csv(tmp_path / "bad.csv", index=False)
    bad = cli("submit", "--check", tmp_path / "bad.csv", "-w", bench, *TINY_RUN)
    assert bad.returncode == 2
    assert "0004" in bad.stderr
    assert "0003" in bad.stderr


def test_the_environment_of_a_run_is_recorded(workspace: Path, cli: Cli) -> None:
    assert cli("train", "-w", workspace).returncode == 0
    record = json.loads(next(workspace.glob("runs/*/run.json")).read_text())
    assert set(record["environment"]) >= {"photobench", "torch", "timm", "device", "precision"}
    assert np.isfinite(record["metrics"]["macro_f1"])


def test_folders_of_hangul_and_spaces(tmp_path: Path, cli: Cli) -> None:
    root = draw_folder(tmp_path / "내 사진" / "마스크 사진")
    bench = tmp_path / "작업 공간"
    assert cli("init", root, "-w", bench).returncode == 0
    done = cli("run", "-w", bench, *TINY_RUN)
    assert done.returncode == 0, done.stderr


def test_repeats_without_folds_are_told_as_they_were_typed(workspace: Path, cli: Cli) -> None:
    done = cli("train", "--repeats", "2", "-w", workspace)
    assert done.returncode == 2
    assert "--repeats 2 is about folds, and none are asked for" in done.stderr


def test_a_rate_that_is_no_number_is_told_so(workspace: Path, cli: Cli) -> None:
    done = cli("train", "--set", "train.lr=nan", "-w", workspace)
    assert done.returncode == 2
    assert "train.lr = nan" in done.stderr and "finite" in done.stderr
