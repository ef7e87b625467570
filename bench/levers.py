"""What each lever of training is worth: on and off, the same people, seeds and epochs, with the interval of the difference.

    python bench/levers.py PHOTOS --labels labels.csv --weights mobilenetv2_035_backbone.pth [--seeds 2] [--epochs 6]
    python bench/levers.py --demo [--seeds 2] [--epochs 15]

PHOTOS is a labelled set that `photobench init` understands; an age is cut at 30 and 60. The score is macro-F1 over all classes on the
validation photos of all seeds together. An interval that holds zero says: no effect was seen, with so many people.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from machine import print_facts
from paired import Outcomes, outcomes

LEVERS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "focal": {"loss.name": "focal"},
    "logit_adjusted": {"loss.name": "logit_adjusted"},
    "ordinal": {"loss.name": "ordinal"},
    "soft_macro_f1": {"loss.name": "soft_macro_f1"},
    "generalised_ce": {"loss.name": "generalised_ce"},
    "class weights": {"class_weights": "balanced"},
    "no smoothing": {"label_smoothing": 0.0},
    "class_balanced": {"sampler": "class_balanced"},
    "class_root": {"sampler": "class_root"},
    "group_balanced": {"sampler": "group_balanced"},
    "no augmentation": {"preset": "none"},
    "augment medium": {"preset": "medium"},
    "augment face": {"preset": "face"},
    "randaugment": {"preset": "randaugment"},
    "erasing": {"erasing": 0.3},
    "mixup": {"mix": "mixup"},
    "cutmix": {"mix": "cutmix"},
    "halves": {"mix": "halves"},
    "average 0.99": {"average": 0.99},
    "swa, last half": {"swa_share": 0.5},
    "sam": {"sam": 0.05},
    "clipping": {"clip_norm": 1.0},
    "accumulate 4": {"accumulate": 4},
    "batch of 8": {"batch_size": 8},
    "one_cycle": {"schedule": "one_cycle"},
    "constant rate": {"schedule": "constant"},
    "lion": {"optimizer": "lion", "lr": 1e-4},
    "layer_decay 0.75": {"layer_decay": 0.75},
    "frozen first": {"freeze_epochs": 1},
    "growing photos": {"start_share": 0.5},
    "frozen, linear": {"model.mode": "frozen"},
    "frozen, mlp": {"model.mode": "frozen", "classifier": "mlp"},
    "frozen, logistic": {"model.mode": "frozen", "classifier": "logistic"},
    "frozen, centroid": {"model.mode": "frozen", "classifier": "centroid"},
    "frozen, smote": {"model.mode": "frozen", "resample": "smote"},
}


def table(found: Outcomes, seed: int) -> None:
    print(f"\n{len(found.truth_N)} photos, {found.num_groups} groups, {seed} seeds\n")
    print(f"{'lever':<18}{'macro-F1':>10}{'gain':>10}   {'95 % interval':<22}{'CPU time':>8}")
    reference = found.seconds["as it is"]
    for name in found.answers:
        gain, low, high = found.gain(name, over="as it is")
        interval = "" if name == "as it is" else f"({low:+.3f} to {high:+.3f})"
        print(
            f"{name:<18}{found.score(name):>10.3f}{gain:>+10.3f}   {interval:<22}{found.seconds[name] / reference:>7.2f}×",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, nargs="?")
    parser.add_argument("--labels", type=Path)
    parser.add_argument(
        "--weights", type=Path, help="of mobilenetv2_035, pretrained; without, a ResNet-18 from nothing"
    )
    parser.add_argument("--demo", action="store_true", help="the demo's drawn people")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=0, help="others than those on which something was noticed")
    parser.add_argument(
        "--levers", nargs="+", choices=list(LEVERS), default=list(LEVERS), metavar="LEVER", help="only these"
    )
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--size", type=int, default=96, help="side of the photos, in pixels")
    arguments = parser.parse_args()
    if bool(arguments.photos) == arguments.demo:
        sys.exit("Name PHOTOS, or --demo.")
    print_facts()
    import photobench as pb
    from photobench.sources.demo import make_demo

    options: dict[str, Any] = {"epochs": arguments.epochs, "patience": arguments.epochs, "size_px": arguments.size}
    options |= {"precision": "bf16"}  # measured anew for each run, it could differ between two of them
    options |= {"backbone": "resnet18", "weights": "none", "lr": 1e-3}
    if arguments.weights:
        options |= {"backbone": "mobilenetv2_035", "weights": str(arguments.weights.resolve()), "lr": 5e-4}
        options |= {"args": {"pad_type": "same", "bn_eps": 1e-3}, "mean": (0.5,) * 3, "std": (0.5,) * 3}
    with tempfile.TemporaryDirectory() as root:
        photos = arguments.photos
        if arguments.demo:
            photos = Path(root) / "photos"
            make_demo(photos)
        bench = pb.init(photos.resolve(), Path(root) / "workspace", labels=arguments.labels)
        ways = {name: {**options, **LEVERS[name]} for name in dict.fromkeys(["as it is", *arguments.levers])}
        for number, found in enumerate(outcomes(bench, ways, arguments.seeds, arguments.first_seed), 1):
            table(found, number)


if __name__ == "__main__":
    main()
