"""What one core gets out of the packed input pipeline, beside Pillow + torchvision in the same run.

    python bench/input.py [--photos 1024] [--rounds 3]
    python bench/input.py --presets             only what each preset of augmentation does in a second, by the loader and on the device

Both start at JPEG photos of 384 × 512 px and end at normalised float batches at 224 px, with random crop and flip; ours also
changes light and contrast. Ours reads the pack, which was decoded once before: its cost is printed too, for it has to be paid
once. One thread each, in turns; the figures are medians of the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import print_facts, side_by_side
from photos import temporary_photos

SIZE_PX, BATCH = 224, 32


def packed_input(folder: Path, size_px: int = SIZE_PX, passes: int = 3) -> dict[str, float]:
    """Images/s of one thread: augmented uint8 batches, and the same with normalisation; and of packing."""
    import cv2
    import numpy as np
    import torch

    from photobench.data.pack import PackSpec
    from photobench.data.packing import build_pack
    from photobench.sources.manifest import build_manifest
    from photobench.sources.options import AttributeOptions, SourceOptions
    from photobench.train.loader import TrainingBatches
    from photobench.vision.augment import Augment
    from photobench.vision.options import AugmentOptions
    from photobench.vision.preprocess import Normalise

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    classes = tuple(sorted(p.name for p in folder.iterdir()))
    source = SourceOptions(kind="folder", photos=str(folder))
    manifest = build_manifest(source, (AttributeOptions(name="label", values=classes),), folder)
    spec = PackSpec(round(size_px / 0.875), "crop")
    with tempfile.TemporaryDirectory() as packs:
        started = time.perf_counter()
        pack = build_pack(manifest, spec, Path(packs), workers=1)
        pack_s = time.perf_counter() - started
        augment = Augment(AugmentOptions(), size_px, spec.size_px, 0.875)
        targets = np.zeros((len(pack), 1), np.int64)
        batches = TrainingBatches(pack.pixels, np.arange(len(pack)), targets, BATCH, lambda epoch: augment, seed=0)
        normalise = Normalise((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
        rates = {
            "augmented": [_rate(batches, passes_from, lambda images: images) for passes_from in range(passes)],
            "augmented and normalised": [_rate(batches, p, normalise) for p in range(passes)],
        }
    medians = {name: statistics.median(values) for name, values in rates.items()}
    return {**medians, "packing": len(pack) / pack_s}


def presets(folder: Path, device: str, size_px: int = SIZE_PX) -> dict[str, tuple[float, float, float]]:
    """Images/s by preset, from the stored square of a pack to the model's size, and with erasing: of one core that does it all, of one
    that draws and leaves the rest to the device, and of the device."""
    from photobench.data.pack import PackSpec
    from photobench.records import WHOLE
    from photobench.vision.augment import AUGMENTATIONS, Augment, Drawing, images_per_s
    from photobench.vision.options import AugmentOptions

    spec = PackSpec(round(size_px / 0.875), "crop")
    stored = [spec.pixels(path, WHOLE)[0] for path in sorted(folder.rglob("*.jpg"))[:64]]
    options = {name: AugmentOptions(preset=name) for name in AUGMENTATIONS.names()}
    options["light, erasing all"] = AugmentOptions(erasing=1.0)
    found = {}
    for name, one in options.items():
        chosen = one, size_px, spec.size_px, 0.875
        augment, drawing = Augment(*chosen), Drawing(*chosen)
        alone, draws = (images_per_s(way, stored, rounds=9) for way in (augment, drawing))
        found[name] = alone, draws, _device_rate(drawing(stored * 2, 0), device)
    return found


def _device_rate(unfinished: Any, device: str) -> float:
    """Images/s of the device, the median of some rounds; what it is given lies in pinned memory, as the loader leaves it."""
    import torch

    from photobench.vision.device import synchronise
    from photobench.vision.on_device import augmented

    torch.set_num_threads(1)
    clock = time.perf_counter if device == "cuda" else time.thread_time
    images, recipes = torch.from_numpy(unfinished.images), unfinished.recipes
    if device == "cuda":
        images = images.pin_memory()
        recipes = [one._replace(views=one.views.pin_memory(), numbers=one.numbers.pin_memory()) for one in recipes]
    times = []
    for _ in range(9):
        synchronise(device)
        started = clock()
        augmented(images.to(device, non_blocking=True), recipes)
        synchronise(device)
        times.append(clock() - started)
    return len(images) / statistics.median(times)


def _rate(batches, epoch: int, finish) -> float:
    started, photos = time.perf_counter(), 0
    for number in range(batches.num_batches):
        images = batches[epoch, number].images
        photos += len(finish(images))
    return photos / (time.perf_counter() - started)


def print_presets() -> None:
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    with temporary_photos(64) as folder:
        rates = presets(folder, device)
    print(
        f"\nAugmentation from {round(SIZE_PX / 0.875)} to {SIZE_PX} px in images/s: of one core alone (augment.on = loader), of one core"
    )
    print(f"that leaves the pixels to the device (augment.on = device), and of the device, {device}\n")
    print(f"{'preset':20}{'loader':>10}{'draws':>10}{'device':>10}")
    print("\n".join(f"{name:20}" + "".join(f"{rate:10,.0f}" for rate in three) for name, three in rates.items()))


def _alone(code: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--presets", action="store_true")
    args = parser.parse_args()
    print_facts()
    if args.presets:
        print_presets()
        return
    ours: list[dict] = []
    theirs: list[dict] = []
    with temporary_photos(args.photos) as folder:
        for _ in range(args.rounds):
            path = f"Path({str(folder)!r})"
            ours.append(
                _alone(
                    f"import json; from pathlib import Path; import input; print(json.dumps(input.packed_input({path})))"
                )
            )
            theirs.append(
                _alone(
                    f"import json; from pathlib import Path; import input_torchvision as t; print(json.dumps(t.torchvision_input({path})))"
                )
            )
    reference = "Pillow + torchvision, from JPEG files"
    rows = {f"photobench, {name}": statistics.median(r[name] for r in ours) for name in ours[0]}
    rows[reference] = statistics.median(r["images_per_s"] for r in theirs)
    print(
        f"\nInput at {SIZE_PX} px, images/s of one core, median of {args.rounds} rounds (packing is paid once per photo)\n"
    )
    print(side_by_side(rows, reference))
    print(
        f"\nrounds, photobench: {[round(r['augmented and normalised']) for r in ours]}, torchvision: {[round(r['images_per_s']) for r in theirs]}"
    )


if __name__ == "__main__":
    main()
