"""Work in threads, a bounded stretch ahead of whoever takes the results; and who one is among processes that work together."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    threads: int,
    window: int = 0,
    begin_thread: Callable[[], None] | None = None,
    in_order: bool = True,
) -> Iterator[Result]:
    """Results in the order of the items, of which at most `window` (twice the threads where 0) are in work or waiting to be taken.

    What is taken no more is cancelled: an error, or Ctrl-C, does not wait for the rest.

    Args:
        in_order: else each result as soon as it is there.
    """
    waiting = iter(items)
    with ThreadPoolExecutor(threads, initializer=begin_thread) as pool:
        futures = deque(pool.submit(work, item) for item in islice(waiting, window or 2 * threads))
        try:
            while futures:
                first = futures[0] if in_order else next(as_completed(futures))
                futures.remove(first)
                yield first.result()
                futures.extend(pool.submit(work, item) for item in islice(waiting, 1))
        finally:
            for future in futures:
                future.cancel()


def num_cores() -> int:
    """How many cores this process may use, which in a container or under taskset are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def num_processes() -> int:
    """How many processes torchrun has started for this work; 1 without it."""
    return int(os.environ["WORLD_SIZE"]) if "TORCHELASTIC_RUN_ID" in os.environ else 1


def process_number() -> int:
    """Which of them this one is: 0 decides, speaks and writes."""
    return int(os.environ["RANK"]) if "TORCHELASTIC_RUN_ID" in os.environ else 0
