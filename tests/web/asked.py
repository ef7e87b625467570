"""What tests of the review page ask of it, each waited for."""

from __future__ import annotations

from tests.web.conftest import Reviewing, wait_for


def sentence(page, text: str) -> None:
    page.wait_for_function("text => document.querySelector('#sentence').textContent === text", arg=text)


def shows(page, path: str) -> None:
    page.wait_for_function("path => document.querySelector('#path').textContent === path", arg=path)


def decisions(reviewing: Reviewing, num: int) -> list[tuple[str, str, object]]:
    """Photo, field and new of every decision, once there are so many."""
    wait_for(lambda: len(reviewing.decided()) >= num, f"{num} decisions")
    return [(one.photo, one.field, one.new) for one in reviewing.decided()]
