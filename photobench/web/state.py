"""What all requests share."""

from __future__ import annotations

import gzip
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fastapi import HTTPException, Request

from photobench.errors import PhotobenchError
from photobench.web.trial import WhatIf
from photobench.workflow.bench import Bench
from photobench.workflow.reviewing import Review
from photobench.workflow.reviewing.knowledge import Knowledge
from photobench.workflow.reviewing.pictures import Pictures
from photobench.workflow.reviewing.progress import Progress


@dataclass
class Served:
    """A review and all that is shown of it, with the token that opens it."""

    bench: Bench
    review: Review
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    closing: bool = False
    """The server is about to end: streams end too."""

    def __post_init__(self) -> None:
        self.pictures = Pictures(self.review.photos)
        self.knowledge = Knowledge(self.bench, self.review.photos)
        self.progress = Progress(self.review)
        self.what_if = WhatIf(self.bench.workspace.root)
        self.uploads = Allowance(burst=5, per_s=1.0)
        self.asking = threading.Lock()  # one model at a time
        self._kept: dict[str, tuple[bytes, bytes]] = {}

    @cached_property
    def cookie(self) -> str:
        """Its name; cookies do not tell the ports of a host apart, and several servers may run."""
        return f"photobench_{self.review.key[:8]}_{secrets.token_hex(4)}"

    def columns(self, name: str, make: Callable[[], Any]) -> tuple[bytes, bytes]:
        """JSON that does not change while the server runs, plain and packed."""
        if name not in self._kept:
            plain = encoded(make())
            self._kept[name] = plain, gzip.compress(plain, 1)
        return self._kept[name]

    def check_key(self, key: str) -> None:
        """Raises HTTPException 410 where the page knows other photos or findings."""
        if key != self.review.key:
            raise HTTPException(410, "The photos or the findings are others than this page knows. Reload it.")


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


def keyed(request: Request, key: str = "") -> Served:
    """The same, for a page that knows these photos."""
    found = served(request)
    found.check_key(key)
    return found


def row_of(found: Served, photo: int) -> int:
    """Raises HTTPException 404 where there is no such photo."""
    try:
        return found.review.row(photo)
    except PhotobenchError as error:
        raise HTTPException(404, str(error)) from None
