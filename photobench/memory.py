"""The allocator, where its habits cost time."""

from __future__ import annotations

import ctypes

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
