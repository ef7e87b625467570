"""A photo that somebody drops on the page. It is not kept."""

from __future__ import annotations

import asyncio
import base64
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from photobench.web.reading import Keyed
from photobench.web.state import Served, encoded, served
from photobench.workflow.reviewing.classifying import classify

router = APIRouter()


@router.post("/api/classify")
async def classify_photo(
    request: Request, found: Annotated[Served, Depends(served)], _: Keyed, run: str = ""
) -> Response:
    if not found.uploads.take():
        raise HTTPException(429, "That is too many photos at once: about one a second is taken.")
    data = await request.body()
    told = await asyncio.to_thread(_ask, found, data, run)
    return Response(encoded(told), media_type="application/json")


def _ask(found: Served, data: bytes, run: str) -> dict[str, Any]:
    with found.asking:
        told, square = classify(found.bench, data, run)
    return {**told, "crop": f"data:image/webp;base64,{base64.b64encode(square).decode()}"}
