"""What all requests share."""

from __future__ import annotations

import gc
import gzip
import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from fastapi import Request

from photobench.errors import PhotobenchError
from photobench.progress import say
from photobench.web.refusing import Answered
from photobench.web.trial import WhatIf
from photobench.workflow.bench import Bench
from photobench.workflow.reviewing import open_review
from photobench.workflow.reviewing.knowledge import Knowledge
from photobench.workflow.reviewing.pictures import Pictures
from photobench.workflow.reviewing.progress import Progress
from photobench.workflow.reviewing.words import STALE, Refused


class Shown:
    """A review and all that is shown of it. What a number of a photo or a finding means holds as long as it is the same."""

    def __init__(self, bench: Bench, name: str):
        """Raises PhotobenchError: the project has mistakes, or another process holds the workspace and the photos were never read."""
        self.bench, self.review = bench, open_review(bench, name)
        self.pictures = Pictures(self.review.photos)
        self.knowledge = Knowledge(bench, self.review.photos)
        self.knowledge.read()
        self.progress = Progress(self.review)
        self._kept: dict[str, tuple[bytes, bytes]] = {}

    @property
    def key(self) -> str:
        return self.review.key

    def columns(self, name: str, make: Callable[[], Any]) -> tuple[bytes, bytes]:
        """JSON that does not change, plain and packed."""
        if name not in self._kept:
            plain = encoded(make())
            self._kept[name] = plain, gzip.compress(plain, 1)
        return self._kept[name]


class Served:
    """What is shown, with the token that opens it."""

    def __init__(self, bench: Bench, name: str = "", prepare: Callable[[Shown], None] = lambda _: None):
        """`prepare`: what is made of all that is shown before somebody asks for it."""
        self.bench, self._name, self._prepare = bench, name, prepare
        self.token = secrets.token_urlsafe(32)
        self.cookie = f"photobench_{secrets.token_hex(6)}"  # cookies do not tell the ports of a host apart
        self.closing = False
        """The server is about to end: streams end too."""
        self.what_if = WhatIf(bench.workspace.root)
        self.uploads = Allowance(burst=5, per_s=1.0)
        self.asking = threading.Lock()  # one model at a time
        self._renewing = threading.Lock()
        self._made_from = self._findings()
        self.shown = self._open()

    def _open(self) -> Shown:
        shown = Shown(self.bench, self._name)
        self._prepare(shown)
        gc.freeze()  # it stays: no collection has to look through it while somebody waits
        return shown

    def _findings(self) -> list[tuple[str, int]]:
        """Which audit it is."""
        return sorted((path.name, path.stat().st_mtime_ns) for path in self.bench.workspace.findings.glob("*.parquet"))

    def renew(self) -> Shown:
        """For a page that begins: after a new audit the new list, else the same as before."""
        with self._renewing:
            found = self._findings()
            if found != self._made_from:
                self.bench.prepared.clear()
                try:
                    self.shown = self._open()
                except PhotobenchError as error:
                    say(f"review: the new audit is not shown yet. {error}")
                else:
                    self._made_from = found
            return self.shown

    def with_key(self, key: str) -> Shown:
        """Raises Answered 410 where the page knows other photos or findings."""
        shown = self.shown
        if key != shown.key:
            raise Answered(410, STALE())
        return shown


class Allowance:
    """So many at once, and so many per second after that."""

    def __init__(self, burst: int, per_s: float):
        self._burst, self._per_s = burst, per_s
        self._left, self._then = float(burst), time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._left = min(self._burst, self._left + (now - self._then) * self._per_s)
            self._then = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


def encoded(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def served(request: Request) -> Served:
    """That of the application which answers."""
    return request.app.state.served


def keyed(request: Request, key: str = "") -> Shown:
    """What is shown, for a page that knows these photos."""
    return served(request).with_key(key)


def row_of(found: Shown, photo: int) -> int:
    """Raises Answered 404 where there is no such photo."""
    try:
        return found.review.row(photo)
    except Refused as error:
        raise Answered(404, error.said) from None
