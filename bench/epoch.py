"""A whole training epoch, from photo files to updated weights: photobench beside fastai and Lightning, in the same run.

    python bench/epoch.py [--models resnet18,efficientnet_b0,vit_tiny_patch16_224] [--photos 1280] [--rounds 2] [--size 224]

Models from nothing, ResNet-18 where none is named, 224 px, batches of 32, JPEG photos of 384 × 512 px. Each contender runs in a process of its own, in
turns, with its defaults; what is counted is the second epoch's training (photos through a step / seconds). photobench decodes
every photo once, before the first epoch: that cost is printed beside, and the last row spreads it over five epochs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from contenders import CONTENDERS, MODEL, measure
from machine import print_facts, side_by_side
from photos import temporary_photos

OURS = "photobench"
EPOCHS_SHARED = 5


def photobench_epoch(folder: Path, model: str, size_px: int, batch: int = 32, epochs: int = 2) -> dict:
    """photobench as its user calls it: init, train. Images/s of each epoch, and the seconds of packing."""
    import photobench as pb

    with tempfile.TemporaryDirectory() as workspace:
        bench = pb.init(folder, workspace)
        run = bench.train(backbone=model, weights="none", epochs=epochs, batch_size=batch, size_px=size_px)
        timings = run._bench.workspace.timings()
        train_photos = len(bench.manifest().rows("train"))
        rates = run.history["images_per_s"].tolist()
        return {
            "epochs": rates,
            "pack_s": timings["pack"],
            "num_photos": train_photos,
            "precision": run.record.environment["precision"],
        }


def _alone(folder: Path, model: str, size_px: int) -> dict:
    call = f"epoch.photobench_epoch(Path({str(folder)!r}), {model!r}, {size_px})"
    code = f"import json; from pathlib import Path; import epoch; print(json.dumps({call}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def compare(folder: Path, model: str, size_px: int, rounds: int) -> None:
    """The table of one model."""
    rates: dict[str, list[float]] = {}
    packs: list[float] = []
    for _ in range(rounds):
        ours = _alone(folder, model, size_px)
        rates.setdefault(f"{OURS} ({ours['precision']})", []).append(ours["epochs"][1])
        packs.append(ours["pack_s"])
        for name in CONTENDERS:
            rate = measure(name, folder, model=model, size_px=size_px)["images_per_s"]
            rates.setdefault(name, []).append(rate)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    ours_name = next(iter(medians))
    best = max((name for name in medians if name != ours_name), key=medians.__getitem__)
    photos, pack_s = ours["num_photos"], statistics.median(packs)
    spread = EPOCHS_SHARED * photos / (EPOCHS_SHARED * photos / medians[ours_name] + pack_s)
    medians[f"{OURS}, packing spread over {EPOCHS_SHARED} epochs"] = spread
    print(f"\nTraining epoch of {model}, images/s at {size_px} px, median of {rounds} rounds\n")
    print(side_by_side(medians, best))
    print(f"\npacking the photos once: {pack_s:.1f} s")
    shown = "; ".join(f"{name} {[round(v, 1) for v in values]}" for name, values in rates.items())
    print(f"rounds: {shown}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=MODEL, help="timm's names, with commas between them")
    parser.add_argument("--photos", type=int, default=1280)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--size", type=int, default=224, help="side of the photos, in pixels")
    args = parser.parse_args()
    print_facts()
    with temporary_photos(args.photos) as folder:
        for model in args.models.split(","):
            compare(folder, model, args.size, args.rounds)


if __name__ == "__main__":
    main()
