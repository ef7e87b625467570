"""The page on which a person can watch a training: `live.html` in the folder of the run."""

from __future__ import annotations

import time
from pathlib import Path

from photobench.learning import ExamplePredictions, Standing
from photobench.progress import say
from photobench.records import ClassSpace
from photobench.report import live, told
from photobench.report.inputs import Thumbnail
from photobench.train.watchers import Beginning, Watcher
from photobench.workspace import Workspace

EVERY_S = 3.0
"""Within an epoch, the page is written at most this often, and its curves drawn; after an epoch, it always is."""

QUIET_S = 60.0
"""No update for this long, or for three times the longest gap so far, is told on the page."""


class LivePage(Watcher):
    """Writes the page once and its data again and again, each atomically."""

    def __init__(self, workspace: Workspace, space: ClassSpace, thumbnail: Thumbnail):
        self._workspace, self._space, self._thumbnail = workspace, space, thumbnail
        self._charts: list[live.figures.Chart] = []
        self._written = self._drawn = float("-inf")
        self._longest_s, self._last = 0.0, time.monotonic()

    def begin(self, beginning: Beginning, kept: str) -> str:
        self._record, self._folder = beginning.record, beginning.folder
        self._standing = beginning.standing
        page = live.page(self._record, self._space, ExamplePredictions.read(self._folder), self._thumbnail)
        self._workspace.write(self._file, page)
        self._write("running")
        say(f"  watch it in a browser: {self._file}")
        return ""

    def step(self, standing: Standing) -> None:
        self._heard(standing)
        if time.monotonic() - self._written >= EVERY_S:
            self._write("running")

    def epoch(self, row: dict[str, float], standing: Standing) -> None:
        self._heard(standing)
        if time.monotonic() - self._drawn >= EVERY_S:
            self._draw()
        self._write("running")

    def end(self, status: str) -> None:
        self._draw()
        self._write(status)

    @property
    def _file(self) -> Path:
        return self._folder / "live.html"

    def _heard(self, standing: Standing) -> None:
        now = time.monotonic()
        self._longest_s, self._last = max(self._longest_s, now - self._last), now
        self._standing = standing

    def _draw(self) -> None:
        self._charts, self._drawn = live.charts(self._record, self._standing), time.monotonic()

    def _write(self, status: str) -> None:
        standing, examples = self._standing, ExamplePredictions.read(self._folder)
        view = live.LiveView(
            status=status,
            updated_ms=int(time.time() * 1000),
            quiet_s=max(QUIET_S, 3 * self._longest_s),
            headline=live.headline(standing, status),
            share=1.0 if status == "finished" else (standing.epoch + standing.share) / standing.epochs,
            cards=live.cards(standing, status),
            charts=self._charts,
            examples=told.epochs(examples, self._space) if examples else [],
        )
        self._workspace.write(self._folder / live.DATA_FILE, live.data(view))
        self._written = time.monotonic()
