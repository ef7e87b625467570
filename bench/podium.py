"""One model, its folds, refined, and an ensemble: what each step to the podium was worth on a real set, with intervals and times.

    python bench/podium.py DATA [--set faces] [--photos 2400] [--size 112] [--epochs 4] [--folds 5] [--out FOLDER]

DATA holds the set and `weights` (mobilenetv2_100_tf.pth, mobilenetv2_035_backbone.pth). Everything is chosen on photos that the models
did not learn from; the last column is on test people (a quarter) that nothing was chosen on. The time is all that had to be done for the
step from nothing, on the processor of this machine; the time per photo is that of asking, without decoding.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from machine import print_facts

import photobench as pb
from photobench.words import columns
from photobench.workflow import find_answerer, open_bench

TF = {"args": {"pad_type": "same"}, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
MODELS: dict[str, dict[str, Any]] = {
    "mobilenetv2_100": {"weights": "mobilenetv2_100_tf.pth", **TF},
    "mobilenetv2_035": {"weights": "mobilenetv2_035_backbone.pth", **TF, "args": {"pad_type": "same", "bn_eps": 1e-3}},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--set", default="faces", choices=("faces", "masks"))
    parser.add_argument("--photos", type=int, default=2400, help="of faces, drawn at random")
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    print_facts()
    with tempfile.TemporaryDirectory() as scratch:
        _climb(arguments, (arguments.out or Path(scratch)).resolve())


def _climb(arguments: argparse.Namespace, space: Path) -> None:
    _begin(arguments, space)
    benches = {name: _bench(arguments, space, name) for name in MODELS}
    rows, seconds = [], {}

    def step(title: str, name: str, started: float, before: float = 0.0) -> float:
        seconds[title] = before + time.monotonic() - started
        rows.append((title, *_scores(space, arguments.data, name), f"{seconds[title]:,.0f} s"))
        print(f"\n{columns(rows, ('', 'held out', 'macro-F1', 'test', 'macro-F1', 'time'))}\n", flush=True)
        return seconds[title]

    started = time.monotonic()
    singles = {name: bench.train() for name, bench in benches.items()}
    best = max(singles, key=lambda name: singles[name].metrics["macro_f1"])
    spent = step("best single run", singles[best].name, started)
    started = time.monotonic()
    folded = {best: benches[best].train(folds=arguments.folds)}
    spent = step(f"{arguments.folds} folds of it", folded[best].name, started)
    started = time.monotonic()
    refined = benches[best].refine(folded[best].name)
    print(refined)
    spent_refined = step("refined (views, temperatures, rules)", refined.name or folded[best].name, started, spent)
    started = time.monotonic()
    folded |= {name: benches[name].train(folds=arguments.folds) for name in MODELS if name != best}
    ensemble = benches[best].ensemble(*(one.name for one in folded.values()))
    print(ensemble)
    step("ensemble of the folds of both", ensemble.name, started, spent_refined)


def _begin(arguments: argparse.Namespace, space: Path) -> None:
    if (space / "photobench.toml").exists():
        return
    photos = arguments.data / arguments.set
    table = None
    if arguments.set == "faces":
        space.mkdir(parents=True, exist_ok=True)
        table = space / "labels.csv"
        pd.read_csv(photos / "labels.csv").sample(frac=1, random_state=0)[: arguments.photos].to_csv(table, index=False)
    pb.init(photos, space, labels=table)


def _bench(arguments: argparse.Namespace, space: Path, name: str) -> pb.Bench:
    model = MODELS[name]
    options = {**model, "weights": str((arguments.data / "weights" / model["weights"]).resolve())}
    return pb.open(
        space, backbone=name, size_px=arguments.size, epochs=arguments.epochs, test=0.25, patience=99, **options
    )


def _scores(space: Path, data: Path, name: str) -> tuple[str, str, str, str]:
    answerer = find_answerer(open_bench(space, [{"split": {"test": 0.25}}]), name)
    found = answerer.evaluations()
    held = next(split for split in found if split != "test")
    return (
        f"{found[held].num_photos:,}", found[held].joint.metrics["macro_f1"].text("–"),
        f"{found['test'].num_photos:,}", found["test"].joint.metrics["macro_f1"].text("–"),
    )  # fmt: skip


if __name__ == "__main__":
    main()
