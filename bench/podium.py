"""One model, its folds, mirrored too, refined, and an ensemble: what each step to the podium was worth on a real set, with intervals and times.

    python bench/podium.py DATA [--set faces] [--photos 2400] [--size 112] [--epochs 4] [--folds 5] [--seed 0] [--out FOLDER]

DATA holds the set and `weights` (mobilenetv2_100_tf.pth, mobilenetv2_035_backbone.pth). Everything is chosen on photos that the models
did not learn from; the last column is on test people (a quarter) that nothing was chosen on. The time is all that had to be done for the
step from nothing, on the processor of this machine; the time per photo is that in the models, without decoding. "Mirrored too" is asked for
whether or not `refine` keeps it. At the end: the ensemble beside its best member on the test people, paired, and what
the mean of two members' probabilities gains there where each member is one model of its folds (as out of fold), and where it is the mean of all. --seed draws other photos and
other test people.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from machine import print_facts

import photobench as pb
from photobench.compare import difference
from photobench.evaluate import evaluate
from photobench.metrics import score
from photobench.project import by_name
from photobench.words import columns
from photobench.workflow import find_answerer, open_bench
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.bench import Bench

HEADS = ("", "held out", "macro-F1", "test", "macro-F1", "per photo", "time")
MIRRORED = ("plain", "flip")
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
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    print_facts()
    with tempfile.TemporaryDirectory() as scratch:
        _climb(arguments, (arguments.out or Path(scratch)).resolve())


def _climb(arguments: argparse.Namespace, space: Path) -> None:
    _begin(arguments, space)
    benches = {name: _bench(arguments, space, name) for name in MODELS}
    bench, rows = open_bench(space, [by_name(_split(arguments))]), []

    def step(title: str, answerer: Answerer, started: float, before: float = 0.0, times: int = 1) -> float:
        told, ms = _scores(bench, answerer), answerer.ms_per_photo() * times
        spent = before + time.monotonic() - started
        rows.append((title, *told, f"{ms:.1f} ms", f"{spent:,.0f} s"))
        print(f"\n{columns(rows, HEADS)}\n", flush=True)
        return spent

    started = time.monotonic()
    singles = {name: one.train() for name, one in benches.items()}
    best = max(singles, key=lambda name: singles[name].metrics["macro_f1"])
    spent = step("best single run", find_answerer(bench, singles[best].name), started)
    started = time.monotonic()
    folded = {best: benches[best].train(folds=arguments.folds)}
    answerer = find_answerer(bench, folded[best].name)
    spent = step(f"{arguments.folds} folds of it", answerer, started)
    started = time.monotonic()
    step("mirrored too", answerer.with_views(MIRRORED) or answerer, started, spent, len(MIRRORED))
    started = time.monotonic()
    refined = benches[best].refine(folded[best].name)
    print(refined)
    name = refined.name or folded[best].name
    spent_refined = step("refined (views, temperatures, rules)", find_answerer(bench, name), started, spent)
    started = time.monotonic()
    folded |= {name: benches[name].train(folds=arguments.folds) for name in MODELS if name != best}
    ensemble = benches[best].ensemble(*(one.name for one in folded.values()))
    print(ensemble)
    together = find_answerer(bench, ensemble.name)
    step("ensemble of the folds of both", together, started, spent_refined)
    for name in {one.name for one in folded.values()}:
        print(f"{ensemble.name} on the test photos, from {name}: {_apart(bench, together, find_answerer(bench, name))}")
    first, *others = (find_answerer(bench, folded[name].name) for name in (best, *folded.keys() - {best}))
    _averaging(first, others[0])


def _begin(arguments: argparse.Namespace, space: Path) -> None:
    if (space / "photobench.toml").exists():
        return
    photos = arguments.data / arguments.set
    table = None
    if arguments.set == "faces":
        space.mkdir(parents=True, exist_ok=True)
        table = space / "labels.csv"
        pd.read_csv(photos / "labels.csv").sample(frac=1, random_state=arguments.seed)[: arguments.photos].to_csv(
            table, index=False
        )
    pb.init(photos, space, labels=table)


def _bench(arguments: argparse.Namespace, space: Path, name: str) -> pb.Bench:
    model = MODELS[name]
    options = {**model, "weights": str((arguments.data / "weights" / model["weights"]).resolve())}
    return pb.open(
        space,
        backbone=name,
        size_px=arguments.size,
        epochs=arguments.epochs,
        patience=99,
        **_split(arguments),
        **options,
    )


def _split(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"split.test": 0.25, "split.seed": arguments.seed}


def _scores(bench: Bench, answerer: Answerer) -> tuple[str, ...]:
    """How many photos and macro-F1 with its interval, of the held-out photos and of the test's."""
    told: tuple[str, ...] = ()
    for held in (answerer.held_out(), answerer.test()):
        found = evaluate(held.manifest, held.predictions, held.split, bench.options.evaluate)
        told += f"{found.num_photos:,}", found.joint.metrics["macro_f1"].text("–")
    return told


def _averaging(one: Answerer, other: Answerer) -> None:
    """What the mean of two gains over the better of them on the test photos: of single models, fold by fold, and of the means over folds."""
    manifest = one.test().manifest
    truth_N = manifest.classes()[manifest.rows("test")]
    sides = [np.stack([_test_NK(find_answerer(one.bench, run.name)) for run in side.runs]) for side in (one, other)]
    pairs = [*zip(*sides, strict=True), tuple(side.mean(axis=0) for side in sides)]
    marks = [[score("macro_f1", truth_N, said_NK) for said_NK in (*pair, np.mean(pair, axis=0))] for pair in pairs]
    gains = [both - max(apart) for *apart, both in marks]
    print(
        f"two together on the test photos: one model each {np.mean(gains[:-1]):+.3f} macro-F1 over the better ({', '.join(f'{g:+.3f}' for g in gains[:-1])}), the means {gains[-1]:+.3f}"
    )


def _test_NK(one: Answerer) -> np.ndarray:
    told = one.test().predictions
    row_of = {path: row for row, path in enumerate(told.paths)}
    manifest = one.test().manifest
    return told.joint_NK[[row_of[path] for path in manifest.frame["path"][manifest.rows("test")]]]


def _apart(bench: Bench, one: Answerer, other: Answerer) -> str:
    mine, theirs = one.test(), other.test()
    found = difference(mine.manifest, mine.predictions, theirs.predictions, "test", bench.options.evaluate)
    return f"{found['macro_f1'].text(sign='+')} macro-F1"


if __name__ == "__main__":
    main()
