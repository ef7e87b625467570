"""Folds one by one and at the same time: the same four trainings, in turns, each into a new workspace.

    python bench/jobs.py DATA --labels labels.csv --weights FILE [--photos 900] [--rounds 2] [--jobs 2]

The clock starts with the process and ends with it. Whether the machine has anything else to do decides the ratio, so its load is told.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from machine import print_facts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--labels", default="labels.csv")
    parser.add_argument("--weights", required=True)
    parser.add_argument("--backbone", default="mobilenetv2_035")
    parser.add_argument("--photos", type=int, default=900)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    print_facts()
    with tempfile.TemporaryDirectory() as folder:
        labels = _draw(asked, Path(folder))
        seconds: dict[int, list[float]] = {1: [], asked.jobs: []}
        for number in range(asked.rounds):
            for jobs, taken in seconds.items():
                load = os.getloadavg()[0]
                taken.append(_train(asked, labels, Path(folder) / f"{number}-{jobs}", jobs))
                print(f"round {number + 1}, {jobs} at a time: {taken[-1]:.1f} s (load before: {load:.1f})", flush=True)
    one, several = (sum(taken) / len(taken) for taken in seconds.values())
    print(
        f"{asked.jobs} at a time take {several / one:.2f} of the time of one by one: {one / several:.2f} times as fast"
    )


def _draw(asked: argparse.Namespace, folder: Path) -> Path:
    """A table of photos drawn by lot."""
    table = pd.read_csv(asked.data / asked.labels)
    path = folder / "labels.csv"
    table.sample(min(asked.photos, len(table)), random_state=0).to_csv(path, index=False)
    return path


def _train(asked: argparse.Namespace, labels: Path, workspace: Path, jobs: int) -> float:
    """Seconds of `train --folds 4`; the photos are packed before the clock starts."""
    photobench = [sys.executable, "-m", "photobench"]
    _run(*photobench, "init", str(asked.data), "--labels", str(labels), "-w", str(workspace))
    values = {
        "model.backbone": asked.backbone, "model.weights": asked.weights, "model.args.pad_type": "same",
        "model.size_px": asked.size, "train.epochs": asked.epochs,
    }  # fmt: skip
    sets = [text for key, value in values.items() for text in ("--set", f"{key}={value}")]
    _run(*photobench, "pack", "-w", str(workspace), *sets)
    started = time.monotonic()
    _run(*photobench, "train", "--folds", "4", "--jobs", str(jobs), "-w", str(workspace), *sets)
    return time.monotonic() - started


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
