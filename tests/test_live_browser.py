"""The page of a training under way in a real browser: it shows what the training writes without being loaded again."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chromium import CHROMIUM
from tests.conftest import Start, draw_folder, project_toml

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium, which is not here: apt-get install chromium"),
]


class Training:
    """In a process of its own."""

    def __init__(self, start: Start, root: Path, *options: str):
        photos = draw_folder(root / "photos", people=4)
        (root / "bench").mkdir()
        (root / "bench" / "photobench.toml").write_text(project_toml(photos))
        self.folder = root / "bench" / "runs" / "001-test_resnet"
        self.process = start("train", "-w", root / "bench", *options, before="tests.waiting_epochs")
        wait_for(lambda: (self.folder / "live.js").exists())

    def allow(self, epoch: int) -> None:
        (self.folder / f"go-{epoch}").touch()


def wait_for(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 240
    while not is_true():
        assert time.monotonic() < deadline, "waited for four minutes"
        time.sleep(0.05)


@pytest.fixture
def train(tmp_path: Path, start: Start) -> Iterator[Callable[..., Training]]:
    begun: list[Training] = []

    def begin(*options: str) -> Training:
        begun.append(Training(start, tmp_path, *options))
        return begun[-1]

    yield begin
    for training in begun:
        training.process.stop()


def opened(browser, training: Training, **look):
    page = browser.new_page(**look)
    page.set_default_timeout(240_000)
    page.said = []
    page.asked = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto((training.folder / "live.html").as_uri())
    return page


def test_it_follows_a_training_to_its_end_without_being_loaded_again(browser, train) -> None:
    training = train("--set", "train.epochs=3")
    page = opened(browser, training)
    page.wait_for_selector("body[data-status=running]")
    assert page.inner_text("#sentence") == "In epoch 1 of at most 3."
    page.evaluate("window.isTheSame = true")
    for epoch in (1, 2):
        training.allow(epoch)
        page.wait_for_selector(f"#sentence:text('In epoch {epoch + 1}')")
        assert page.inner_text("#epoch-number") == f"{epoch}"
    training.allow(3)
    page.wait_for_selector("body[data-status=finished]")
    assert training.process.wait(240) == 0
    assert "Finished after 3 of at most 3 epochs: the best macro F1 is" in page.inner_text("#sentence")
    assert page.evaluate("window.isTheSame")
    assert page.locator("#charts svg").count() == 3
    assert page.locator("#charts svg").first.evaluate("svg => svg.getBoundingClientRect().height") > 100
    assert page.title().startswith("finished")
    assert page.said == []
    assert all(url.startswith(("file://", "data:")) for url in page.asked)
    page.close()


def test_the_slider_shows_what_was_said_before(browser, train) -> None:
    training = train("--set", "train.epochs=2")
    training.allow(1)
    training.allow(2)
    assert training.process.wait(240) == 0
    page = opened(browser, training)
    page.wait_for_selector("body[data-status=finished]")
    assert page.locator(".told li").count() == 8
    last = page.locator(".told .probability").all_inner_texts()
    assert all("%" in text for text in last)
    page.locator("#epoch").focus()
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#epoch-number") == "1"
    assert page.locator(".told .probability").all_inner_texts() != last
    right = page.locator(".told li.right").count()
    assert page.inner_text("#num-right") == f"{right} of 8 right"
    page.close()


def test_a_killed_training_is_told_as_one_without_updates(browser, train) -> None:
    training = train("--set", "train.epochs=2")
    training.allow(1)
    wait_for(lambda: "In epoch 2" in (training.folder / "live.js").read_text())
    os.kill(training.process.pid, signal.SIGKILL)
    page = browser.new_page()
    page.clock.install()
    page.goto((training.folder / "live.html").as_uri())
    page.wait_for_selector("body[data-status=running]")
    page.clock.fast_forward("20:00:00")
    page.wait_for_selector("body[data-status=quiet]")
    assert "No update since" in page.inner_text("[role=status]")
    assert "20 h ago" in page.inner_text("[role=status]")
    page.close()


def test_a_stopped_training_says_so(browser, train) -> None:
    training = train("--set", "train.epochs=2")
    os.kill(training.process.pid, signal.SIGINT)
    training.allow(1)
    assert training.process.wait(240) == 130
    page = opened(browser, training)
    page.wait_for_selector("body[data-status=interrupted]")
    assert "Stopped in epoch" in page.inner_text("#sentence")
    page.close()


def test_it_fits_every_screen_in_both_themes(browser, train) -> None:
    training = train("--set", "train.epochs=2")
    training.allow(1)
    training.allow(2)
    assert training.process.wait(240) == 0
    for theme, width in itertools.product(("light", "dark"), (360, 768, 1280)):
        page = opened(browser, training, viewport={"width": width, "height": 900}, color_scheme=theme)
        page.wait_for_selector("body[data-status=finished]")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        back = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(back.split("(")[1].split(",")[0]) < 60) == (theme == "dark")
        page.close()
