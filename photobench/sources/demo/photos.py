"""Takes the planned photos in worker processes, and spoils the files that are to be spoilt."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from photobench.parallel import num_cores
from photobench.sources.demo.look import Look
from photobench.sources.demo.plan import PersonJob, PhotoJob
from photobench.sources.demo.portrait import render
from photobench.sources.demo.shot import darken, sample_shot

Progress = Callable[[int, int], None]


def render_all(root: Path, jobs: list[PersonJob], size_px: tuple[int, int], progress: Progress | None) -> None:
    """Write the photos of all jobs below `root`; `progress` is told after each person, in photos."""
    total = sum(len(job.photos) for job in jobs)
    work, done = partial(_render_person, root, size_px), 0
    with _mapper(len(jobs)) as run:
        for num_written in run(work, jobs):
            done += num_written
            if progress is not None:
                progress(done, total)


@contextmanager
def _mapper(num_jobs: int) -> Iterator[Callable[..., Iterable[int]]]:
    """`map` over worker processes, or in this one where there is too little to do to pay for starting them."""
    num_workers = min(num_cores(), num_jobs // 8, 16)
    if num_workers < 2:
        yield map
        return
    # spawn: a fork of a process in which torch or OpenCV threads run can hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(num_workers, mp_context=context, initializer=_start_worker)
    try:
        yield pool.map
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_worker() -> None:
    """One thread a process; Ctrl-C is the parent's to handle; and no worker outlives a parent that was killed."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _render_person(root: Path, size_px: tuple[int, int], job: PersonJob) -> int:
    """Write the photos of one person; returns their number."""
    look = job.person.look()
    for photo in job.photos:
        path = root / photo.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_take_photo(look, photo, size_px))
    return len(job.photos)


def _take_photo(look: Look, photo: PhotoJob, size_px: tuple[int, int]) -> bytes:
    rng = np.random.default_rng(photo.key)
    shot = sample_shot(rng, look, photo.mask, photo.home_seed)
    if photo.finish == "dark":
        shot = darken(shot)
    pixels = render(look, shot, size_px)
    data = _encode(pixels, Path(photo.path).suffix, quality=int(rng.integers(70, 95)))
    return FINISHES[photo.finish](data) if photo.finish in FINISHES else data


def _encode(pixels: np.ndarray, suffix: str, quality: int) -> bytes:
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1] if suffix == ".png" else [cv2.IMWRITE_JPEG_QUALITY, quality]
    return cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)[1].tobytes()


def _recompress(data: bytes) -> bytes:
    """What a messenger makes of a photo: a little cropped, a little brighter, saved again with more loss."""
    pixels = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
    height, width = pixels.shape[:2]
    edge = max(1, height // 60)
    pixels = cv2.resize(pixels[edge:-edge, edge:-edge], (width, height), interpolation=cv2.INTER_AREA)
    pixels = cv2.convertScaleAbs(pixels, alpha=1.04, beta=3)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tobytes()


FINISHES: dict[str, Callable[[bytes], bytes]] = {
    "recompressed": _recompress,
    "truncated": lambda data: data[: len(data) * 2 // 5],
    "empty": lambda data: b"",
    "not an image": lambda data: b"<!DOCTYPE html><title>403 Forbidden</title>\n",
}
