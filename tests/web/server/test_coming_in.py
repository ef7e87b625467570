"""Who may come in to a review, and what may be asked: as a browser and a stranger's page meet its server."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from photobench import workflow
from tests.web.client import Page, write_findings
from tests.web.server.conftest import BLUE, CAMERA, FINDINGS, HIDDEN, ODD, OTHER_RED, RED, SCRIPT, Open

WRITES = (
    "/api/decide",
    "/api/undo",
    "/api/what-if",
    "/api/what-if/stop",
    "/api/classify",
    "/api/runs/measure",
    "/api/runs/compare",
)

# --- who may come in ---------------------------------------------------------------------------------------------------


def test_nobody_without_the_token_sees_anything(shown: Page) -> None:
    stranger = httpx.Client(base_url=shown.base)
    image = f"/image/{shown.key}/0/64.webp"
    for path in (
        "/",
        "/api/session",
        "/api/runs",
        image,
        "/static/main.js",
        "/static/app.js",
        "/nothing",
        "/?token=wrong",
        "/api/session?token=" + shown.token,
    ):
        assert stranger.get(path).status_code == 401, path
    for path in WRITES:
        done = stranger.post(path, json={"key": shown.key}, headers={"Origin": shown.base})
        assert done.status_code == 401, path
    assert stranger.get("/api/session", cookies=dict.fromkeys(shown.http.cookies, "wrong")).status_code == 401
    known = stranger.get("/api/session", headers={"Authorization": f"Bearer {shown.token}"})
    assert known.status_code == 200 and known.json()["num_photos"] == 28


def test_the_cookie_is_for_this_page_alone(shown: Page) -> None:
    given = httpx.get(f"{shown.base}/", params={"token": shown.token}).headers["set-cookie"]
    assert "HttpOnly" in given and "SameSite=Strict" in given and "Path=/" in given
    assert "set-cookie" not in shown.answer("GET", "/api/session").headers


def test_a_name_that_was_made_to_point_here_is_refused(shown: Page) -> None:
    for host in ("evil.example", "evil.example:8642", "localhost.evil.example", "127.0.0.1.evil.example", ""):
        assert shown.http.get("/api/session", headers={"Host": host}).status_code in (400, 403), host
    for path in WRITES:  # that page and its name agree
        theirs = {"Host": "evil.example", "Origin": "http://evil.example"}
        assert shown.http.post(path, json={"key": shown.key}, headers=theirs).status_code == 403, path
    for host in ("localhost:9000", "127.0.0.1:9000", "[::1]:9000"):  # another port: an ssh tunnel
        assert shown.http.get("/api/session", headers={"Host": host}).status_code == 200, host


@pytest.mark.parametrize(
    "origin", ["", "null", "http://evil.example", "http://127.0.0.1:1", "https://evil.example@127.0.0.1"]
)
def test_only_the_page_itself_may_write(shown: Page, origin: str) -> None:
    body = {"key": shown.key, "known": 0, "do": "accept", "findings": [0]}
    for path in WRITES:
        done = shown.http.post(path, json=body, headers={"Origin": origin})
        assert done.status_code == 403, path
    assert shown.get("/api/decisions")["decisions"] == []


def test_a_form_of_another_page_is_no_json(shown: Page) -> None:
    form = shown.http.post("/api/decide", content=b"{}", headers={"Content-Type": "text/plain"})
    assert form.status_code == 415


def test_json_has_a_limit(shown: Page) -> None:
    body = b'{"key": "' + b"0" * 8_000_000 + b'"}'
    done = shown.http.post("/api/decide", content=body, headers={"Content-Type": "application/json"})
    assert done.status_code == 413 and "8 MB" in done.json()["error"]


def test_a_length_that_is_said_is_the_length(shown: Page) -> None:
    """In chunks more would come than was said."""
    asked = [b'{"key":', b"0" * 100]
    done = shown.http.post(
        "/api/decide",
        content=iter(asked),
        headers={"Content-Type": "application/json", "Content-Length": "10", "Transfer-Encoding": "chunked"},
    )
    assert done.status_code == 411


def test_nothing_on_the_page_runs_but_its_own_files(shown: Page) -> None:
    stranger, stale = httpx.Client(base_url=shown.base), {"key": "0" * 16}
    paths = ("/", "/api/session", "/static/main.js", "/static/style.css", f"/image/{shown.key}/0/64.webp", "/nothing")
    answers = [
        *(shown.answer("GET", path) for path in paths),
        stranger.get("/"),
        shown.http.get("/", headers={"Host": "evil.example"}),
        shown.http.post("/api/decide", json=stale, headers={"Origin": "null"}),
        shown.http.get("/api/photos", params=stale),
    ]
    assert [one.status_code for one in answers] == [200, 200, 200, 200, 200, 404, 401, 403, 403, 410]
    for headers in (one.headers for one in answers):
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert (
            policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["style-src"] == "'self'"
        )
        assert policy["frame-ancestors"] == "'none'" and "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"


def test_what_names_and_evidence_say_stays_text(shown: Page) -> None:
    row = shown.row(SCRIPT)
    for path in (f"/api/photo/{row}", f"/api/photo/{shown.row(RED)}", "/api/findings"):
        assert shown.answer("GET", path).headers["content-type"] == "application/json", path
    assert shown.get(f"/api/photo/{row}")["path"] == ODD
    (finding,) = shown.get(f"/api/photo/{shown.row(RED)}")["findings"]
    assert SCRIPT in finding["evidence"]


# --- what may be asked -------------------------------------------------------------------------------------------------


def test_photos_are_asked_for_by_number_and_nothing_else_can_be_read(shown: Page) -> None:
    key = shown.key
    for name in ("../../photobench.toml", "..%2f..%2fphotobench.toml", "-1", "28", "1e3", "a/b", "0/0.webp", "%2e%2e"):
        for path in (f"/api/photo/{name}", f"/image/{key}/{name}/64.webp", f"/image/{key}/0/{name}", f"/static/{name}"):
            done = shown.answer("GET", path)
            assert done.status_code in (404, 422), path
            assert "[source]" not in done.text
    assert shown.answer("GET", f"/image/{key}/0/65.webp").status_code == 404


def test_a_time_that_is_none_is_told(shown: Page) -> None:
    done = shown.answer("GET", "/api/progress", since="nonsense")
    assert done.status_code == 422
    assert "is no time" in done.json()["error"]
    for since in ("2020-01-01", "2020-01-01T00:00:00", "2020-01-01T00:00:00+09:00"):
        assert shown.answer("GET", "/api/progress", since=since).status_code == 200


def test_a_page_that_knows_other_photos_is_told_to_reload(shown: Page) -> None:
    for path in ("/api/photos", "/api/findings", "/api/photo/0", "/api/decisions", "/api/events"):
        done = shown.http.get(path, params={"key": "0" * 16})
        assert done.status_code == 410 and "Reload" in done.json()["error"]
    assert shown.http.get(f"/image/{'0' * 16}/0/64.webp").status_code == 410
    body = {"key": "0" * 16, "known": 0, "do": "accept", "findings": [0]}
    assert shown.http.post("/api/decide", json=body).status_code == 410
    assert shown.http.post("/api/runs/measure", json={"key": "0" * 16}).status_code == 410
    compared = {"key": "0" * 16, "first": "001", "others": ["002"]}
    assert shown.http.post("/api/runs/compare", json=compared).status_code == 410


def test_a_page_that_begins_after_a_new_audit_shows_it_and_older_ones_are_told(desk: Path, open_page: Open) -> None:
    page, _ = open_page(desk)
    page.decide("accept", findings=[0])
    with page.events(after=1) as events:
        write_findings(desk, FINDINGS[:2])
        assert page.get("/api/session")["key"] != page.key  # another page is opened
        assert next(events)[0] == "stale"
    late = page.decide("accept", findings=[0])
    assert late.status_code == 410 and "Reload" in late.json()["error"]
    page.key = page.get("/api/session")["key"]
    assert page.get("/api/findings")["photo"] == [page.row(RED), page.row(OTHER_RED), page.row(BLUE)]
    assert page.get("/api/progress")["reviewed"] == 1


def test_photos_are_shown_as_they_are_stored_and_as_they_were_taken(shown: Page, made: Path) -> None:
    row = shown.row(RED)
    thumb = shown.answer("GET", f"/image/{shown.key}/{row}/64.webp")
    full = shown.answer("GET", f"/image/{shown.key}/{row}/full.webp")
    assert {one.headers["content-type"] for one in (thumb, full)} == {"image/webp"}
    assert "immutable" in thumb.headers["cache-control"]
    again = shown.http.get(thumb.url.path, headers={"If-None-Match": thumb.headers["etag"]})
    assert again.status_code == 304 and not again.content
    file = workflow.prepare(workflow.open_bench(made)).manifest.root / RED
    taken = np.asarray(Image.open(io.BytesIO(full.content)).convert("RGB"), dtype=float)
    assert abs(taken - np.asarray(Image.open(file).convert("RGB"), dtype=float)).mean() < 12
    told = shown.get(f"/api/photo/{row}")
    assert (told["width"], told["height"]) == taken.shape[1::-1] == (48, 40)
    assert told["labels"] == {"label": "red"} and told["box_how"] == "whole"
    assert {shown.get(f"/api/photo/{n}")["group"] for n in told["group_photos"]} == {"person00"}


def test_nothing_of_a_file_but_its_pixels_reaches_the_browser(shown: Page) -> None:
    row = shown.row(ODD)
    for name in ("64.webp", "512.webp", "full.webp", "full-480.webp"):
        sent = shown.answer("GET", f"/image/{shown.key}/{row}/{name}").content
        assert not any(word in sent for word in (b"EXIF", b"Exif", CAMERA.encode(), HIDDEN)), name
        assert not Image.open(io.BytesIO(sent)).getexif(), name


def test_a_photo_is_as_large_as_asked_and_never_enlarged(shown: Page) -> None:
    def size(path: str, name: str) -> tuple[int, int]:
        answer = shown.answer("GET", f"/image/{shown.key}/{shown.row(path)}/{name}.webp")
        assert answer.status_code == 200, answer.text
        return Image.open(io.BytesIO(answer.content)).size

    assert [size(ODD, name) for name in ("full-480", "full-640", "full-1024", "full")] == [
        (480, 320), (640, 427), (900, 600), (900, 600)
    ]  # fmt: skip
    assert size(RED, "full-480") == (48, 40)
    other = shown.answer("GET", f"/image/{shown.key}/{shown.row(ODD)}/full-500.webp")
    assert other.status_code == 404 and "full-480.webp" in other.json()["error"]


def test_the_list_has_every_finding_in_columns(shown: Page) -> None:
    found = shown.get("/api/findings")
    paths = [one["path"] for one in shown.get("/api/photo/" + ",".join(map(str, found["photo"])))]
    assert paths == [RED, OTHER_RED, BLUE, BLUE]
    assert [found["checks"][n] for n in found["check"]] == ["labels"] * 3 + ["quality"]
    assert [found["values"][n] if n >= 0 else None for n in found["suggested"]] == ["blue", "green", "red", None]
    assert [found["fields"][n] for n in found["field"]] == ["label"] * 3 + ["exclude"]
    columns = shown.get("/api/photos")
    assert sum(columns["findings"]) == 4 and len(columns["split"]) == 28


def test_without_an_audit_the_page_is_told_how_to_make_one(workspace: Path, open_page: Open) -> None:
    page, _ = open_page(workspace)
    assert "photobench audit" in page.session["no_findings"]["text"] and page.session["num_findings"] == 0
    assert page.decide("set", photos=[0], field="label", new="green").status_code == 200
    assert not list((workspace / "runs").glob("*"))
