"""Server-sent events: decisions as they are made, whoever makes them, and the lines of a comparison."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from fastapi.responses import StreamingResponse

from photobench.errors import PhotobenchError
from photobench.web.reading import Keyed, news
from photobench.web.state import Served, Shown, encoded, served
from photobench.workflow.reviewing.words import STALE

router = APIRouter()
Server = Annotated[Served, Depends(served)]

POLL_S, QUIET_S = 0.3, 15.0
"""Seconds between two looks, and after how many a line says that the server is there."""


async def poll(found: Served) -> None:
    """Take in what others decide, as long as the server runs."""
    while not found.closing:
        with contextlib.suppress(PhotobenchError):  # a database that is busy or out of reach: the next look may find it
            await asyncio.to_thread(found.shown.review.refresh)
        await asyncio.sleep(POLL_S)


@router.get("/api/events")
def events(
    server: Server, found: Keyed, after: int = 0, last_event_id: Annotated[str, Header()] = ""
) -> StreamingResponse:
    begin = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else after
    return _stream(_decisions(server, found, begin))


async def _decisions(server: Served, found: Shown, cursor: int) -> AsyncIterator[bytes]:
    said = time.monotonic()
    yield b": here\n\n"
    while not server.closing:
        if server.shown is not found:
            yield _event("stale", STALE().to_json())
            return
        if found.review.cursor > cursor:
            told = news(found, cursor)
            cursor, said = told["cursor"], time.monotonic()
            yield _event("decisions", told, cursor)
        elif time.monotonic() - said > QUIET_S:
            said = time.monotonic()
            yield b": here\n\n"
        await asyncio.sleep(POLL_S / 2)


@router.get("/api/what-if/events")
def what_if(server: Server, _: Keyed) -> StreamingResponse:
    return _stream(_lines(server))


async def _lines(found: Served) -> AsyncIterator[bytes]:
    trial, told, said = found.what_if, 0, time.monotonic()
    yield b": here\n\n"
    while not found.closing and trial.is_begun:
        is_over = not trial.is_running
        for line in trial.lines[told:]:
            told, said = told + 1, time.monotonic()
            yield _event("line", line)
        if is_over:
            yield _event("end", {"code": trial.code, "result": trial.result})
            return
        if time.monotonic() - said > QUIET_S:
            said = time.monotonic()
            yield b": here\n\n"
        await asyncio.sleep(POLL_S)
    yield _event("end", {"code": -1, "result": ""})


def _stream(parts: AsyncIterator[bytes]) -> StreamingResponse:
    return StreamingResponse(parts, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _event(name: str, data: Any, number: int | None = None) -> bytes:
    """JSON has no line breaks, so that it is one line of an event."""
    label = f"id: {number}\n" if number is not None else ""
    return f"{label}event: {name}\ndata: {encoded(data).decode()}\n\n".encode()
