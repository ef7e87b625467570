"""Which epoch's weights stay, and that the validation photos decide nothing of it where the last one does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import photobench as pb
from photobench.learning import Standing
from photobench.listing import listing
from photobench.records import RunRecord
from photobench.report.figures import curve_words
from photobench.report.live import cards, headline
from photobench.train.watchers.terminal import live_words
from photobench.workspace import Workspace
from tests.conftest import COLOURS, draw_folder, draw_photo, project_toml

CLASSES = ("red", "green", "blue")
STEPS = {"epochs": 4, "precision": "fp32", "schedule": "plateau", "plateau_epochs": 0, "warmup_epochs": 0.0, "lr": 3e-3}
FROZEN = {"model.mode": "frozen", "precision": "fp32", "probe.epochs": 12, "probe.lr": 0.05}


def divided(root: Path, shift: int) -> Path:
    """A workspace whose source says which photos are learned from; labels of the others are as many classes off as `shift` says."""
    draw_folder(root / "photos" / "train", people=4, each=2)
    for number, name in enumerate(CLASSES):
        label = CLASSES[(number + shift) % len(CLASSES)]
        for photo in range(6):
            draw_photo(
                root / "photos" / "valid" / label / f"other{number}{photo}.jpg",
                COLOURS[name],
                900 + number * 10 + photo,
            )
    (root / "photobench.toml").write_text(project_toml(root / "photos"))
    return root


@pytest.mark.parametrize("options", [STEPS, FROZEN], ids=["steps", "frozen"])
def test_the_last_epoch_is_the_same_whatever_the_validation_photos_are_called(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    told, other = (
        pb.open(divided(tmp_path / str(shift), shift)).train(keep="last", patience=1, **options) for shift in (0, 1)
    )
    ours, theirs = (load_file(run.folder / "model.safetensors") for run in (told, other))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert told.history["macro_f1"].tolist() != other.history["macro_f1"].tolist()
    assert told.history["lr"].tolist() == other.history["lr"].tolist()
    assert told.metrics["best_epoch"] == len(told.history) == len(other.history) == options.get("epochs", 12)
    assert not told.record.chose_epoch


def test_a_run_keeps_its_best_epoch_and_a_fold_its_last(workspace: Path) -> None:
    bench = pb.open(workspace, epochs=1, precision="fp32")
    single, fold = bench.train(), bench.train(**{"split.folds": 3, "patience": 1})
    assert [run.record.keeps_last for run in (single, fold)] == [False, True]
    assert bench.train(keep="best").name == single.name, (
        "it is what it does by itself, and runs of before stay up to date"
    )
    again = bench.train(**{"split.folds": 3, "keep": "last", "patience": 4})
    assert again.name == fold.name, "patience has no effect on it"
    assert "trained to the end" not in listing("runs", single.name, workspace)
    assert Workspace(workspace).find_run(fold.name).config["train"]["keep"] == "last"


def test_a_fold_tells_its_live_page_that_it_goes_through_all(workspace: Path) -> None:
    fold = pb.open(workspace, epochs=1, precision="fp32").train(**{"split.folds": 3})
    assert "Finished after 1 of 1 epochs; the last one is kept." in (workspace / fold.folder / "live.js").read_text()


def standing(best: float | None, best_epoch: int) -> Standing:
    history = [{"macro_f1": 0.8}, {"macro_f1": 0.75}]
    return Standing(2, 2, 0.0, 0.5, "macro_f1", best, best_epoch, 120.0, None, history, best is None)


def test_no_epoch_is_called_the_best_where_the_last_is_kept() -> None:
    assert live_words(standing(None, 0)) == "loss 0.500 · macro_f1 0.7500"
    assert headline(standing(None, 0), "finished") == "Finished after 2 of 2 epochs; the last one is kept."
    assert headline(standing(0.8, 1), "finished").startswith("Finished after 2 of at most 2 epochs: the best macro F1 ")
    assert [card.label for card in cards(standing(None, 0), "finished")] == ["last macro F1", "training loss", "speed"]
    assert cards(standing(0.8, 1), "finished")[0].label == "best macro F1"
    before = replace(standing(None, 0), epoch=0, history=[])
    assert headline(before, "running") == "In epoch 1 of 2; the last one is kept."
    assert cards(before, "running")[0].label == "last macro F1" and cards(before, "running")[-1].note == "about"


def test_the_curves_are_told_by_what_is_kept() -> None:
    history = [{"epoch": 1.0, "macro_f1": 0.8}, {"epoch": 2.0, "macro_f1": 0.75}]
    best = RunRecord("a", "finished", "", "", {"train": {}}, 0, "", "", {"best_epoch": 1.0, "macro_f1": 0.8}, history)
    last = replace(best, config={"train": {"keep": "last"}}, metrics={"best_epoch": 2.0, "macro_f1": 0.75})
    assert curve_words(best).startswith("2 epochs; the best is epoch 1, with a macro F1 of 0.80.")
    assert curve_words(last).startswith("2 epochs; the last is kept, with a macro F1 of 0.75.")
