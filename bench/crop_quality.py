"""What the crop is worth: macro-F1 of the same training on whole photos and on faces.

    python bench/crop_quality.py [--masks DATA/masks --weights DATA/weights/mobilenetv2_100_tf.pth] [--seeds 3]

For each seed the people are divided anew, and both ways are trained on the same people with the same seed and budget. The
validation photos of all seeds are taken together; the interval of the difference is from drawing people (photos, where people are
not known) a thousand times, both ways on the same draw.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from machine import print_facts

METHODS = ("none", "face")
DRAWS = 1000


def validation(bench: Any, options: dict[str, Any]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Who is in each validation photo, its class, and the class that a training with these options gives it."""
    from photobench.workflow import open_bench, run_manifest, split_predictions

    run = bench.train(**options)
    inner = open_bench(run.folder.parents[1])
    manifest = run_manifest(inner, run.record)
    rows = manifest.rows("valid")
    predictions = split_predictions(inner, run.record, "valid")
    said = dict(zip(predictions.paths, predictions.classes(), strict=True))
    paths = manifest.frame["path"].iloc[rows]
    return manifest.frame["group"].iloc[rows].tolist(), manifest.classes()[rows], np.array([said[p] for p in paths])


def macro_f1(truth_N: np.ndarray, said_N: np.ndarray, weight_N: np.ndarray, num_classes: int) -> float:
    """Over the classes that are there, each photo counted as often as its person was drawn."""
    matrix = np.zeros((num_classes, num_classes))
    np.add.at(matrix, (truth_N, said_N), weight_N)
    there = matrix.sum(axis=1) > 0
    f1 = 2 * np.diag(matrix) / np.maximum(matrix.sum(axis=0) + matrix.sum(axis=1), 1e-9)
    return float(f1[there].mean())


def compare(name: str, bench: Any, options: dict[str, Any], seeds: int) -> None:
    groups: list[str] = []
    truth, said = [], {method: [] for method in METHODS}
    for seed in range(seeds):
        for method in METHODS:
            chosen = {**options, "split.seed": seed, "train.seed": seed, "crop.method": method}
            who, classes, answers = validation(bench, chosen)
            said[method].append(answers)
        groups += who
        truth.append(classes)
    truth_N = np.concatenate(truth)
    answers = {method: np.concatenate(parts) for method, parts in said.items()}
    report(name, np.unique(groups, return_inverse=True)[1], truth_N, answers)


def report(name: str, group_N: np.ndarray, truth_N: np.ndarray, answers: dict[str, np.ndarray]) -> None:
    num_classes, rng = int(max(truth_N.max(), *(a.max() for a in answers.values()))) + 1, np.random.default_rng(0)
    num_groups = int(group_N.max()) + 1
    scores = {method: macro_f1(truth_N, a, np.ones(len(truth_N)), num_classes) for method, a in answers.items()}
    differences = []
    for _ in range(DRAWS):
        weight_N = np.bincount(rng.integers(0, num_groups, num_groups), minlength=num_groups)[group_N]
        both = [macro_f1(truth_N, answers[method], weight_N, num_classes) for method in METHODS]
        differences.append(both[1] - both[0])
    low, high = np.percentile(differences, [2.5, 97.5])
    print(
        f"{name:<8}{len(truth_N):>8}{num_groups:>8}{scores['none']:>10.3f}{scores['face']:>10.3f}"
        f"{scores['face'] - scores['none']:>+10.3f}   ({low:+.3f} to {high:+.3f})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--masks", type=Path, help="a folder of web photos, a folder per class")
    parser.add_argument("--weights", type=Path, help="MobileNetV2 weights for them")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    print_facts()
    print(f"\n{'set':<8}{'photos':>8}{'groups':>8}{'whole':>10}{'face':>10}{'gain':>10}   95 % interval\n")
    import photobench as pb
    from photobench.sources.demo import make_demo
    from photobench.workflow.demonstrating import OPTIONS
    from photobench.workflow.first_look import init

    with tempfile.TemporaryDirectory() as folder:
        photos, workspace = Path(folder) / "photos", Path(folder) / "workspace"
        make_demo(photos)
        init(photos, workspace, chosen=OPTIONS)
        compare("demo", pb.open(workspace), {}, arguments.seeds)
    if arguments.masks and arguments.weights:
        with tempfile.TemporaryDirectory() as folder:
            bench = pb.init(arguments.masks.resolve(), folder)
            options = {
                "backbone": "mobilenetv2_100",
                "weights": str(arguments.weights.resolve()),
                "args": {"pad_type": "same"},
            }
            options |= {"mean": (0.5,) * 3, "std": (0.5,) * 3, "size_px": 128, "epochs": 4}
            compare("masks", bench, options, arguments.seeds)


if __name__ == "__main__":
    main()
