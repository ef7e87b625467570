"""A port, an address for the person, and the server until Ctrl-C."""

from __future__ import annotations

import contextlib
import errno
import html
import os
import signal
import socket
import sys
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import uvicorn

from photobench.errors import PhotobenchError
from photobench.progress import say
from photobench.web.app import make_app
from photobench.web.guard import names_of_this_machine
from photobench.web.reading import make_lists
from photobench.web.state import Served
from photobench.workflow.bench import Bench
from photobench.workflow.signing import who

DEFAULT_PORT = 8642
TRIED = 50
"""Ports from the default one on."""


def review(bench: Bench, name: str = "", host: str = "127.0.0.1", port: int = 0, browser: bool = True) -> None:
    """Serve the review until Ctrl-C.

    Args:
        name: who decides; the user's name on this machine where it is empty.
        host: the address to listen at. Others than the loopback let everyone in the network knock.
        port: 0 takes DEFAULT_PORT or the next one that is free.

    Raises:
        PhotobenchError: the address cannot be had, or what `open_review` raises.
    """
    with listening(host, port) as listener:
        served = Served(bench, name, make_lists)
        number = listener.getsockname()[1]
        say(_described(served))
        url = f"http://{_shown(host)}:{number}/?token={served.token}"
        _tell_address(url, host, number)
        names = set() if _is_loopback(listener) else {*names_of_this_machine(), host}
        config = uvicorn.Config(
            make_app(served, names), log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2,
            lifespan="on",
        )  # fmt: skip
        with _opened(bench.workspace.root, url, browser), contextlib.suppress(KeyboardInterrupt):
            _Server(config, served).run(sockets=[listener])
        say(
            f"review: ended. {_count(served)} {'is' if served.shown.review.cursor == 1 else 'are'} kept; the same command goes on from there."
        )


class _Server(uvicorn.Server):
    """Ends its streams at once when it is asked to end, for it would wait for them."""

    def __init__(self, config: uvicorn.Config, served: Served):
        super().__init__(config)
        self._served = served

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._served.closing = True
        self._served.what_if.stop()
        super().handle_exit(sig, frame)
        self._captured_signals = [signal.SIGINT]  # a clean end, whichever signal it was


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens at this address, before any work.

    Raises:
        PhotobenchError: it cannot be had.
    """
    ports = [port] if port else [*range(DEFAULT_PORT, DEFAULT_PORT + TRIED), 0]
    for number in ports:
        try:
            listener = _bound(host, number)
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE or number == ports[-1]:
                raise PhotobenchError(_refusal(host, number, error)) from error
    if not port and listener.getsockname()[1] != DEFAULT_PORT:
        say(f"review: port {DEFAULT_PORT} is taken, so it is {listener.getsockname()[1]}")
    with listener:
        yield listener


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is taken. Name another with --port, or leave it out: a free one is then found."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used ({error.strerror}). Name one above 1023 with --port."
    return f"This machine cannot listen at {host} ({error.strerror or error}). Leave --host out, or name an address of this machine."


def _described(served: Served) -> str:
    review, found = served.shown.review, served.shown.review.found
    notes = [f"note: {note}" for note in (*found.notes, *filter(None, [found.missing]))]
    left, ruled = int((~review.reviewed_F).sum()), int(review.ruled_F.sum())
    by_rule = f", {ruled:,} decided by rules" if ruled else ""
    head = f"review: {len(review.photos):,} photos, {len(found.findings):,} findings ({left:,} to review{by_rule}), {_count(served)} so far; you are {review.who}"
    return "\n".join([head, *notes])


def _count(served: Served) -> str:
    return f"{served.shown.review.cursor:,} decision{'' if served.shown.review.cursor == 1 else 's'}"


def _tell_address(url: str, host: str, port: int) -> None:
    say(f"review: open {url}\nreview: Ctrl-C ends it")
    connection = os.environ.get("SSH_CONNECTION", "").split()
    if len(connection) == 4 and host in ("127.0.0.1", "localhost", "::1"):
        _, _, server, ssh_port = connection
        extra = "" if ssh_port == "22" else f" -p {ssh_port}"
        say(
            "review: this machine is a remote one. In a terminal of your own machine:\n"
            f"    ssh -N -L {port}:{_shown(host)}:{port}{extra} {who()}@{server}\n"
            "  and open the address above there"
        )
    elif host not in ("127.0.0.1", "localhost", "::1"):
        say(
            "note: whoever can read the traffic of this network can read the token and the photos: there is no encryption here. ssh has it."
        )


def _shown(host: str) -> str:
    name = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)
    return f"[{name}]" if ":" in name else name


def _is_loopback(listener: socket.socket) -> bool:
    address = listener.getsockname()[0]
    return address.startswith("127.") or address == "::1"


@contextlib.contextmanager
def _opened(folder: Path, url: str, wanted: bool) -> Iterator[None]:
    """The page in the person's browser, where there is a screen. The browser gets a file that leads there: others can read its command line."""
    if not (wanted and _has_screen()):
        yield
        return
    leads = folder / f".review-{os.getpid()}.html"
    descriptor = os.open(leads, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(
            f'<!doctype html><meta http-equiv="refresh" content="0; url={html.escape(url)}"><title>photobench</title>'
        )
    try:
        webbrowser.open(leads.as_uri())
        yield
    finally:
        leads.unlink(missing_ok=True)


def _has_screen() -> bool:
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
