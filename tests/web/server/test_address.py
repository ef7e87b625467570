"""Where a review's server listens, by which names, with which token, and how a browser is led there."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import Start
from tests.web.client import Page, address_of
from tests.web.conftest import wait_for
from tests.web.server.conftest import Open


def test_the_token_is_another_one_at_every_start(desk: Path, open_page: Open) -> None:
    first, child = open_page(desk)
    child.stop()
    second, _ = open_page(desk)
    assert len(first.token) >= 43 and first.token != second.token  # 256 bits
    for known in (first.token, second.token):
        answer = httpx.get(f"{second.base}/api/session", headers={"Authorization": f"Bearer {known}"})
        assert answer.status_code == (200 if known == second.token else 401)


def test_without_being_told_it_is_reached_from_this_machine_alone(shown: Page) -> None:
    address = urlsplit(shown.base)
    assert address.hostname == "127.0.0.1" and address.port
    with pytest.raises(ConnectionRefusedError):  # who listens everywhere answers there too
        socket.create_connection(("127.0.0.2", address.port), timeout=5).close()
    answer = shown.http.get("/api/session", headers={"Host": f"{socket.gethostname()}:{address.port}"})
    assert answer.status_code == 403


def test_in_the_network_it_warns_and_goes_by_the_names_of_this_machine(desk: Path, start: Start) -> None:
    child = start("review", "-w", desk, "--host", "0.0.0.0", "--no-browser")
    try:
        name, port = re.fullmatch(r"http://(\S+):(\d+)/\?token=\S+", address_of(child)).groups()  # type: ignore[union-attr]
        assert name == socket.gethostname()
        page = Page(address_of(child).replace(f"//{name}:", "//127.0.0.2:"))
        for known in (name, "localhost", "127.0.0.1", "192.168.1.7"):
            theirs = {"Host": f"{known}:{port}", "Origin": f"http://{known}:{port}"}
            body = {"key": page.key, "known": 0}
            assert page.http.post("/api/undo", json=body, headers=theirs).status_code == 422, known  # nothing to undo
        for other in ("evil.example", f"{name}.evil.example"):
            theirs = {"Host": f"{other}:{port}", "Origin": f"http://{other}:{port}"}
            assert page.http.post("/api/undo", json=body, headers=theirs).status_code == 403, other
        assert "there is no encryption here" in wait_for(lambda: child.read()[1].partition("note: whoever can read")[2])
    finally:
        child.stop()


def test_a_browser_is_led_by_a_file_of_the_owner_alone(
    desk: Path, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in a command line everybody on the machine can read."""
    browser, told = tmp_path / "browser", tmp_path / "told"
    browser.write_text(
        f'#!/bin/sh\nfile="${{1#file://}}"\n{{ echo "$*"; stat -c %a "$file"; cat "$file"; }} > {told}.part\nmv {told}.part {told}\n'
    )
    browser.chmod(0o700)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    child = start("review", "-w", desk, DISPLAY=":9", BROWSER=str(browser))
    try:
        address = address_of(child)
        wait_for(told.exists, "the browser", 60)
        command, mode, page = told.read_text().split("\n", 2)
        token = address.partition("token=")[2]
        assert mode == "600" and token in page and token not in command
        (leads,) = desk.glob(".review-*.html")
        assert stat.S_IMODE(leads.stat().st_mode) == 0o600 and command == leads.as_uri()
        os.kill(child.pid, signal.SIGINT)
        assert child.wait(60) == 0
        assert not leads.exists()
    finally:
        child.stop()
