"""The server of a review as a browser, a stranger's page and another person meet it: a process of its own, asked over HTTP."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import photobench as pb
from photobench import workflow
from photobench.records import Finding
from tests.conftest import COLOURS, Cli, Start, draw_folder, draw_photo, project_toml
from tests.forking import Child, Command
from tests.web.client import Page, address_of, relabel, write_findings

RED, OTHER_RED, BLUE = "red/person00_0.jpg", "red/person01_0.jpg", "blue/person20_0.jpg"
SCRIPT = "<img src=x onerror=alert(1)>"
ODD = f"red/person00_{SCRIPT}.jpg"

FINDINGS = [
    relabel(RED, "red", "blue", 0.9, f"Four of five neighbours are {SCRIPT}."),
    relabel(OTHER_RED, "red", "green", 0.8),
    relabel(BLUE, "blue", "red", 0.7),
    Finding("quality", "dark", BLUE, "", 0.6, "", "", "look", "It is dark."),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose photos are read already, and what an audit found in them."""
    folder = tmp_path_factory.mktemp("review")
    photos = draw_folder(folder / "photos", people=3)
    draw_photo(photos / ODD, COLOURS["red"], 5)
    workspace = folder / "workspace"
    workspace.mkdir()
    (workspace / "photobench.toml").write_text(project_toml(photos))
    pb.open(workspace).manifest()
    write_findings(workspace, FINDINGS[:3])
    write_findings(workspace, FINDINGS[3:], "quality")
    return workspace


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    """A copy of it, of which the photos are the same."""
    return Path(shutil.copytree(made, tmp_path / "desk"))


@pytest.fixture(scope="module")
def shown(made: Path, fork_server: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page on a server at which nothing is decided."""
    folder = tmp_path_factory.mktemp("shown")
    copy = shutil.copytree(made, folder / "workspace")
    streams = (str(folder / "out"), str(folder / "err"))
    child = Child(fork_server, Command(["review", "-w", str(copy)], str(folder), *streams, dict(os.environ)))
    yield Page(address_of(child))
    child.stop()


Open = Callable[..., tuple[Page, Child]]


@pytest.fixture
def open_page(start: Start) -> Iterator[Open]:
    children = []

    def call(workspace: Path, name: str = "lee") -> tuple[Page, Child]:
        children.append(start("review", "-w", workspace, "--as", name))
        return Page(address_of(children[-1])), children[-1]

    yield call
    for child in children:
        child.stop()


# --- who may come in ---------------------------------------------------------------------------------------------------


def test_nobody_without_the_token_sees_anything(shown: Page) -> None:
    stranger = httpx.Client(base_url=shown.base)
    image = f"/image/{shown.key}/0/64.webp"
    for path in (
        "/",
        "/api/session",
        image,
        "/static/app.js",
        "/nothing",
        "/?token=wrong",
        "/api/session?token=" + shown.token,
    ):
        assert stranger.get(path).status_code == 401, path
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
    for host in ("localhost:9000", "127.0.0.1:9000", "[::1]:9000"):  # another port: an ssh tunnel
        assert shown.http.get("/api/session", headers={"Host": host}).status_code == 200, host


@pytest.mark.parametrize(
    "origin", ["", "null", "http://evil.example", "http://127.0.0.1:1", "https://evil.example@127.0.0.1"]
)
def test_only_the_page_itself_may_write(shown: Page, origin: str) -> None:
    body = {"key": shown.key, "known": 0, "do": "accept", "findings": [0]}
    for path in ("/api/decide", "/api/undo", "/api/what-if", "/api/what-if/stop", "/api/classify"):
        done = shown.http.post(path, json=body, headers={"Origin": origin})
        assert done.status_code == 403, path
    assert shown.get("/api/decisions")["decisions"] == []


def test_a_form_of_another_page_is_no_json(shown: Page) -> None:
    form = shown.http.post("/api/decide", content=b"{}", headers={"Content-Type": "text/plain"})
    assert form.status_code == 415


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
    for path in ("/", "/api/session", f"/image/{shown.key}/0/64.webp", "/nothing"):
        headers = shown.answer("GET", path).headers
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
    assert "photobench audit" in page.session["no_findings"] and page.session["num_findings"] == 0
    assert page.decide("set", photos=[0], field="label", new="green").status_code == 200
    assert not list((workspace / "runs").glob("*"))


# --- deciding ----------------------------------------------------------------------------------------------------------


def test_decisions_are_those_of_the_command_line(desk: Path, open_page: Open) -> None:
    page, _ = open_page(desk)
    photos = desk.parent
    assert page.decide("accept", findings=[0]).status_code == 200
    assert page.decide("keep", findings=[1], note="it is her").status_code == 200
    assert page.decide("set", photos=[page.row(BLUE)], field="exclude", new=True, findings=[2]).status_code == 200
    table = pb.open(desk).decisions()
    assert table["new"].tolist() == ["blue", "red", "true"] and set(table["who"]) == {"lee"}
    assert table["why"].tolist() == [
        "review: accepted, labels 0.90 suggested blue",
        "it is her (review: kept, labels 0.80 suggested green)",
        "review: labels 0.70 suggested red",
    ]
    told = page.get("/api/progress")
    assert (told["reviewed"], told["left"], told["suggested"], told["accepted"]) == (4, 0, 3, 1)
    assert not workflow.audited(workflow.open_bench(desk)) and photos.is_dir()
    page.decide("set", photos=[page.row(BLUE)], field="exclude", new=None)
    assert page.get("/api/progress")["left"] == 2


def test_a_whole_group_and_undo_at_any_depth(desk: Path, open_page: Open) -> None:
    page, _ = open_page(desk)
    row = page.row(RED)
    group = [row, *page.get(f"/api/photo/{row}")["group_photos"]]
    page.decide("set", photos=group, field="label", new="green")
    page.decide("set", photos=[row], field="label", new="blue")
    page.decide("keep", findings=[1])
    assert [page.label(n) for n in group] == ["blue", "green", "green", "green"]
    assert page.undo().json()["undone"] == [6]
    assert page.undo().json()["undone"] == [5]
    assert [page.label(n) for n in group] == ["green"] * 4
    assert page.undo().json()["undone"] == [4, 3, 2, 1]  # what was decided in one go
    assert [page.label(n) for n in group] == ["red"] * 4
    done = page.undo()
    assert done.status_code == 422 and "nothing to undo" in done.json()["error"]
    assert page.undo(numbers=[done.json().get("cursor", 12)]).status_code == 200  # the undo of an undo
    assert pb.open(desk).decisions().query("standing == 'yes'")["new"].tolist() == ["green"]


def test_what_cannot_be_decided_is_said_and_nothing_changes(desk: Path, open_page: Open) -> None:
    page, _ = open_page(desk)
    wrong = [
        ({"do": "set", "photos": [0, 99], "field": "label", "new": "red"}, "There is no photo 99"),
        ({"do": "set", "photos": [0], "field": "label", "new": "gren"}, 'Did you mean "green"?'),
        ({"do": "set", "photos": [0], "field": "colour", "new": "red"}, "no attribute"),
        ({"do": "set", "photos": [0], "field": "box", "new": "{}"}, "photobench crop"),
        ({"do": "accept", "findings": [3]}, "only wants a look"),
        ({"do": "accept", "findings": [4]}, "There is no finding 4"),
        ({"do": "accept"}, "no photo and no finding"),
        ({"do": "shout", "findings": [1]}, "docs/review-api.md"),
        ({"do": "set", "photos": ["0"], "field": "label", "new": "red"}, "docs/review-api.md"),
    ]
    for body, said in wrong:
        done = page.decide(**body)
        assert done.status_code == 422 and said in done.json()["error"], body
    assert pb.open(desk).decisions().empty


def test_two_people_see_each_other_and_nobody_is_overwritten(desk: Path, open_page: Open, cli: Cli) -> None:
    lee, _ = open_page(desk, "lee")
    kim, _ = open_page(desk, "kim")
    assert lee.base != kim.base
    with kim.events() as events:
        lee.decide("accept", findings=[0])
        name, told = next(events)
        assert name == "decisions" and told["cursor"] == 1
        assert [(d["who"], d["new"], d["photo"]) for d in told["decisions"]] == [("lee", "blue", kim.row(RED))]
        for do in (
            {"do": "keep", "findings": [0]},
            {"do": "set", "photos": [kim.row(RED)], "field": "label", "new": "green"},
        ):
            late = kim.http.post("/api/decide", json={"key": kim.key, "known": 0, **do})
            assert late.status_code == 409
            assert [(d["who"], d["stands"]) for d in late.json()["conflicts"]] == [("lee", "blue")]
        kim.cursor = told["cursor"]
        assert kim.decide("set", photos=[kim.row(RED)], field="label", new="green").status_code == 200
        assert lee.undo().status_code == 409
        cli("decisions", "undo", "2", "-w", desk)
        while told["cursor"] < 3:
            told = next(events)[1]
        assert told["decisions"][-1]["stands"] == "blue"


def test_kill_and_restart_lose_nothing(desk: Path, open_page: Open) -> None:
    page, child = open_page(desk)
    page.decide("accept", findings=[0])
    page.decide("keep", findings=[1])
    child.kill()
    assert child.wait() == -signal.SIGKILL
    again, _ = open_page(desk)
    assert again.key == page.key
    told = again.get("/api/decisions")
    assert [d["stands"] for d in told["decisions"]] == ["blue", "red"]
    assert again.get("/api/progress")["reviewed"] == 2
    again.cursor = told["cursor"]
    assert again.undo().json()["undone"] == [2]


def test_a_training_may_go_on_meanwhile(desk: Path, open_page: Open) -> None:
    with workflow.open_bench(desk).workspace.lock("photobench train"):
        page, child = open_page(desk)
        assert page.decide("accept", findings=[0]).status_code == 200
        assert "photobench train" in child.read()[1]


def test_ctrl_c_ends_it_and_a_taken_port_is_said(desk: Path, open_page: Open, cli: Cli) -> None:
    page, child = open_page(desk)
    port = page.base.rsplit(":", 1)[1]
    done = cli("review", "-w", desk, "--port", port)
    assert done.returncode == 2 and f"Port {port} of 127.0.0.1 is taken" in done.stderr
    with page.events() as events:
        page.decide("accept", findings=[0])
        next(events)
        os.kill(child.pid, signal.SIGINT)
        assert child.wait(20) == 0
    assert "1 decision is kept" in child.read()[1]


def test_over_ssh_the_way_in_is_said(desk: Path, start: Start) -> None:
    child = start("review", "-w", desk, SSH_CONNECTION="10.0.0.7 50000 10.0.0.9 2222")
    try:
        port = address_of(child).split(":")[2].split("/")[0]
        while "ssh -N" not in child.read()[1]:
            pass
        assert f"ssh -N -L {port}:127.0.0.1:{port} -p 2222" in child.read()[1] and "@10.0.0.9" in child.read()[1]
    finally:
        child.stop()


# --- uploads -----------------------------------------------------------------------------------------------------------


def test_uploads_are_photos_of_a_certain_size_and_not_too_many(desk: Path, open_page: Open) -> None:
    page, _ = open_page(desk)
    large = page.http.post("/api/classify", params={"key": page.key}, content=b"0" * 20_000_001)
    assert large.status_code == 413
    sent = [
        page.http.post("/api/classify", params={"key": page.key}, content=b"<svg onload='alert(1)'/>") for _ in range(8)
    ]
    assert [one.status_code for one in sent].count(429) >= 2
    refused = [one.json()["error"] for one in sent if one.status_code == 422]
    assert len(refused) >= 5 and all("no photo that can be read" in text for text in refused)


def test_a_dropped_photo_is_told_and_not_kept(desk: Path, open_page: Open, tmp_path: Path, cli: Cli) -> None:
    assert cli("train", "-w", desk).returncode == 0
    before = {path for path in desk.rglob("*") if "lock" not in path.name}
    page, _ = open_page(desk)
    Image.new("1", (9_000, 9_000)).save(tmp_path / "bomb.png")
    bomb = page.http.post("/api/classify", params={"key": page.key}, content=(tmp_path / "bomb.png").read_bytes())
    assert bomb.status_code == 422 and "too large to be dropped here: 9,000 × 9,000 px" in bomb.json()["error"]
    photo = draw_photo(tmp_path / "new.png", COLOURS["green"], 77)
    told = page.http.post("/api/classify", params={"key": page.key}, content=photo.read_bytes()).json()
    assert told["run"] == "001-test_resnet" and (told["width"], told["height"]) == (48, 40)
    cli("predict", photo, "-w", desk, "--out", tmp_path / "said.csv")
    said = pd.read_csv(tmp_path / "said.csv").iloc[0]
    assert told["classes"][0]["probability"] == pytest.approx(said["confidence"], abs=2e-4)
    assert told["crop"].startswith("data:image/webp;base64,")
    assert {path for path in desk.rglob("*") if "lock" not in path.name} <= before | set(desk.glob("photobench.db*"))
    mistakes = page.get("/api/mistakes", run="001-test_resnet")
    assert all(true != said for true, said in zip(mistakes["truth"]["label"], mistakes["said"]["label"], strict=True))
    probabilities = page.get(f"/api/photo/{mistakes['photo'][0]}")["probabilities"]
    assert probabilities["held_out"] and sum(probabilities["attributes"]["label"]) == pytest.approx(1, abs=1e-3)


# --- was it worth it ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_retrain_and_compare_is_a_process_whose_lines_are_told(desk: Path, open_page: Open) -> None:
    with (desk / "photobench.toml").open("a") as project:
        project.write("\n[audit]\nnum_folds = 2\n")
    page, _ = open_page(desk)
    page.decide("accept", findings=[0])
    assert page.write("/api/what-if").status_code == 200
    again = page.write("/api/what-if")
    assert again.status_code == 422 and "runs already" in again.json()["error"]
    with page.events("/api/what-if/events") as events:
        told = list(events)
    assert any("2 × 2 trainings" in line for name, line in told if name == "line")
    assert told[-1][0] == "end" and told[-1][1]["code"] == 0
    assert "With the 1 decision macro-F1 is" in told[-1][1]["result"]


@pytest.mark.slow
def test_a_comparison_can_be_stopped(desk: Path, open_page: Open) -> None:
    page, _ = open_page(desk)
    page.decide("accept", findings=[0])
    page.write("/api/what-if")
    with page.events("/api/what-if/events") as events:
        next(events)
        page.write("/api/what-if/stop")
        told = list(events)
    assert told[-1][1]["code"] != 0
    assert page.write("/api/what-if").status_code == 200
    page.write("/api/what-if/stop")
