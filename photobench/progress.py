"""What is printed for a person while work goes on: lines, a live bar with rate and time left, or a line every few seconds."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from photobench.parallel import process_number
from photobench.words import duration

LINE_EVERY_S = 10.0


class Progress:
    """Counts what is done. `advance` is cheap enough to be called for every photo; it is not thread-safe."""

    def __init__(self, total: int, what: str, unit: str, done: int = 0):
        self.total, self.what, self.unit, self.done = total, what, unit, done
        self._first, self._started, self._printed = done, time.monotonic(), time.monotonic()

    def advance(self, count: int = 1, note: str = "") -> None:
        self.done += count
        if time.monotonic() - self._printed >= LINE_EVERY_S:
            self._printed = time.monotonic()
            print(f"  {self.line(note)}", file=sys.stderr, flush=True)

    def rate(self) -> float:
        """Units per second since the start."""
        return (self.done - self._first) / max(time.monotonic() - self._started, 1e-9)

    def line(self, note: str = "") -> str:
        rate = self.rate()
        left = duration((self.total - self.done) / rate) if rate > 0 else "?"
        speed = f"{rate:,.0f}/s" if rate >= 1 or rate == 0 else f"{duration(1 / rate)} each"
        text = f"{self.what} {self.done:,}/{self.total:,} {self.unit} · {speed} · {left} left"
        return f"{text} · {note}" if note else text


class _SilentProgress(Progress):
    def advance(self, count: int = 1, note: str = "") -> None:
        self.done += count


class _LiveProgress(Progress):
    def __init__(self, total: int, what: str, unit: str, done: int = 0):
        super().__init__(total, what, unit, done)
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as RichProgress

        columns = (TextColumn("  {task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[line]}"))
        self._bar = RichProgress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(what, total=total, completed=done, line="")
        self._bar.start()

    def advance(self, count: int = 1, note: str = "") -> None:
        self.done += count
        line = self.line(note).removeprefix(f"{self.what} ")
        self._bar.update(self._task, completed=self.done, line=line)

    def stop(self) -> None:
        self._bar.stop()


@contextmanager
def progress(total: int, what: str, unit: str = "photos", done: int = 0) -> Iterator[Progress]:
    """`with progress(1000, "pack") as bar: bar.advance(32)`. Writes to standard error only."""
    if process_number() > 0:  # one of several speaks for all
        yield _SilentProgress(total, what, unit, done)
        return
    if not sys.stderr.isatty():
        yield Progress(total, what, unit, done)
        return
    live = _LiveProgress(total, what, unit, done)
    try:
        yield live
    finally:
        live.stop()


def say(text: str) -> None:
    """A line to the person, on standard error: standard output is for results."""
    if process_number() == 0:
        print(text, file=sys.stderr, flush=True)


def say_at_once(text: str) -> None:
    """As `say`, from within a signal handler: past the buffers, in which the line that it interrupts may be half written."""
    if process_number() > 0:
        return
    with contextlib.suppress(AttributeError, OSError, ValueError):  # a notebook's stream, or none
        over = "\r\x1b[2K" if sys.stderr.isatty() else ""  # the bar, which is drawn again below
        os.write(sys.stderr.fileno(), f"{over}{text}\n".encode())
