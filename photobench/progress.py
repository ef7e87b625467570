"""What is printed for a person: lines, tables, and long work: a live bar with rate and time left, or a line every few seconds."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from photobench.errors import ConfigError
from photobench.parallel import process_number

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
        text = f"{self.what} {self.done:,}/{self.total:,} {self.unit} · {rate:,.0f}/s · {left} left"
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


def duration(seconds: float) -> str:
    """`"8 s"`, `"3 min 20 s"`, `"2 h 5 min"`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def seconds(text: str) -> float:
    """`"90"`, `"90s"`, `"30m"`, `"2h"`, `"1h30m"` → seconds.

    Raises:
        ConfigError: it is none of these.
    """
    found = re.fullmatch(
        r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s?)?", text.strip().replace(" ", "")
    )
    if not found or not any(found.groups()):
        raise ConfigError([f'"{text}" is no time: write it as 2h, 30m, 1h30m or 90s.'])
    hours, minutes, rest = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + rest


def count(number: int, noun: str, plural: str = "") -> str:
    """`"1 photo"`, `"20,000 photos"`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def columns(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> str:
    """Rows as aligned plain text; the last column runs free."""
    cells = [list(heads), *[[str(c) for c in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )
