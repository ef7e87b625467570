"""What a model is asked while somebody waits: about a photo that is dropped on the page, which is not kept, and where it looked in one of the project's."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from photobench.web.reading import Keyed
from photobench.web.refusing import Answered
from photobench.web.state import Served, Shown, encoded, row_of, served
from photobench.workflow.reviewing.classifying import classify
from photobench.workflow.reviewing.looking import look_at
from photobench.workflow.reviewing.words import TOO_OFTEN

router = APIRouter()


@router.post("/api/classify")
async def classify_photo(
    request: Request, found: Annotated[Served, Depends(served)], shown: Keyed, run: str = ""
) -> Response:
    if not found.uploads.take():
        raise Answered(429, TOO_OFTEN())
    data = await request.body()
    told = await asyncio.to_thread(_ask, found, shown, data, run)
    return Response(encoded(told), media_type="application/json")


def _ask(found: Served, shown: Shown, data: bytes, run: str) -> dict[str, Any]:
    if run:
        shown.knowledge.check_name(run)  # before it waits for its turn
    with found.asking:
        told, square = classify(found.bench, data, run)
    return {**told, "crop": f"data:image/webp;base64,{base64.b64encode(square).decode()}"}


@router.get("/api/look")
def look(server: Annotated[Served, Depends(served)], found: Keyed, photo: int, run: str) -> Response:
    return Response(encoded(_looked(server, found, photo, run)), media_type="application/json")


def _looked(server: Served, found: Shown, photo: int, run: str) -> Mapping[str, Any]:
    manifest, row = found.review.photos.manifest, row_of(found, photo)
    found.knowledge.check_name(run)  # before it waits for its turn
    with server.asking:
        return look_at(found.bench, manifest.root / found.review.photos.paths[row], run)
