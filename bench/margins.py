"""What it costs a step to keep the margin of each photo: the same step with it and without, in turns, one thread, CPU seconds.

python bench/margins.py [--backbone resnet18] [--size 64] [--batch 16] [--steps 200]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from machine import print_facts
from photos import temporary_photos
from steps import make_trainer


def seconds(trainer: Any, batch: Any) -> float:
    started = time.process_time()
    trainer.learner.step([batch])
    return time.process_time() - started


def without_margins() -> Any:
    from photobench.train.dynamics import Margins

    return patch.multiple(Margins, note=lambda *_: None, keep=lambda *_: None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--size", type=int, default=64, help="side of the photos, in pixels")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=200)
    arguments = parser.parse_args()
    print_facts()
    torch.set_num_threads(1)
    options = {
        "backbone": arguments.backbone,
        "size_px": arguments.size,
        "batch_size": arguments.batch,
        "precision": "fp32",
    }
    with tempfile.TemporaryDirectory() as root, temporary_photos(8 * arguments.batch, 2) as photos:
        trainer = make_trainer(photos, Path(root) / "workspace", **options)
        trainer.learning()
        batch = trainer.batches[0, 0]
        for _ in range(3):
            seconds(trainer, batch)
        ratios, plain = [], []
        for number in range(arguments.steps):
            if number % 2:
                kept = seconds(trainer, batch)
            with without_margins():
                plain.append(seconds(trainer, batch))
            ratios.append((kept if number % 2 else seconds(trainer, batch)) / plain[-1])
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(
        f"\na step takes {1e3 * statistics.median(plain):.1f} ms; with margins {middle:.3f}× (quartiles {low:.3f} to {high:.3f})"
    )


if __name__ == "__main__":
    main()
