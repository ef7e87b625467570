"""What rules decided, shown as what nobody has looked at, and borne out by a person."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from photobench import workflow
from photobench.audit.rules import Rule
from photobench.workflow.labels.auditing import last_made
from tests.conftest import Start
from tests.test_report_browser import pytestmark  # noqa: F401
from tests.web.asked import decisions, sentence, shows
from tests.web.conftest import Reviewing

NUM_RULED = 3


@pytest.fixture
def reviewing(suspects: Path, tmp_path: Path, start: Start) -> Iterator[Reviewing]:
    """A rule has decided on the three surest findings."""
    root = Path(shutil.copytree(suspects, tmp_path / "bench"))
    bench, rule = workflow.open_bench(root), Rule(check="labels", do="relabel", max=NUM_RULED)
    (tmp_path / "rules.toml").write_text(
        f'[[rule]]\ncheck = "{rule.check}"\ndo = "{rule.do}"\nmax = {rule.max}\nmin_score = 0.9\n'
    )
    made = last_made(bench, "labels")
    assert made is not None
    workflow.apply_rules(bench, made.findings, tmp_path / "rules.toml")
    found = Reviewing(root, start).open()
    yield found
    found.process.stop()


def counted(page, words: str) -> None:
    """What the line of the progress begins with."""
    page.wait_for_function(
        "words => document.querySelector('#progress-words').textContent.startsWith(words)", arg=words, timeout=5000
    )


def test_what_a_rule_decided_is_borne_out_with_a_key(reviewing: Reviewing, look) -> None:
    page = look()
    sentence(page, "The label is “green”. Is it “blue”?")
    shows(page, "green/person11_0.jpg")  # rules were written to spare a person the three before it
    page.get_by_label("decided by a rule").check()
    page.get_by_label("to review").uncheck()
    page.wait_for_function("() => document.querySelector('#place').textContent === '1 of 3'")
    page.locator("body").click(position={"x": 5, "y": 5})
    shows(page, "green/person10_0.jpg")
    assert page.locator("#standing").inner_text().startswith("A rule decided “blue”, ")
    assert "Keep “blue”" in page.locator("#keep-text").inner_text()
    sentence(page, "The label was “green” and is “blue” now. Is that right?")
    counted(page, "0 reviewed22 left3 decided by rules")
    assert page.get_by_role("progressbar").get_attribute("aria-valuenow") == "0"
    assert "accepted" not in page.locator("#progress-words").inner_text(), "a rule accepts without a look"
    page.keyboard.press("Space")
    shows(page, "green/person10_1.jpg")
    page.keyboard.press("Enter")
    shows(page, "green/person10_2.jpg")
    assert decisions(reviewing, NUM_RULED + 2)[NUM_RULED:] == [
        ("green/person10_0.jpg", "label", "blue"),
        ("green/person10_1.jpg", "label", "blue"),
    ]
    page.wait_for_function(
        "() => document.querySelector('#facets input[value=ruled]').parentElement.querySelector('.count').textContent === '1'"
    )
    counted(page, "2 reviewed22 left1 decided by rules")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "() => document.querySelector('#standing').textContent.startsWith('Decided: “blue”, by you')"
    )
    page.keyboard.press("u")
    page.wait_for_function(
        "() => document.querySelector('#facets input[value=ruled]').parentElement.querySelector('.count').textContent === '2'"
    )
    shows(page, "green/person10_1.jpg")
    page.wait_for_function("() => document.querySelector('#standing').textContent.startsWith('A rule decided “blue”')")


def test_the_question_speaks_of_the_label_as_a_rule_left_it(reviewing: Reviewing, look) -> None:
    """Also where a rule decides while the page is open, and in Korean."""
    page = look(locale="ko-KR")
    page.get_by_label("규칙이 정한 것").check()
    page.get_by_label("볼 것").uncheck()
    sentence(page, "label 라벨이 이제 “blue”입니다(전에는 “green”). 맞나요?")
    counted(page, "0 확인22 남음3 규칙이 정함")
    page.locator("#language").select_option("en")
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("1")
    shows(page, "green/person10_1.jpg")
    page.keyboard.press("ArrowLeft")
    sentence(page, "The label is “red”. Is it “blue”?")


def test_the_end_says_how_many_nobody_has_looked_at(reviewing: Reviewing, look) -> None:
    page = look()
    for _ in range(22):
        page.keyboard.press(" ")
    page.get_by_text("Nothing is left to review").wait_for()
    assert page.locator("#none-text").inner_text().startswith("3 findings were decided by rules, and nobody has looked")
    decisions(reviewing, NUM_RULED + 22)
    page.locator("#none-changes").click()
    card = page.locator("#changes-cards li").filter(has_text="Decided by rules")
    card.wait_for()
    assert card.inner_text().splitlines()[1:] == ["3", "nobody has looked"]
    told = page.locator("#changes-cards li").filter(has_text="Findings reviewed").inner_text()
    assert told.splitlines()[1:] == ["22", "0 left"]
