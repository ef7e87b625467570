"""How long the command takes to answer where nothing heavy is to be done.

python bench/startup.py [--runs 10]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from machine import print_facts

COMMAND = Path(sys.executable).with_name("photobench")


def seconds(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([COMMAND, *arguments], capture_output=True, check=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    args = parser.parse_args()
    print_facts()
    for arguments in (("--help",), ("train", "--help"), ("--version",)):
        times = [seconds(*arguments) for _ in range(args.runs)]
        shown = f"median {statistics.median(times):.3f} s, {min(times):.3f} to {max(times):.3f} s"
        print(f"photobench {' '.join(arguments)}: {shown}")


if __name__ == "__main__":
    main()
