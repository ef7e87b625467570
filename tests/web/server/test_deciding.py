"""What is decided, dropped and trained at a review's server, by one person and by two."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import photobench as pb
from photobench import workflow
from tests.conftest import COLOURS, Cli, Start, draw_photo
from tests.web.client import Page, address_of
from tests.web.server.conftest import BLUE, RED, Open

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
    assert workflow.last_audit(workflow.open_bench(desk)).since and photos.is_dir()
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
    assert done.json()["reasons"] == [{"kind": "nothing to undo", "values": {"who": "lee"}}]
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
        page, _ = open_page(desk)
        assert page.decide("accept", findings=[0]).status_code == 200


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


def test_an_unknown_run_is_refused_before_any_model_is_loaded(shown: Page) -> None:
    look = shown.answer("GET", "/api/look", photo=0, run="nobody")
    asked = shown.http.post("/api/classify", params={"key": shown.key, "run": "nobody"}, content=b"")
    for refusal in (look, asked):
        assert refusal.status_code == 422
        assert refusal.json()["reasons"] == [{"kind": "no such run", "values": {"name": "nobody"}}]


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
        assert next(events) == ("line", "$ photobench audit --what-if")  # at once, before it is up
        next(events)
        page.write("/api/what-if/stop")
        told = list(events)
    assert told[-1][1]["code"] != 0
    assert page.write("/api/what-if").status_code == 200
    page.write("/api/what-if/stop")
