"""What the crop is worth: macro-F1 of the same training on whole photos and on faces.

    python bench/crop_quality.py [--masks DATA/masks --weights DATA/weights/mobilenetv2_100_tf.pth] [--seeds 3]

For each seed the people are divided anew, and both ways are trained on the same people with the same seed and budget. The
validation photos of all seeds are taken together; the interval of the difference is from drawing people (photos, where people are
not known) a thousand times, both ways on the same draw.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from machine import print_facts
from paired import outcomes

METHODS = ("none", "face")


def compare(name: str, bench: Any, options: dict[str, Any], seeds: int) -> None:
    *_, found = outcomes(bench, {method: {**options, "crop.method": method} for method in METHODS}, seeds)
    gain, low, high = found.gain("face", over="none")
    print(
        f"{name:<8}{len(found.truth_N):>8}{found.num_groups:>8}{found.score('none'):>10.3f}{found.score('face'):>10.3f}"
        f"{gain:>+10.3f}   ({low:+.3f} to {high:+.3f})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--masks", type=Path, help="a folder of web photos, a folder per class")
    parser.add_argument("--weights", type=Path, help="MobileNetV2 weights for them")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    print_facts()
    print(f"\n{'set':<8}{'photos':>8}{'groups':>8}{'whole':>10}{'face':>10}{'gain':>10}   95 % interval\n")
    import photobench as pb
    from photobench.sources.demo import make_demo
    from photobench.workflow.demonstrating import OPTIONS
    from photobench.workflow.photos.first_look import init

    with tempfile.TemporaryDirectory() as folder:
        photos, workspace = Path(folder) / "photos", Path(folder) / "workspace"
        make_demo(photos)
        init(photos, workspace, chosen=OPTIONS)
        compare("demo", pb.open(workspace), {}, arguments.seeds)
    if arguments.masks and arguments.weights:
        with tempfile.TemporaryDirectory() as folder:
            bench = pb.init(arguments.masks.resolve(), folder)
            options = {
                "backbone": "mobilenetv2_100",
                "weights": str(arguments.weights.resolve()),
                "args": {"pad_type": "same"},
            }
            options |= {"mean": (0.5,) * 3, "std": (0.5,) * 3, "size_px": 128, "epochs": 4}
            compare("masks", bench, options, arguments.seeds)


if __name__ == "__main__":
    main()
