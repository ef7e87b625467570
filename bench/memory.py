"""Memory of a run against the number of photos: the pack is mapped, not loaded, so it should not grow with them.

    python bench/memory.py [--counts 2000 20000] [--size 64]

Each count is prepared, trained for one epoch and evaluated in a process of its own. What is counted is anonymous memory at its
peak: mapped pages of the pack are the kernel's to drop, and count as RssFile. The photos are small files, so that 20,000 of them
are written in a minute; the pack's rows are what decides.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from machine import print_facts
from PIL import Image

CHILD = """
import sys, threading, time
def watch():
    while True:
        for line in open('/proc/self/status'):
            if line.startswith('RssAnon'):
                peak[0] = max(peak[0], int(line.split()[1]))
            if line.startswith('RssFile'):
                mapped[0] = max(mapped[0], int(line.split()[1]))
        time.sleep(0.02)
peak, mapped = [0], [0]
threading.Thread(target=watch, daemon=True).start()
import photobench as pb
photos, workspace, size = sys.argv[1:]
bench = pb.init(photos, workspace)
bench.run(backbone='test_resnet', weights='none', epochs=1, size_px=int(size), side_px=128, bootstraps=20)
print(peak[0] // 1024, mapped[0] // 1024)
"""


def write_small_photos(folder: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    for number in range(count):
        path = folder / f"class{number % 4}" / f"{number:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        colour = rng.integers(0, 255, 3)
        Image.fromarray(np.tile(colour, (32, 32, 1)).astype(np.uint8)).save(path)


def peak_mb(count: int, size_px: int) -> tuple[int, int, int]:
    """Peak anonymous and mapped memory of a run, and the pack's size, in MB."""
    with tempfile.TemporaryDirectory() as root:
        photos, workspace = Path(root) / "photos", Path(root) / "workspace"
        write_small_photos(photos, count)
        command = [sys.executable, "-c", CHILD, str(photos), str(workspace), str(size_px)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        anonymous, mapped = map(int, done.stdout.split()[-2:])
        pack = sum(p.stat().st_size for p in workspace.glob("packs/*/pixels.u8")) // 2**20
        return anonymous, mapped, pack


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[2000, 20_000])
    parser.add_argument("--size", type=int, default=64)
    args = parser.parse_args()
    print_facts()
    print("\n| photos | pack | peak anonymous memory | peak mapped pages |\n| --- | --- | --- | --- |")
    for count in args.counts:
        anonymous, mapped, pack = peak_mb(count, args.size)
        print(f"| {count:,} | {pack:,} MB | {anonymous:,} MB | {mapped:,} MB |", flush=True)


if __name__ == "__main__":
    main()
