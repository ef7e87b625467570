"""How much of what the CPU can multiply a training step uses, and where the rest of its time goes.

    python bench/roof.py [--models resnet18,efficientnet_b0,vit_tiny_patch16_224] [--size 224] [--batch 32] [--precision bf16]

The roof is the fastest of several square matrix products, with all threads, in the precision of the step; it is measured before
and after the steps, and the higher counts. The step is photobench's own, from the pack to the updated weights. Its FLOPs are those
of convolutions and matrix products, forward and backward, as torch counts them: two per multiplication and addition. Each model
has a process of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

from machine import print_facts
from photos import temporary_photos

MODELS = "resnet18,efficientnet_b0,vit_tiny_patch16_224"
SIDES = (512, 768, 1024, 2048, 3072)
WARM_STEPS, PROFILED_STEPS = 3, 6
BATCHES = 4  # of photos that are drawn

# What the profiler calls an operation → what a reader would; the first that its name holds.
KINDS = {
    "input": ("input",),
    "optimiser": ("Optimizer", "fused_adam", "foreach"),
    "convolution, matmul": ("conv", "addmm", "::mm", "bmm", "linear", "attention"),
    "norm": ("batch_norm", "layer_norm"),
    "pooling": ("pool", "::mean"),
    "copy, cast": ("copy_", "_to_copy", "contiguous", "::cat"),
    "activation": ("relu", "threshold", "silu", "gelu", "sigmoid", "hardtanh"),
    "memory": ("empty", "resize_", "zero", "fill_"),
    "other elementwise": ("add", "mul", "sub", "div", "sum", "sqrt", "native_dropout"),
}


def matmul_roof(precision: str, seconds: float = 1.0) -> float:
    """GFLOP/s of the fastest square product, all threads; the best of the repetitions of each size in `seconds`."""
    import torch

    dtype = {"bf16": torch.bfloat16, "fp32": torch.float32}[precision]
    best = 0.0
    for side in SIDES:
        a, b, out = (torch.randn(side, side).to(dtype) for _ in range(3))
        end = time.perf_counter() + seconds
        while (started := time.perf_counter()) < end:
            torch.mm(a, b, out=out)
            best = max(best, 2 * side**3 / (time.perf_counter() - started) / 1e9)
    return best


def measure_step(photos: Path, model: str, size_px: int, batch: int, precision: str, steps: int) -> dict[str, Any]:
    """The roof, and photobench's step beside it: FLOPs, seconds, and the share of each kind of work."""
    from steps import make_trainer
    from torch.ops import aten
    from torch.utils.flop_counter import FlopCounterMode

    with tempfile.TemporaryDirectory() as workspace:
        options = {"backbone": model, "size_px": size_px, "batch_size": batch, "precision": precision, "device": "cpu"}
        trainer = make_trainer(photos, Path(workspace), **options)
        precision = trainer.model.spec.precision
        roof = matmul_roof(precision)
        step = _stepper(trainer)
        with FlopCounterMode(display=False, custom_mapping={aten.convolution_backward: backward_flops}) as counted:
            step()
        for _ in range(WARM_STEPS):
            step()
        seconds = [_seconds(step) for _ in range(steps)]
        shares = _shares(step)
    return {
        "model": model,
        "precision": precision,
        "batch": trainer.batches.batch_size,
        "gflop": counted.get_total_flops() / 1e9,
        "step_s": statistics.median(seconds),
        "fastest_step_s": min(seconds),
        "roof_gflops": max(roof, matmul_roof(precision)),
        "shares": shares,
    }


def backward_flops(
    grad_shape: list[int], x_shape: list[int], w_shape: list[int], *rest: Any, out_shape: Any = None, **_: Any
) -> int:
    """Of a convolution: as many as forward for each gradient that is asked for. torch's own count takes a depthwise one for a full one."""
    from torch.utils.flop_counter import conv_flop_count

    transposed, output_mask = rest[4], rest[7]
    return conv_flop_count(x_shape, w_shape, grad_shape, transposed) * sum(output_mask[:2])


def _stepper(trainer: Any) -> Callable[[], None]:
    """One call: the next batch made, and learned from."""
    from torch.profiler import record_function

    trainer.learning()
    numbers = cycle(range(len(trainer.batches.rows) // trainer.batches.batch_size))  # whole batches

    def step() -> None:
        with record_function("input"):
            batch = trainer.batches[0, next(numbers)]
        trainer.learner.step([batch])

    return step


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _shares(step: Callable[[], None]) -> dict[str, float]:
    """The share of each kind of work in the profiled time, largest first."""
    from torch.profiler import ProfilerActivity, profile, schedule

    steps = schedule(wait=0, warmup=WARM_STEPS, active=PROFILED_STEPS, repeat=1)
    with profile(activities=[ProfilerActivity.CPU], schedule=steps) as found:
        for _ in range(WARM_STEPS + PROFILED_STEPS):
            step()
            found.step()
    spent: dict[str, float] = {}
    for row in found.key_averages():
        kind = next((kind for kind, parts in KINDS.items() if any(part in row.key for part in parts)), "other")
        spent[kind] = spent.get(kind, 0.0) + row.self_cpu_time_total
    total = sum(spent.values())
    return {kind: value / total for kind, value in sorted(spent.items(), key=lambda item: -item[1])}


def _alone(*arguments: Any) -> dict[str, Any]:
    code = f"import json; from pathlib import *; import roof; print(json.dumps(roof.measure_step(*{arguments!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def table(rows: list[dict[str, Any]]) -> str:
    lines = [f"{'model':<24}{'':>6}{'GFLOP':>9}{'step':>10}{'GFLOP/s':>10}{'roof':>10}{'of the roof':>13}"]
    for row in rows:
        rate = row["gflop"] / row["step_s"]
        lines.append(
            f"{row['model']:<24}{row['precision']:>6}{row['gflop']:>9.1f}{row['step_s']:>8.3f} s{rate:>10.0f}{row['roof_gflops']:>10.0f}{rate / row['roof_gflops']:>12.0%}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=MODELS, help="timm's names, with commas between them")
    parser.add_argument("--size", type=int, default=224, help="side of the photos, in pixels")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=12, help="timed steps; the median counts")
    parser.add_argument("--precision", choices=("auto", "bf16", "fp32"), default="bf16")
    args = parser.parse_args()
    print_facts()
    rows = []
    with temporary_photos(BATCHES * args.batch, 4) as photos:
        for model in args.models.split(","):
            rows.append(_alone(photos, model, args.size, args.batch, args.precision, args.steps))
    print(f"\nA training step, {args.size} px, batches of {args.batch}, median of {args.steps}\n")
    print(table(rows))
    print("\nWhere a step's time goes (torch.profiler)\n")
    for row in rows:
        shown = ", ".join(f"{kind} {share:.1%}" for kind, share in row["shares"].items() if share >= 0.002)
        print(f"{row['model']}: {shown}")


if __name__ == "__main__":
    main()
