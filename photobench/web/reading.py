"""What a page may ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from photobench.records import EXCLUDE
from photobench.web.refusing import Answered
from photobench.web.state import Served, Shown, encoded, keyed, row_of, served
from photobench.workflow.labels.auditing import field_of
from photobench.workflow.reviewing import words
from photobench.workflow.reviewing.photos import SPLIT_CODES
from photobench.workflow.reviewing.pictures import FULL_SIZES, SIZES
from photobench.workflow.reviewing.words import Refused

router = APIRouter()
Keyed = Annotated[Shown, Depends(keyed)]

FOR_EVER = "private, max-age=31536000, immutable"
SQUARES = {f"{size}.webp": size for size in SIZES}
WHOLES = {"full.webp": FULL_SIZES[-1], **{f"full-{size}.webp": size for size in FULL_SIZES}}
MOST_PHOTOS = 50
"""Told about at once."""


@router.get("/api/session")
def session(server: Annotated[Served, Depends(served)]) -> Response:
    found = server.renew()
    review, knowledge = found.review, found.knowledge
    manifest, listed = review.photos.manifest, review.found
    return _json(
        {
            "key": review.key,
            "name": found.bench.workspace.root.name,
            "who": review.who,
            "cursor": review.cursor,
            "num_photos": len(manifest),
            "num_findings": len(listed.findings),
            "attributes": manifest.space.to_json(),
            "splits": list(SPLIT_CODES),
            "has_groups": manifest.has_groups,
            "checks": [
                {"check": one.check, "notes": one.notes, "skipped": one.skipped, "misses": one.misses,
                 "false_alarms": one.false_alarms}
                for one in listed.checks
            ],
            "runs": knowledge.names,
            "notes": [note.to_json() for note in listed.notes],
            "no_findings": listed.missing.to_json() if listed.missing else None,
            "no_neighbours": knowledge.no_neighbours.to_json() if knowledge.no_neighbours else None,
            "map": knowledge.has_map,
        }
    )  # fmt: skip


@router.get("/api/photos")
def photos(request: Request, found: Keyed) -> Response:
    return _columns(request, found, "photos", lambda: _photo_columns(found))


@router.get("/api/findings")
def findings(request: Request, found: Keyed) -> Response:
    return _columns(request, found, "findings", lambda: _finding_columns(found))


def make_lists(found: Shown) -> None:
    """Before the first page asks: of 100,000 findings it takes a second."""
    found.columns("photos", lambda: _photo_columns(found))
    found.columns("findings", lambda: _finding_columns(found))


def _photo_columns(found: Shown) -> dict[str, Any]:
    review = found.review
    return {
        **review.photos.columns(),
        "findings": [len(review.by_photo.get(path, ())) for path in review.photos.paths],
    }


def _finding_columns(found: Shown) -> Mapping[str, Any]:
    return found.review.found.columns(found.review.photos)


@router.get("/api/decisions")
def decisions(found: Keyed, after: int = 0) -> Response:
    found.review.refresh()
    return _json(news(found, after))


def news(found: Shown, after: int) -> dict[str, Any]:
    """Decisions that a page with this cursor does not know, and its next cursor."""
    events = found.review.since(after)
    return {"cursor": events[-1]["number"] if events else after, "decisions": events}


@router.get("/api/photo/{photos}")
def photo(found: Keyed, photos: str) -> Response:
    numbers = photos.split(",")
    if not all(number.isascii() and number.isdigit() and len(number) < 10 for number in numbers):
        raise Answered(404, words.NOT_A_NUMBER())
    if len(numbers) > MOST_PHOTOS:
        raise Answered(422, words.TOO_MANY(most=MOST_PHOTOS))
    told = [about(found, row_of(found, int(number))) for number in numbers]
    return _json(told if "," in photos else told[0])


def about(found: Shown, row: int) -> dict[str, Any]:
    """All that is known of a photo."""
    review, knowledge = found.review, found.knowledge
    path, given = review.photos.paths[row], review.photos.given(row)
    now = {name: review.stands(path, name) for name in given}
    return {
        "photo": row,
        **review.photos.facts(row),
        "labels": {name: now[name] if now[name] is not None else label for name, label in given.items()},
        "given": given,
        "excluded": review.stands(path, EXCLUDE) is True,
        "findings": [_finding(found, place) for place in review.by_photo.get(path, ())],
        "neighbours": knowledge.neighbours(row),
        "neighbours_from": knowledge.neighbours_from.to_json(),
        "probabilities": knowledge.probabilities(row),
        "decisions": review.about(path),
    }


def _finding(found: Shown, place: int) -> dict[str, Any]:
    one, row_of_path = found.review.finding(place), found.review.photos.row_of
    named = ("check", "kind", "attribute", "given", "suggested", "fix", "evidence", "cluster")
    related = [row_of_path[path] for path in one.related if path in row_of_path]
    return {
        "finding": place, **{name: getattr(one, name) for name in named}, "score": round(one.score, 4), "related": related,
        "field": field_of(one), "reasons": [asdict(reason) for reason in one.reasons],
    }  # fmt: skip


@router.get("/image/{key}/{photo}/{name}")
def image(server: Annotated[Served, Depends(served)], request: Request, key: str, photo: int, name: str) -> Response:
    found = server.with_key(key)
    row, etag = row_of(found, photo), f'"{key}-{photo}-{name}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": FOR_EVER})
    if name not in SQUARES and name not in WHOLES:
        raise Answered(404, words.NO_SIZE(known=", ".join([*SQUARES, *WHOLES])))
    try:
        data = (
            found.pictures.full(row, WHOLES[name]) if name in WHOLES else found.pictures.thumbnail(row, SQUARES[name])
        )
    except Refused as error:
        raise Answered(404, error.said) from None
    return Response(data, media_type="image/webp", headers={"ETag": etag, "Cache-Control": FOR_EVER})


@router.get("/api/search")
def search(found: Keyed, q: str) -> Response:
    return _json({"photos": found.review.photos.search(q)})


@router.get("/api/progress")
def progress(found: Keyed, since: str = "") -> Response:
    return _json(found.progress.to_json(since.replace(" ", "+")))


@router.get("/api/mistakes")
def mistakes(found: Keyed, run: str) -> Response:
    return _json(found.knowledge.mistakes(run, found.review.codes_now()))


@router.get("/api/map")
def photo_map(request: Request, found: Keyed, method: str = "") -> Response:
    return _columns(request, found, f"map {method}", lambda: found.knowledge.places(method))


def _json(data: Any) -> Response:
    return Response(encoded(data), media_type="application/json")


def _columns(request: Request, found: Shown, name: str, make: Callable[[], Any]) -> Response:
    plain, packed = found.columns(name, make)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type="application/json", headers={"Content-Encoding": "gzip"})
    return Response(plain, media_type="application/json")
