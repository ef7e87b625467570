"""Memory: the allocator, where its habits cost time, and how much there is."""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of malloc.h


def keep_freed_memory() -> None:
    """Tell glibc's allocator to keep what a step frees, for the next step needs the same again.

    It gives large blocks back to the kernel at once, so that every step of a ResNet-18 at 224 px waits for 90,000 page faults: a
    fifth of its time on a CPU. Costs some hundred megabytes that stay reserved. Elsewhere than on glibc it does nothing.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(M_MMAP_MAX, 0)
    mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def peak_bytes() -> int | None:
    """The most physical memory that this process has held since `forget_peak`; None elsewhere than on Linux."""
    return _kilobytes("/proc/self/status", "VmHWM")


def forget_peak() -> None:
    """Measure the peak anew, from what is held now."""
    with contextlib.suppress(OSError):  # not Linux, or not allowed: the peak is then that of the whole process
        Path("/proc/self/clear_refs").write_text("5")


def free_bytes() -> int | None:
    """What this process could still get without swapping, by the machine and by its container; None elsewhere than on Linux."""
    free = [_kilobytes("/proc/meminfo", "MemAvailable"), _container_bytes()]
    return min((number for number in free if number is not None), default=None)


def _container_bytes() -> int | None:
    """What the container leaves (cgroup v2); None for one without a limit, and outside of one."""
    group = Path("/sys/fs/cgroup")
    try:
        return int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
    except (OSError, ValueError):  # "max" is no number
        return None


def _kilobytes(path: str, name: str) -> int | None:
    """A row `VmHWM:  1752 kB`, in bytes."""
    try:
        rows = dict(line.split(":", 1) for line in Path(path).read_text().splitlines() if ":" in line)
        return int(rows[name].split()[0]) * 1024
    except (OSError, KeyError):
        return None
