"""What a page may change: decisions, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from photobench.errors import Overtaken
from photobench.web.reading import news
from photobench.web.refusing import body_of
from photobench.web.state import Served, Shown, encoded, served
from photobench.workflow.reviewing import Answer, Wanted
from photobench.workflow.reviewing.words import NOTHING_NAMED, OVERTAKEN, Refused

router = APIRouter()
Found = Annotated[Served, Depends(served)]
MOST_AT_ONCE = 100_000


class Asked(BaseModel):
    """Every write says which photos it knows."""

    model_config = ConfigDict(extra="forbid", strict=True)
    key: str


class Decide(Asked):
    known: int
    do: Literal["set", "accept", "keep"]
    photos: list[int] = Field([], max_length=MOST_AT_ONCE)
    field: str = ""
    new: str | bool | None = None
    findings: list[int] = Field([], max_length=MOST_AT_ONCE)
    note: str = Field("", max_length=2_000)


class Undo(Asked):
    known: int
    numbers: list[int] = Field([], max_length=MOST_AT_ONCE)


@router.post("/api/decide")
def decide(server: Found, asked: Decide) -> Response:
    found = server.with_key(asked.key)
    wanted = _wanted(found, asked)
    if not wanted:
        raise Refused(NOTHING_NAMED())
    return _answered(found, asked.known, lambda: found.review.decide(wanted, asked.known))


def _wanted(found: Shown, asked: Decide) -> list[Wanted]:
    if asked.do == "accept":
        return found.review.accept(asked.findings, asked.note)
    if asked.do == "keep":
        return found.review.keep(asked.findings, asked.photos, asked.field, asked.note)
    return found.review.set_to(asked.photos, asked.field, asked.new, asked.findings, asked.note)


@router.post("/api/undo")
def undo(server: Found, asked: Undo) -> Response:
    found = server.with_key(asked.key)
    return _answered(found, asked.known, lambda: found.review.undo(asked.known, asked.numbers))


def _answered(found: Shown, known: int, work: Callable[[], Answer]) -> Response:
    try:
        answer = work()
    except Overtaken as error:
        told = news(found, known)
        conflicts = [one for one in told["decisions"] if one["number"] in error.numbers]
        return _json({**body_of(Refused(OVERTAKEN())), **told, "conflicts": conflicts}, 409)
    told = {"cursor": answer.cursor, "decisions": answer.events, "own": answer.own}
    return _json({**told, "unchanged": answer.unchanged, "undone": answer.undone})


@router.post("/api/what-if")
def begin_what_if(server: Found, asked: Asked) -> Response:
    server.with_key(asked.key)
    server.what_if.begin()
    return _json({})


@router.post("/api/what-if/stop")
def stop_what_if(server: Found, asked: Asked) -> Response:
    server.with_key(asked.key)
    server.what_if.stop()
    return _json({})


def _json(data: object, status: int = 200) -> Response:
    return Response(encoded(data), status, media_type="application/json")
