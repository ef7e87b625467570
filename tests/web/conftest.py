"""A server of the review and browsers that look at it."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from photobench.records import Decision
from photobench.workspace import Workspace
from tests.conftest import Start
from tests.forking import Child
from tests.web.suspects import make_suspects
from tests.web.trainings import make_trainings

QUIET = ("Failed to load resource", "GL Driver Message")
"""What a browser may log: a photo that is not there, and that it draws without a graphics card."""
ADDRESS = re.compile(r"open (http://[\d.]+:(\d+)/\S+)")


def wait_for(is_true: Callable[[], Any], what: str = "it", timeout_s: float = 20) -> Any:
    """What `is_true` answers, once that is something."""
    deadline = time.monotonic() + timeout_s
    while not (found := is_true()):
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for {what}"
        time.sleep(0.02)
    return found


@dataclass
class Reviewing:
    """A server of the review in a process of its own."""

    bench: Path
    start: Start
    who: str = "lee"
    process: Child = field(init=False)
    url: str = ""
    port: int = 0

    def open(self) -> Reviewing:
        """On the same port as before, if there was one."""
        self.process = self.start("review", "-w", self.bench, "--no-browser", "--as", self.who, "--port", self.port)
        found = wait_for(lambda: ADDRESS.search(self._said()), "the server's address", 60)
        self.url, self.port = found.group(1), int(found.group(2))
        return self

    def _said(self) -> str:
        try:
            return "".join(self.process.read())
        except FileNotFoundError:  # it has not begun to write yet
            return ""

    def kill(self) -> None:
        """As `kill -9`."""
        self.process.kill()
        self.process.wait()

    def decided(self) -> list[Decision]:
        """Every decision in the database, the oldest first."""
        return list(Workspace(self.bench).numbered_decisions().values())


@pytest.fixture(scope="module")
def suspects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos with findings; to be copied, for decisions stay in it."""
    return make_suspects(tmp_path_factory.mktemp("suspects"))


@pytest.fixture(scope="session")
def trainings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos with runs; to be copied, for they are measured and tagged."""
    return make_trainings(tmp_path_factory.mktemp("trainings"))


@pytest.fixture
def reviewing(suspects: Path, tmp_path: Path, start: Start) -> Iterator[Reviewing]:
    found = Reviewing(shutil.copytree(suspects, tmp_path / "bench"), start).open()
    yield found
    found.process.stop()


@pytest.fixture
def look(browser, reviewing: Reviewing) -> Iterator[Callable[..., Any]]:
    """`look(view="grid")`: the page in a browser of its own. What it logs and whom it asks is looked at in the end."""
    pages: list[Any] = []

    def open_page(view: str = "queue", url: str = "", **screen: Any) -> Any:
        page = browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **screen}
        ).new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"{url or reviewing.url}#view={view}")
        page.wait_for_selector("body[data-ready]")
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        assert [url for url in page.asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []
        assert [text for text in page.said if not any(quiet in text for quiet in QUIET)] == []
        page.context.close()
