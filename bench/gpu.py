"""Training on one CUDA GPU: photobench from its pack, beside timm's own loader and loop, and a plain DataLoader.

    python bench/gpu.py [--models resnet50,efficientnet_b4,vit_small_patch16_224] [--photos 4096] [--preset light]

Models from nothing, 224 px, bf16, JPEG photos of 384 × 512 px, a process for each way, in turns. What is counted is the second epoch's
training. timm's way is the loop of its train.py, with its create_loader (a prefetcher that normalises on the GPU); the plain way is
the same loop over torchvision's ImageFolder and a DataLoader. photobench goes as it is, with photos augmented by the loader
(augment.on = "loader"; as it is, the GPU does it), and compiled (train.compile = "on"); what compiling took stands beside it, and is no part
of the rate. Idle is the share of a stretch of steps in which no kernel ran, by
torch.profiler, in steps that are not timed. Without a GPU it says so and ends.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from contenders import input_size
from machine import print_facts
from photos import temporary_photos

MODELS = "resnet50,efficientnet_b4,vit_small_patch16_224"
OURS, BY_LOADER, COMPILED = "photobench", "photobench, by the loader", "photobench, compiled"
LR, WEIGHT_DECAY = 5e-4, 0.02
PROFILED_STEPS = 20
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Result = dict[str, float | None]
Epoch = Callable[[int], Iterable[Any]]
Step = Callable[[Any], None]


def measure(epoch: Epoch, step: Step, num_photos: int, device: str) -> Result:
    """Images/s of the second epoch, and the idle share of steps of a third. `step` is called with what `epoch` yields."""
    seconds = 0.0
    for number in range(2):
        _wait(device)
        started = time.perf_counter()
        for batch in epoch(number):
            step(batch)
        _wait(device)
        seconds = time.perf_counter() - started
    return {"images_per_s": num_photos / seconds, "idle": idle_share(epoch(2), step) if device == "cuda" else None}


def idle_share(batches: Iterable[Any], step: Step) -> float:
    """The share of the time from the first kernel to the last in which none ran; the first steps, of a cold loader, left out."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    steady = iter(batches)
    for batch in islice(steady, PROFILED_STEPS // 2):
        step(batch)
    with profile(activities=[ProfilerActivity.CUDA]) as found:
        for batch in islice(steady, PROFILED_STEPS):
            step(batch)
        torch.cuda.synchronize()
    on_gpu = [event for event in found.events() if event.device_type == torch.autograd.DeviceType.CUDA]
    spans = sorted((event.time_range.start, event.time_range.end) for event in on_gpu)
    busy, until = 0.0, spans[0][0]
    for start, end in spans:
        busy, until = busy + max(0.0, end - max(start, until)), max(until, end)
    return 1 - busy / (until - spans[0][0])


def photobench_way(photos: Path, args: argparse.Namespace, compile: str = "off", on: str = "auto") -> Result:
    """The trainer of `photobench train`, its loader and its step."""
    from steps import make_trainer

    from photobench.train.loader import choose_workers, training_loader

    with tempfile.TemporaryDirectory() as workspace:
        options = {
            "size_px": args.size,
            "batch_size": args.batch,
            "device": args.device,
            "precision": "bf16",
            "lr": LR,
            "compile": compile,
            "preset": args.preset,
            "on": on,
        }
        trainer = make_trainer(photos, Path(workspace), backbone=args.way_model, epochs=3, **options)
        trainer.learning()
        started = time.perf_counter()
        trainer.compiling.settle(trainer.state)
        compiling_s = time.perf_counter() - started
        workers = choose_workers(trainer.options.workers, args.device)

        def epoch(number: int) -> Iterable[Any]:
            return training_loader(trainer.batches, number, 0, workers, pin=args.device == "cuda")

        found = measure(epoch, lambda batch: trainer.learner.step([batch]), len(trainer.batches.rows), args.device)
        return {**found, "compiling_s": compiling_s if trainer.state.compiled else None}


def by_loader_way(photos: Path, args: argparse.Namespace) -> Result:
    """The same, its photos augmented by the loader."""
    return photobench_way(photos, args, on="loader")


def compiled_way(photos: Path, args: argparse.Namespace) -> Result:
    """The same, its model compiled before the first epoch."""
    return photobench_way(photos, args, compile="on")


def timm_way(photos: Path, args: argparse.Namespace) -> Result:
    """create_dataset and create_loader as timm's train.py calls them."""
    import torch
    from timm.data import create_dataset, create_loader

    device = torch.device(args.device)
    dataset = create_dataset("", root=str(photos), is_training=True, batch_size=args.batch)
    loader = create_loader(
        dataset, (3, args.size, args.size), args.batch, is_training=True, num_workers=os.cpu_count() or 1,
        mean=IMAGENET_MEAN, std=IMAGENET_STD, pin_memory=args.device == "cuda", device=device,
        use_prefetcher=args.device == "cuda",
    )  # fmt: skip
    return measure(lambda _: loader, _train_step(args, device), len(loader) * args.batch, args.device)


def plain_way(photos: Path, args: argparse.Namespace) -> Result:
    """ImageFolder, torchvision's transforms, a DataLoader with a worker per core."""
    import torch
    from torch.utils.data import DataLoader
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    crop, flip = transforms.RandomResizedCrop(args.size), transforms.RandomHorizontalFlip()
    finish = [transforms.ToTensor(), transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD)]
    dataset = ImageFolder(photos, transforms.Compose([crop, flip, *finish]))
    loader: Any = DataLoader(dataset, args.batch, shuffle=True, num_workers=os.cpu_count() or 1, drop_last=True)
    step = _train_step(args, torch.device(args.device))
    return measure(lambda _: loader, step, len(loader) * args.batch, args.device)


def _train_step(args: argparse.Namespace, device: Any) -> Step:
    """The step of timm's train.py: channels_last, autocast in bf16, AdamW."""
    import timm
    import torch
    from timm.optim import create_optimizer_v2

    model = timm.create_model(args.way_model, num_classes=args.classes, **input_size(args.way_model, args.size))
    model = model.to(device, memory_format=torch.channels_last).train()
    optimizer = create_optimizer_v2(model, opt="adamw", lr=LR, weight_decay=WEIGHT_DECAY)

    def step(batch: Any) -> None:
        images = batch[0].to(device).contiguous(memory_format=torch.channels_last)
        optimizer.zero_grad()
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = torch.nn.functional.cross_entropy(model(images), batch[1].to(device))
        loss.backward()
        optimizer.step()

    return step


def _wait(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.synchronize()


WAYS = {
    OURS: photobench_way,
    BY_LOADER: by_loader_way,
    COMPILED: compiled_way,
    "timm": timm_way,
    "DataLoader": plain_way,
}


def _alone(way: str, model: str, photos: Path, args: argparse.Namespace) -> Result:
    names = ("size", "batch", "classes", "device", "preset")
    given = {name: getattr(args, name) for name in names}
    options = [part for name, value in given.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, __file__, "--way", way, "--way-model", model, "--way-photos", str(photos), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def compare(model: str, photos: Path, args: argparse.Namespace) -> None:
    found: dict[str, list[Result]] = {way: [] for way in WAYS}
    for _ in range(args.rounds):
        for way in WAYS:
            found[way].append(_alone(way, model, photos, args))
    rates = {way: statistics.median(result["images_per_s"] for result in results) for way, results in found.items()}
    best = max(rate for way, rate in rates.items() if way not in (OURS, BY_LOADER, COMPILED))
    print(f"\n{model}, {args.size} px, batches of {args.batch}, bf16, median of {args.rounds} rounds\n")
    print(f"{'way':<27}{'images/s':>10}{'ratio':>9}{'idle':>8}{'compiling':>12}")
    for way, rate in rates.items():
        idle, compiling = (_median(found[way], name) for name in ("idle", "compiling_s"))
        idle_words, compiling_words = (
            "-" if idle is None else f"{idle:.0%}",
            "-" if compiling is None else f"{compiling:.0f} s",
        )
        print(f"{way:<27}{rate:>10.0f}{rate / best:>8.2f}×{idle_words:>8}{compiling_words:>12}", flush=True)


def _median(results: list[Result], name: str) -> float | None:
    known = [value for result in results if (value := result.get(name)) is not None]
    return statistics.median(known) if known else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=MODELS, help="timm's names, with commas between them")
    parser.add_argument("--photos", type=int, default=4096)
    parser.add_argument("--classes", type=int, default=18)
    parser.add_argument("--size", type=int, default=224, help="side of the photos, in pixels")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--preset", default="light", help="of photobench's augmentation; the others crop and flip")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--device", default="cuda", help=argparse.SUPPRESS)  # cpu: only to see that it runs
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)  # one of them, in this process
    parser.add_argument("--way-model", help=argparse.SUPPRESS)
    parser.add_argument("--way-photos", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.way:
        print(json.dumps(WAYS[args.way](args.way_photos, args)))
        return
    import torch

    if args.device == "cuda" and not torch.cuda.is_available():
        print("No GPU here: there is nothing to measure.")
        return
    print_facts()
    with temporary_photos(args.photos, args.classes) as photos:
        for model in args.models.split(","):
            compare(model, photos, args)


if __name__ == "__main__":
    main()
