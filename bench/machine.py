"""Facts of the machine, printed beside every figure, and the table in which figures are compared.

A rate without its machine says nothing: whether the CPU multiplies bfloat16 matrices alone can double it.
Standard library only, so that looking at the machine does not warm up what is about to be measured.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Instruction sets that decide how fast a CPU trains: vectors of 256 and 512 bits, products of 8-bit integers
# and of bfloat16, matrix tiles.
FLAGS_THAT_MATTER = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8")

LIBRARIES = (
    "torch",
    "torchvision",
    "timm",
    "albumentations",
    "opencv-python-headless",
    "pillow",
    "numpy",
    "fastai",
    "lightning",
)

HEADERS = ("name", "images per s", "ratio")


def facts() -> dict[str, str]:
    """What a reader needs to know of this machine, from its CPU to the versions of its libraries.

    Never raises: what cannot be found out reads 'unknown', a library that is not there 'not installed'.
    The load is what the machine was doing in the last minute, in busy cores: well above 0 before a bench
    starts, the figures that follow are too low.
    """
    return {
        "cpu": _cpu_field("model name") or platform.processor() or "unknown",
        "cpu flags": _cpu_flags(),
        "cores": str(_num_cores()),
        "memory": _memory(),
        "gpu": _gpus(),
        "load": _load(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: _version(name) for name in LIBRARIES},
    }


def print_facts() -> None:
    """Print `facts`, one a line, aligned."""
    found = facts()
    width = max(map(len, found))
    for name, value in found.items():
        print(f"{name:<{width}}  {value}")


def side_by_side(images_per_s: Mapping[str, float], reference: str) -> str:
    """An aligned table of rates, fastest first, each with its ratio to the rate of `reference`.

    Raises KeyError when `reference` is not among the names, ValueError when a rate is not positive.
    """
    rows = [HEADERS, *_compare(images_per_s, reference)]
    name_width, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = []
    for name, *cells in rows:
        aligned = [f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)]
        lines.append("  ".join([f"{name:<{name_width}}", *aligned]))
    return "\n".join(lines)


def side_by_side_markdown(images_per_s: Mapping[str, float], reference: str) -> str:
    """The table of `side_by_side` in Markdown."""
    rows = [HEADERS, ("---", "---:", "---:"), *_compare(images_per_s, reference)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _compare(images_per_s: Mapping[str, float], reference: str) -> list[Sequence[str]]:
    if reference not in images_per_s:
        raise KeyError(f"reference {reference!r} is not among {', '.join(images_per_s)}")
    for name, rate in images_per_s.items():
        if not rate > 0:
            raise ValueError(f"{name}: a rate must be above 0 images per s, got {rate}")
    fastest_first = sorted(images_per_s.items(), key=lambda item: -item[1])
    return [(name, f"{rate:.1f}", f"{rate / images_per_s[reference]:.2f}×") for name, rate in fastest_first]


def _cpu_field(name: str) -> str:
    """The first value of a field in Linux's description of its CPUs; empty where there is none."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.split(":")[0].strip() == name), "")


def _cpu_flags() -> str:
    flags = _cpu_field("flags").split()
    if not flags:
        return "unknown"
    return " ".join(flag for flag in FLAGS_THAT_MATTER if flag in flags) or "none that matter"


def _num_cores() -> int:
    """Cores that this process may use, which on a shared machine are fewer than it has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"
    except (AttributeError, ValueError, OSError):  # no sysconf, or not these names
        return "unknown"


def _gpus() -> str:
    if shutil.which("nvidia-smi") is None:
        return "none"
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return ", ".join(result.stdout.splitlines()) if result.returncode == 0 else "unknown"


def _load() -> str:
    return f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    print_facts()
