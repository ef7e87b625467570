"""How many drawings among photos `photobench audit --check outliers` finds, and how many photos it calls drawings.

    python bench/drawings.py PHOTOS DRAWINGS --weights mobilenetv2_100_tf.pth [--num 20] [--size 128] [--seed 0]

Some drawings of DRAWINGS are put among all photos of PHOTOS, as JPEG of another size and quality each, and the audit is made of both together.
Beside it stands what hard steps alone would report at the same number of findings.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from machine import print_facts
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
PHOTOS = (".jpg", ".jpeg", ".png")
SIDES_PX = (100, 160, 256, 400)


def plant(photos: Path, drawings: Path, num: int, seed: int, root: Path) -> None:
    """Two folders below `root`, photos and drawings in both."""
    rng = np.random.default_rng(seed)
    files = [path for path in sorted(photos.rglob("*")) if path.suffix.lower() in PHOTOS]
    for number, path in enumerate(files):
        link = root / "ab"[number % 2] / f"photo{number}{path.suffix}"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.write_bytes(path.read_bytes())
    drawn = [path for path in sorted(drawings.rglob("*")) if path.suffix.lower() in PHOTOS]
    for number, place in enumerate(rng.permutation(len(drawn))[:num]):
        picture = Image.open(drawn[place]).convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture)
        paper.thumbnail((side := int(rng.choice(SIDES_PX)), side))
        paper.convert("RGB").save(root / "ab"[number % 2] / f"drawing{number}.jpg", quality=int(rng.integers(60, 95)))


def ask(root: Path, weights: Path, size_px: int) -> None:
    import photobench as pb
    from photobench import workflow
    from photobench.audit.drawings import hard_steps

    with tempfile.TemporaryDirectory() as workspace:
        pb.init(root, workspace)
        seen = {
            "backbone": "mobilenetv2_100",
            "weights": str(weights),
            "args": {"pad_type": "same"},
            "size_px": size_px,
        }
        bench = workflow.open_bench(Path(workspace), [{"model": {**seen, "mean": [0.5] * 3, "std": [0.5] * 3}}])
        (checked,) = workflow.audit(bench, ["outliers"])
        told = {finding.path for finding in checked.findings if finding.kind == "drawing"}
        prepared = workflow.prepare(bench)
        steps = {
            path: hard_steps(square)
            for path, square in zip(prepared.manifest.frame["path"], prepared.pack.pixels, strict=True)
        }
    hardest = set(sorted(steps, key=lambda path: -steps[path])[: len(told)])
    drawn = {path for path in steps if Path(path).name.startswith("drawing")}
    print(f"{len(steps) - len(drawn):,} photos, {len(drawn)} drawings")
    for name, found in (("audit", told), ("hard steps alone, as many", hardest)):
        print(f"{name}: {len(found & drawn)} drawings found, {len(found - drawn)} photos reported wrongly")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("drawings", type=Path)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--num", type=int, default=20)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print_facts()
    with tempfile.TemporaryDirectory() as root:
        plant(asked.photos, asked.drawings, asked.num, asked.seed, Path(root))
        ask(Path(root), asked.weights.resolve(), asked.size)


if __name__ == "__main__":
    main()
