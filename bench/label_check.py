"""Whether `photobench augment --check` warns of a flip where it destroys the label, and only there.

    python bench/label_check.py [--seeds 4]

Drawn photos: arrows that point left or right, whose mirror images are the other class, and discs and squares, which are their own. For
each seed a small model is trained with the preset, and then asked.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from machine import print_facts

sys.path.insert(0, str(Path(__file__).parents[1]))
CASES = (
    ("arrows", ("left", "right"), "light"),
    ("arrows", ("left", "right"), "no-flip"),
    ("shapes", ("disc", "square"), "light"),
)
TRAIN = {"epochs": 6, "lr": 2e-3, "batch_size": 16, "precision": "fp32"}


def check(kinds: tuple[str, ...], preset: str, seed: int) -> tuple[float, Any]:
    """Accuracy of the model, and what was measured of its augmentation."""
    from photobench import workflow
    from tests.workflow.models.test_augmenting import draw_project

    with tempfile.TemporaryDirectory() as root:
        sets = {"train": {**TRAIN, "seed": seed}, "augment": {"preset": preset}}
        bench = workflow.open_bench(draw_project(Path(root), kinds), [sets])
        return workflow.train(bench).metrics["accuracy"], workflow.check_augmentation(bench)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    seeds = parser.parse_args().seeds
    print_facts()
    for name, kinds, preset in CASES:
        for seed in range(seeds):
            accuracy, found = check(kinds, preset, seed)
            print(f"\n{name}, {preset}, seed {seed}: accuracy {accuracy:.2f}\n{found.table()}", flush=True)
            print("\n".join(f"warning: {warning}" for warning in found.warnings) or "no warning")


if __name__ == "__main__":
    main()
