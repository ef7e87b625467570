"""What `photobench find-lr` suggests, and what else could be taken from its curve: short trainings at the rate of each rule.

    python bench/rates.py PHOTOS [--labels labels.csv] --weights mobilenetv2_035_backbone.pth [--seeds 3] [--epochs 3] [--optimizer adamw]

For each seed the curve is made anew, each rule reads its rate from it, and a model is trained at that rate. An age is cut at 30 and 60.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from machine import print_facts

RULES: dict[str, Callable[[Any], float]] = {
    "suggested: half of the lowest loss's": lambda test: test.suggestion,
    "lowest loss": lambda test: test.lowest,
    "a third of it": lambda test: test.lowest / 3,
    "a tenth of it": lambda test: test.lowest / 10,
    "steepest": lambda test: test.steepest,
}


def scores(bench: Any, options: dict[str, Any], seeds: int, epochs: int) -> dict[str, list[tuple[float, float]]]:
    """Rate and validation macro-F1 of each rule, a pair per seed."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in RULES}
    for seed in range(seeds):
        test = bench.find_lr(seed=seed, **options).test
        for name, rule in RULES.items():
            run = bench.train(lr=rule(test), epochs=epochs, patience=epochs, seed=seed, **options)
            found[name].append((rule(test), run.metrics["macro_f1"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--weights", type=Path, required=True, help="of mobilenetv2_035, pretrained")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--size", type=int, default=64, help="side of the photos, in pixels")
    parser.add_argument("--optimizer", default="adamw")
    arguments = parser.parse_args()
    print_facts()
    import photobench as pb

    options: dict[str, Any] = {
        "backbone": "mobilenetv2_035",
        "weights": str(arguments.weights.resolve()),
        "precision": "bf16",
    }
    options |= {"args": {"pad_type": "same", "bn_eps": 1e-3}, "mean": (0.5,) * 3, "std": (0.5,) * 3}
    options |= {"size_px": arguments.size, "optimizer": arguments.optimizer}
    with tempfile.TemporaryDirectory() as root:
        labels = arguments.labels.resolve() if arguments.labels else None
        bench = pb.init(arguments.photos.resolve(), Path(root) / "workspace", labels=labels)
        found = scores(bench, options, arguments.seeds, arguments.epochs)
    print(
        f"\n{arguments.photos.name}, {arguments.seeds} seeds, {arguments.epochs} epochs\n\n{'rule':<38}{'macro-F1':>9}{'lowest':>9}   rates"
    )
    for name, pairs in found.items():
        rates_S, scores_S = np.array(pairs).T
        print(
            f"{name:<38}{scores_S.mean():>9.3f}{scores_S.min():>9.3f}   {', '.join(f'{rate:.2g}' for rate in rates_S)}"
        )


if __name__ == "__main__":
    main()
