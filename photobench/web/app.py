"""The application: its routes, and what an error becomes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp

from photobench.errors import PhotobenchError
from photobench.web import classifying, reading, streams, writing
from photobench.web.guard import Guard
from photobench.web.refusing import Answered, body_of, status_of
from photobench.web.state import Served
from photobench.workflow.reviewing.words import MALFORMED, NO_PAGE, Refused

STATIC = Path(__file__).parent / "static"


def make_app(served: Served, hosts: Iterable[str] = ()) -> ASGIApp:
    """Everything that is served, behind the guard. `hosts`: names by which this machine may be called."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=_polling)
    app.state.served = served
    for part in (reading, writing, streams, classifying):
        app.include_router(part.router)
    app.add_api_route("/", _page, methods=["GET"], include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False))
    app.add_exception_handler(PhotobenchError, _sentence)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(StarletteHTTPException, _refused)
    return Guard(app, served, hosts)


@contextlib.asynccontextmanager
async def _polling(app: FastAPI) -> AsyncIterator[None]:
    task = asyncio.create_task(streams.poll(app.state.served))
    yield
    app.state.served.closing = True
    task.cancel()


def _page() -> FileResponse:
    page = STATIC / "index.html"
    if not page.exists():
        raise Answered(404, NO_PAGE())
    return FileResponse(page, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


def _sentence(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PhotobenchError)
    return JSONResponse(body_of(error), status_of(error))


def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    named = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors()[:5])
    return _sentence(request, Refused(MALFORMED(problems=named)))


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteHTTPException)
    return JSONResponse({"error": str(error.detail)}, error.status_code)
