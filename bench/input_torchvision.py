"""What one core gets out of Pillow and torchvision: photo file in, normalised training tensor out.

    python bench/input_torchvision.py --folder photos --json result.json

This is the input side of the Lightning contender without a model, a worker or a batch: the most that each
worker can deliver.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def torchvision_input(folder: Path, size_px: int = 224, max_photos: int = 512, passes: int = 3) -> dict[str, Any]:
    """Images/s of one thread over the JPEG photos below `folder`, the median of `passes`.

    A pass that is not counted comes first, so that the speed of the disk is not what is measured. Sets torch
    to one thread for the rest of the process. Raises ValueError when there is no photo.
    """
    import torch

    torch.set_num_threads(1)
    paths = sorted(folder.rglob("*.jpg"))[:max_photos]
    if not paths:
        raise ValueError(f"no .jpg file below {folder}")
    load = _loader(size_px)
    _images_per_s(load, paths)
    rates = [_images_per_s(load, paths) for _ in range(passes)]
    return {
        "library": "torchvision",
        "version": version("torchvision"),
        "images_per_s": statistics.median(rates),
        "passes_images_per_s": rates,
        "num_photos": len(paths),
        "size_px": size_px,
        "num_threads": torch.get_num_threads(),
    }


def _loader(size_px: int) -> Callable[[Path], Any]:
    from PIL import Image
    from torchvision import transforms

    transform = transforms.Compose(
        [
            transforms.RandomResizedCrop(size_px),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ]
    )

    def load(path: Path) -> Any:
        with Image.open(path) as photo:
            return transform(photo.convert("RGB"))

    return load


def _images_per_s(load: Callable[[Path], Any], paths: list[Path]) -> float:
    started = time.perf_counter()
    for path in paths:
        load(path)
    return len(paths) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="photos, at any depth")
    parser.add_argument("--json", type=Path, help="where to write the result")
    parser.add_argument("--size-px", type=int, default=224)
    parser.add_argument("--max-photos", type=int, default=512)
    parser.add_argument("--passes", type=int, default=3)
    args = parser.parse_args()
    text = json.dumps(torchvision_input(args.folder, args.size_px, args.max_photos, args.passes), indent=2)
    if args.json is not None:
        args.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
