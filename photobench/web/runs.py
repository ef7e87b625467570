"""All runs, and which is better."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from photobench.web.reading import Keyed
from photobench.web.state import Served, Shown, encoded, served
from photobench.web.writing import Asked

router = APIRouter()
Server = Annotated[Served, Depends(served)]


class Measure(Asked):
    every: bool = False


class Compare(Asked):
    first: str
    others: list[str] = Field(min_length=1)


@router.get("/api/runs")
def runs(found: Keyed, every: bool = False) -> Response:
    return _json(table(found, every))


def table(found: Shown, every: bool) -> dict[str, Any]:
    """With the names of those whose mistakes can be shown: a run may have been finished since the page was opened."""
    return {**found.runs.to_json(every), "witnesses": found.knowledge.names}


@router.post("/api/runs/measure")
def measure(server: Server, asked: Measure) -> Response:
    found = server.with_key(asked.key)
    with server.asking:
        found.runs.measure(asked.every)
    return _json(table(found, asked.every))


@router.post("/api/runs/compare")
def compare(server: Server, asked: Compare) -> Response:
    """A model may have to be asked for it, whose answers are kept: so it is a write, and waits for others who ask one."""
    found = server.with_key(asked.key)
    with server.asking:
        return _json(found.runs.compared(asked.first, asked.others))


def _json(data: Any) -> Response:
    return Response(encoded(data), media_type="application/json")
