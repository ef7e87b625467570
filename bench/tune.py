"""A search for better options on drawn people, whose truth is known: how long it takes, which place the project as it is has, and whether the
gain that is promised is there on photos that nothing was chosen on.

    nice python bench/tune.py [--people 80] [--trials 30] [--epochs 12] [--size 64] [--folder DIR]

Beside it stands what the same number of trainings in full would have taken, by the time of those that were made. With --folder a second
call goes on from the first.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from machine import print_facts

import photobench as pb
from photobench import workflow
from photobench.metrics import score
from photobench.sources.demo import make_demo

EVAL_PEOPLE = 150
"""So many more people are asked of whom nothing was known."""


def project(folder: Path, people: int, epochs: int, size_px: int, backbone: str) -> pb.Bench:
    photos = folder / "photos"
    if not photos.exists():
        make_demo(photos, num_people=people, num_eval_people=EVAL_PEOPLE)
        workflow.init(photos, folder)
    return pb.open(
        folder,
        backbone=backbone,
        weights="none",
        size_px=size_px,
        epochs=epochs,
        **{"train.lr": 1e-3, "crop.method": "none"},
    )


def of_hidden(bench: pb.Bench, folder: Path, run: str) -> float:
    """Macro-F1 of a run on the evaluation photos, whose truth is beside them."""
    truth = pd.read_csv(folder / "photos" / "truth" / "eval.csv")
    said = workflow.predict(workflow.open_bench(folder), (), run)
    row_of = {Path(path).name: row for row, path in enumerate(said.paths)}
    rows = np.array([row_of[name] for name in truth["ImageID"]])
    return score("macro_f1", truth["ans"].to_numpy(), said.joint_NK[rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=80)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    print_facts()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="bench-tune-"))
    bench = project(folder, arguments.people, arguments.epochs, arguments.size, arguments.backbone)
    started = time.monotonic()
    tuned = bench.tune(trials=arguments.trials)
    took = time.monotonic() - started
    print(f"\n{tuned}\n")
    runs = bench.runs().set_index("run")
    full_s = runs.loc[tuned.finals["run"], "train_s"].mean()
    print(f"{len(tuned.trials)} trials and {len(tuned.finals)} trainings in full: {took:.0f} s in this call, "
          f"{tuned.trials['seconds'].sum():.0f} s of trials; {arguments.trials} trainings in full would take {arguments.trials * full_s:.0f} s")  # fmt: skip
    hidden = [of_hidden(bench, folder, run) for run in tuned.finals["run"]]
    for (_, row), value in zip(tuned.finals.iterrows(), hidden, strict=True):
        print(f"{row['what']:<22} valid {row['valid']:.3f}   hidden photos {value:.3f} ({value - hidden[0]:+.3f})")


if __name__ == "__main__":
    main()
