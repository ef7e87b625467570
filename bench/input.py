"""What one core gets out of the packed input pipeline, beside Pillow + torchvision in the same run.

    python bench/input.py [--photos 1024] [--rounds 3]
    python bench/input.py --presets             only what each preset of augmentation does in a second

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


def presets(folder: Path, size_px: int = SIZE_PX) -> dict[str, float]:
    """Images/s of one core, by preset, from the stored square of a pack to the model's size, and with erasing."""
    from photobench.data.pack import PackSpec
    from photobench.records import WHOLE
    from photobench.vision.augment import AUGMENTATIONS, Augment, images_per_s
    from photobench.vision.options import AugmentOptions

    spec = PackSpec(round(size_px / 0.875), "crop")
    stored = [spec.pixels(path, WHOLE)[0] for path in sorted(folder.rglob("*.jpg"))[:64]]
    options = {name: AugmentOptions(preset=name) for name in AUGMENTATIONS.names()}
    options["light, erasing all"] = AugmentOptions(erasing=1.0)
    made = {name: Augment(one, size_px, spec.size_px, 0.875) for name, one in options.items()}
    return {name: images_per_s(augment, stored, rounds=9) for name, augment in made.items()}


def _rate(batches, epoch: int, finish) -> float:
    started, photos = time.perf_counter(), 0
    for number in range(batches.num_batches):
        images = batches[epoch, number].images
        photos += len(finish(images))
    return photos / (time.perf_counter() - started)


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
        with temporary_photos(64) as folder:
            rates = presets(folder)
        print(f"\nAugmentation from {round(SIZE_PX / 0.875)} to {SIZE_PX} px, images/s of one core\n")
        print("\n".join(f"{name:20}{rate:8,.0f}" for name, rate in rates.items()))
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
