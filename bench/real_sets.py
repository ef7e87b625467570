"""The whole journey on real photos: scores with intervals, and timings, as a Markdown table.

    python bench/real_sets.py DATA [--sets masks faces flowers5 orl_people] [--models pretrained untrained] [--out FOLDER]

DATA holds the folders `masks` (a folder per class), `faces` (a table with gender and age), `flowers5` (given splits), `orl_people`
(a table with groups) and `weights` (mobilenetv2_100_tf.pth). The workspaces, with their reports, are left in FOLDER.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from machine import print_facts

import photobench as pb
from photobench.evaluation import Evaluation, Figure

SETS: dict[str, dict] = {
    "masks": {},
    "faces": {"labels": "labels.csv"},
    "flowers5": {},
    "orl_people": {"labels": "labels.csv"},
}
EPOCHS = {"masks": 5, "faces": 6, "flowers5": 15, "orl_people": 15}


def models(data: Path) -> dict[str, dict]:
    pretrained = {
        "backbone": "mobilenetv2_100",
        "weights": str(data / "weights" / "mobilenetv2_100_tf.pth"),
        "args": {"pad_type": "same"},
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "size_px": 160,
        "lr": 5e-4,
    }
    untrained = {"backbone": "resnet18", "weights": "none", "size_px": 128, "lr": 1e-3}
    return {"pretrained": pretrained, "untrained": untrained}


def journey(data: Path, name: str, model: str, out: Path) -> list[str]:
    """One run of one set; the rows of the table."""
    workspace = out / f"{name}-{model}"
    labels = SETS[name].get("labels")
    if not (workspace / "photobench.toml").exists():
        pb.init(data / name, workspace, labels=data / name / labels if labels else None)
    epochs = EPOCHS[name] * (1 if model == "pretrained" else 2)
    started = time.monotonic()
    bench = pb.open(workspace, epochs=epochs, patience=epochs, **models(data)[model])
    run = bench.run()
    seconds = time.monotonic() - started
    rows = []
    for split, evaluation in run.evaluate().items():
        rows += [
            row(
                name,
                run.record.config["model"]["backbone"],
                model,
                split,
                evaluation,
                seconds,
                run.record.timings["train"],
            )
        ]
    return rows


def row(
    name: str, backbone: str, model: str, split: str, evaluation: Evaluation, seconds: float, train_s: float
) -> str:
    scores = {"all": evaluation.joint, **evaluation.attributes}
    shown = [
        f"{key} {figure(s.metrics['macro_f1'])}"
        for key, s in scores.items()
        if key != "all" or len(evaluation.attributes) > 1
    ]
    accuracy = figure(evaluation.joint.metrics["accuracy"])
    of = f"{evaluation.num_photos} photos, {evaluation.num_groups} groups"
    return f"| {name} | {backbone}, {model} | {split}: {of} | {'; '.join(shown)} | {accuracy} | {train_s:.0f} s | {seconds:.0f} s |"


def figure(one: Figure) -> str:
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--models", nargs="+", default=["pretrained", "untrained"])
    parser.add_argument("--out", type=Path, default=Path("out/real_sets"))
    args = parser.parse_args()
    print_facts()
    rows = [
        "| set | model | asked | macro-F1 (95 % interval) | accuracy | training | whole run |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in args.sets:
        for model in args.models:
            rows += journey(args.data, name, model, args.out)
            print("\n".join(rows), flush=True)


if __name__ == "__main__":
    main()
