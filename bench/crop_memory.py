"""Memory of the crop stage against the number and the size of the photos: it holds one full photo and the reduced ones of a batch per thread.

    python bench/crop_memory.py [--counts 50 200] [--size 6000 4000]

A drawn photo is enlarged and copied; each count is looked at by MTCNN and packed in a process of its own, as JPEG (which is decoded
at a fraction of its size) and as PNG (which cannot be). What is counted is anonymous memory at its peak.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import print_facts
from memory import CHILD as WATCHED_RUN
from PIL import Image

WATCH = WATCHED_RUN.split("import photobench")[0]
CHILD = (
    WATCH
    + """
import photobench as pb
photos, workspace = sys.argv[1:]
from photobench.data.packing import build_pack
from photobench.workflow import open_bench
from photobench.workflow.photos.preparing import boxes, project_way
pb.init(photos, workspace)
bench = open_bench(workspace, [{"crop": {"method": "face"}, "pack": {"side_px": 256}}])
way = project_way(bench)
build_pack(boxes(bench, way).manifest, way.pack, bench.workspace.packs)
print(peak[0] // 1024, mapped[0] // 1024)
"""
)


def peak_mb(photo: Path, count: int) -> int:
    with tempfile.TemporaryDirectory() as root:
        for number in range(count):
            target = Path(root) / "photos" / f"class{number % 2}" / f"{number:03d}{photo.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(photo, target)
        command = [sys.executable, "-c", CHILD, f"{root}/photos", f"{root}/workspace"]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return int(done.stdout.split()[-2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--size", type=int, nargs=2, default=[6000, 4000], metavar=("WIDTH", "HEIGHT"))
    arguments = parser.parse_args()
    print_facts()
    from photobench.sources.demo import make_demo

    with tempfile.TemporaryDirectory() as root:
        make_demo(Path(root) / "demo", num_people=20, num_eval_people=1)
        drawn = Image.open(next((Path(root) / "demo" / "eval" / "images").glob("*.jpg"))).convert("RGB")
        large = drawn.resize(tuple(arguments.size), Image.Resampling.BICUBIC)
        print(f"\n{'photos':<28}{'count':>8}{'peak MB':>10}\n")
        for suffix in (".jpg", ".png"):
            photo = Path(root) / f"large{suffix}"
            large.save(photo, **({"quality": 92} if suffix == ".jpg" else {"compress_level": 1}))
            for count in arguments.counts:
                name = f"{large.width} × {large.height}{suffix}"
                print(f"{name:<28}{count:>8}{peak_mb(photo, count):>10}", flush=True)


if __name__ == "__main__":
    main()
