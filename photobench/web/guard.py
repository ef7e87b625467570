"""Who may ask: the token or its cookie, a host that is this machine, and for writes a page of ours. What a browser may do with an answer.

A web page of somebody else, open in the same browser, can send requests here, also under a name that it makes point to this machine
(DNS rebinding). It has no cookie, its name is none of ours, and its `Origin` is not the address that it asks.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photobench.web.refusing import Answered, body_of
from photobench.web.state import Served, encoded
from photobench.workflow.reviewing import words

MAX_JSON_BYTES, MAX_UPLOAD_BYTES = 8_000_000, 20_000_000
UPLOAD = "/api/classify"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """Stands before the application: whatever it serves, also what is added later, is asked for in the right way or not at all."""

    def __init__(self, app: ASGIApp, served: Served, hosts: Iterable[str] = ()):
        """`hosts`: names by which this machine may be called, besides the usual ones."""
        self._app, self._served = app, served
        self._hosts = {"localhost", *(host.lower() for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # a websocket is closed by being left alone
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            opens = self._check(scope, headers)
        except Answered as no:
            await _answer(send, no)
            return
        await self._app(scope, receive, self._with_headers(send, opens, scope["path"].startswith("/static/")))

    def _check(self, scope: Scope, headers: dict[str, str]) -> bool:
        """Whether the token was in the address: then the cookie is set. Raises Answered."""
        host = headers.get("host", "")
        if not self._is_ours(host):
            raise Answered(403, words.OTHER_NAME())
        opens = scope["path"] == "/" and self._is_token(
            parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        )
        if not (opens or self._is_known(headers)):
            raise Answered(401, words.NO_TOKEN())
        if scope["method"] not in ("GET", "HEAD"):
            _check_write(scope, headers, host)
        return opens

    def _is_ours(self, host: str) -> bool:
        """Numbers cannot be made to point elsewhere; of names only those of this machine are right."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        try:
            return bool(ipaddress.ip_address(name))
        except ValueError:
            return name in self._hosts

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._served.token.encode())

    def _is_known(self, headers: dict[str, str]) -> bool:
        bearer = headers.get("authorization", "")
        if bearer.startswith("Bearer "):
            return self._is_token(bearer.removeprefix("Bearer "))
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._served.cookie)
        except CookieError:
            return False
        return cookie is not None and self._is_token(cookie.value)

    def _with_headers(self, send: Send, opens: bool, is_static: bool) -> Send:
        """`is_static`: the browser may keep it, and asks each time whether it is still the same."""
        kept = "no-cache" if is_static else "no-store"

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                added = HEADERS if b"cache-control" in there else {**HEADERS, "Cache-Control": kept}
                message["headers"] = [*message["headers"], *_raw(added)]
                if opens:
                    cookie = f"{self._served.cookie}={self._served.token}; HttpOnly; SameSite=Strict; Path=/"
                    message["headers"].append((b"set-cookie", cookie.encode()))
            await send(message)

        return sent


def _check_write(scope: Scope, headers: dict[str, str], host: str) -> None:
    origin = headers.get("origin", "")
    if urlsplit(origin).netloc.lower() != host.lower() or urlsplit(origin).scheme not in ("http", "https"):
        raise Answered(403, words.OTHER_ORIGIN())
    upload = scope["path"] == UPLOAD
    if not upload and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Answered(415, words.NOT_JSON())
    length, limit = headers.get("content-length", ""), MAX_UPLOAD_BYTES if upload else MAX_JSON_BYTES
    if not length.isdigit() or "transfer-encoding" in headers:  # in chunks it could be longer than it says
        raise Answered(411, words.NO_LENGTH())
    if int(length) > limit:
        raise Answered(413, words.TOO_MUCH(megabytes=limit // 1_000_000))


async def _answer(send: Send, no: Answered) -> None:
    body = encoded(body_of(no))
    headers = {
        **HEADERS,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
    }
    await send({"type": "http.response.start", "status": no.status, "headers": _raw(headers)})
    await send({"type": "http.response.body", "body": body})


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def names_of_this_machine() -> set[str]:
    """By which a colleague may call it."""
    name = socket.gethostname()
    return {name, name.partition(".")[0], f"{name.partition('.')[0]}.local", socket.getfqdn()}
