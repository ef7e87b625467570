"""A real server of a review, and a page's side of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from photobench.records import Checked, Finding
from tests.forking import Child

WAIT_S = 60


def relabel(
    path: str, given: str, suggested: str, score: float, evidence: str = "It looks like another one."
) -> Finding:
    return Finding("labels", "wrong label", path, "label", score, given, suggested, "relabel", evidence)


def write_findings(workspace: Path, findings: list[Finding], check: str = "labels") -> None:
    """As an audit leaves them."""
    (workspace / "findings").mkdir(exist_ok=True)
    (workspace / "findings" / f"{check}.parquet").write_bytes(Checked(check, tuple(findings)).to_bytes())


class Page:
    """What a browser with the page open knows and sends."""

    def __init__(self, address: str):
        self.base, self.token = address.split("/?token=")
        self.http = httpx.Client(base_url=self.base, headers={"Origin": self.base}, timeout=WAIT_S)
        self.http.get("/", params={"token": self.token})
        self.session = self.get("/api/session")
        self.key, self.cursor = self.session["key"], 0

    def get(self, path: str, **params: Any) -> Any:
        return self.answer("GET", path, **params).json()

    def answer(self, method: str, path: str, **params: Any) -> httpx.Response:
        key = {"key": self.key} if hasattr(self, "key") else {}
        return self.http.request(method, path, params={**key, **params})

    def write(self, path: str, **body: Any) -> httpx.Response:
        """Its cursor follows, as the page's does."""
        done = self.http.post(path, json={"key": self.key, **body})
        if "cursor" in done.json():
            self.cursor = done.json()["cursor"]
        return done

    def decide(self, do: str, **body: Any) -> httpx.Response:
        return self.write("/api/decide", do=do, **{"known": self.cursor, **body})

    def undo(self, **body: Any) -> httpx.Response:
        return self.write("/api/undo", **{"known": self.cursor, **body})

    def row(self, path: str) -> int:
        (row,) = self.get("/api/search", q=path)["photos"]
        return row

    def label(self, row: int) -> str:
        return self.get(f"/api/photo/{row}")["labels"]["label"]

    @contextmanager
    def events(self, path: str = "/api/events", after: int = 0) -> Iterator[Iterator[tuple[str, Any]]]:
        with self.http.stream("GET", path, params={"key": self.key, "after": after}) as lines:
            yield _events(lines)


def _events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def address_of(child: Child) -> str:
    """Which the server prints when it is there."""
    end, said = time.monotonic() + WAIT_S, ""
    while time.monotonic() < end:
        with suppress(FileNotFoundError):  # it has not even begun
            said = child.read()[1]
        found = re.search(r"open (http://\S+)\n", said)
        if found:
            return found[1]
        time.sleep(0.02)
    raise AssertionError(f"no server: {said}")
