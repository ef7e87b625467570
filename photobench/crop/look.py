"""Photos looked at by a detector: read in threads, reduced to a bounded size, batched by size, boxes mapped back to the full photo.

However large the photos are, a thread holds one of them at a time, and the reduced ones of its batch.
"""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from photobench import images
from photobench.crop.choose import Look
from photobench.crop.found import Detector, Found
from photobench.errors import DetectorError, ImageError
from photobench.parallel import ahead

BATCH = 16
"""Photos of one task: those of them that have one size, or all where the detector mixes sizes, are looked at together."""
BATCH_PIXELS = 1 << 21
"""Of photos that are looked at together: what a detector makes of them takes many times their memory."""


Read = tuple[int, np.ndarray, int, int]
"""A photo's number, its reduced image, and width and height of the full one."""


class Looker:
    """A detector and the size at which it looks. May be called from several threads."""

    def __init__(self, detector: Detector, max_side_px: int):
        self.detector, self.max_side_px = detector, max_side_px
        self._begin = threading.Lock()

    @cached_property
    def _turn(self) -> threading.Semaphore:
        return threading.Semaphore(self.detector.at_once)

    def look(self, paths: Sequence[Path]) -> list[Look]:
        """What is in these photos. A photo that cannot be read, or at which the detector fails, is a look with its trouble.

        Raises:
            DetectorError: the detector's answer is none.
        """
        looks: list[Look] = [Look(0, 0, Found())] * len(paths)
        of_size: dict[tuple[int, ...], list[Read]] = defaultdict(list)
        for number, path in enumerate(paths):
            try:
                image, width, height = self._read(path)
            except ImageError as error:
                looks[number] = Look(0, 0, Found(), str(error))
                continue
            of_size[() if self.detector.mixes_sizes else image.shape].append((number, image, width, height))
        for together in [part for same in of_size.values() for part in _bounded(same)]:
            answers = self._answers([image for _, image, _, _ in together])
            for (number, image, width, height), answer in zip(together, answers, strict=True):
                if isinstance(answer, str):
                    looks[number] = Look(width, height, Found(), answer)
                else:
                    factors = width / image.shape[1], height / image.shape[0]
                    looks[number] = Look(width, height, answer.in_full_photo(*factors))
        return looks

    def _read(self, path: Path) -> tuple[np.ndarray, int, int]:
        """The photo, no larger than is looked at, and the size of the full one."""
        pixels, full, _ = images.decode(images.read_bytes(path), min_side_px=self.max_side_px // 2)
        height, width = pixels.shape[:2]
        factor = self.max_side_px / max(height, width)
        if factor >= 1:
            return pixels, *full
        size = max(1, round(width * factor)), max(1, round(height * factor))
        return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), *full

    def _answers(self, same: list[np.ndarray]) -> list[Found | str]:
        """The detector's answers, or what it raised, photo by photo."""
        try:
            with self._begin:  # cached_property has no lock of its own
                turn = self._turn
            with turn:
                return list(self.detector.detect(same))
        except DetectorError:
            raise
        except Exception as error:  # a detector of the user's own may fail in any way
            if len(same) == 1:
                return [f"{type(error).__name__}: {error} ({_where(error)})"]
            return [answer for image in same for answer in self._answers([image])]


def _where(error: Exception) -> str:
    """The innermost line that raised: what a person needs to mend it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}, line {frame.lineno}"


def _bounded(reads: list[Read]) -> list[list[Read]]:
    """Parts of at most BATCH_PIXELS, or of a single photo."""
    parts: list[list[Read]] = []
    pixels = BATCH_PIXELS
    for read in reads:
        size = read[1].shape[0] * read[1].shape[1]
        if pixels + size > BATCH_PIXELS:
            parts.append([])
            pixels = 0
        parts[-1].append(read)
        pixels += size
    return parts


def look_at_all(looker: Looker, paths: Sequence[Path], workers: int) -> Iterator[tuple[range, list[Look]]]:
    """Look at many photos: the numbers of those of a batch, and their looks, as soon as they are there, in any order.

    Called while the detector is `working`. One that may be called from several threads at once is called from as many processes
    where they can be forked, for Python's lock holds up threads (docs/log.md).

    Raises:
        DetectorError: the detector's answer is none, or a process was ended from outside.
    """
    tasks = _tasks(len(paths), workers)
    if min(workers, looker.detector.at_once, len(tasks)) > 1 and sys.platform == "linux":
        yield from _in_processes(looker, paths, tasks, workers)
    else:
        yield from _in_threads(looker, paths, tasks, workers)


def _tasks(num_photos: int, workers: int) -> list[range]:
    """Smaller and smaller ones, that the workers end together."""
    tasks, start = [], 0
    while start < num_photos:
        size = min(BATCH, max(1, (num_photos - start) // (2 * workers)))
        tasks.append(range(start, start + size))
        start += size
    return tasks


def _in_threads(
    looker: Looker, paths: Sequence[Path], tasks: Sequence[range], workers: int
) -> Iterator[tuple[range, list[Look]]]:
    def work(task: range) -> tuple[range, list[Look]]:
        return task, looker.look([paths[number] for number in task])

    yield from ahead(work, tasks, workers, begin_thread=looker.detector.begin_thread, in_order=False)


def _in_processes(
    looker: Looker, paths: Sequence[Path], tasks: Sequence[range], workers: int
) -> Iterator[tuple[range, list[Look]]]:
    """A DataLoader's processes: they end by themselves when this one is killed."""
    from torch.utils.data import DataLoader  # it takes a second, and most calls find all photos known

    def begin(_: int) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
        cv2.setNumThreads(0)  # OpenCV's threads do not survive a fork
        looker.detector.begin_thread()

    def look(task: range) -> tuple[range, list[Look]]:
        return task, looker.look([paths[number] for number in task])

    loader: DataLoader[tuple[range, list[Look]]] = DataLoader(
        tasks,  # type: ignore[arg-type]  # a Dataset is all that has numbered items
        batch_size=None,
        collate_fn=look,  # type: ignore[arg-type]  # of one task, not of a list
        num_workers=min(workers, len(tasks)),
        multiprocessing_context="fork",
        worker_init_fn=begin,
        in_order=False,
    )
    try:
        yield from loader
    except RuntimeError as error:
        if "exited unexpectedly" not in str(error):
            raise
        raise DetectorError(
            f"A process that looked at photos was ended from outside ({error}): most often the memory was used up. Free some, or "
            "set crop.max_side_px lower; what was looked at so far is kept."
        ) from error
