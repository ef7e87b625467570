"""The review page in Korean, tab by tab: whatever it says of its own, or the server says to it, is Korean; only names are not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from photobench.data.embedded import about_text, origin_of
from photobench.workflow.models.embedding import BY_PRETRAINED
from photobench.workspace.lock import IN_USE
from tests.test_report_browser import pytestmark  # noqa: F401
from tests.web.asked import shows
from tests.web.conftest import Reviewing
from tests.web.suspects import labels_doubted, make_suspects, too_dark, write_findings

TEXTS = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!element.closest("noscript") && element.checkVisibility()) found.push(walk.currentNode.textContent);
  }
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    for (const element of document.querySelectorAll(`[${name}]`)) found.push(element.getAttribute(name));
  return found;
}"""
NAMES = re.compile(
    r"photobench|bench|lee|label|red|green|blue|(red|green|blue)/.*\.jpg|English|PCA|Enter|Shift|Ctrl|Esc"
)
"""Of the user, of methods and of keys."""


@pytest.fixture(scope="module")
def suspects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a file that is no photo, and a finding on a photo that is gone."""
    bench = make_suspects(tmp_path_factory.mktemp("korean"))
    photos = bench.parent / "photos"
    write_findings(bench, [*labels_doubted(photos), too_dark("red/gone.jpg")])
    (photos / "red" / "no_photo.jpg").write_bytes(b"")
    return bench


def not_korean(page: Any) -> list[str]:
    """What is on the screen, or told to who cannot see it, and has letters but no Korean ones."""
    texts = {re.sub(r"[·\s]+", " ", text).strip() for text in page.evaluate(TEXTS)}
    return sorted(
        text
        for text in texts
        if re.search("[A-Za-z]{2}", text) and not re.search("[가-힣]", text) and not NAMES.fullmatch(text)
    )


def test_every_tab_is_korean(reviewing: Reviewing, look) -> None:
    page = look(locale="ko-KR")
    shows(page, "green/person10_0.jpg")
    page.get_by_text("이제 없는 사진이나 라벨에 대한 것입니다").wait_for()
    page.locator("#near-note", has_text="photobench explore").wait_for()
    page.keyboard.press("u")
    page.get_by_text("되돌릴 것이 없습니다. lee 님의").wait_for()
    assert page.get_by_text("이제 없는 사진이나 라벨에 대한 것입니다").is_visible(), "a note stays until it is closed"
    assert not_korean(page) == []
    page.keyboard.press("?")
    assert not_korean(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.locator('.tabs [data-view="grid"]').click()
    page.locator("#of").select_option("photos")
    page.locator("#search").fill("no_photo")
    page.wait_for_function("() => document.querySelectorAll('#cells .cell').length === 1")
    assert page.locator("#cells img").get_attribute("src") is None, "no sign of a picture that is broken"
    page.locator("#cells .cell").dblclick()
    page.get_by_text("읽을 수 없습니다: 빈 파일입니다.").wait_for()
    assert not_korean(page) == []
    page.keyboard.press("Escape")
    page.locator('.tabs [data-view="explore"]').click()
    page.get_by_text("아직 사진을 본 백본이 없어서").last.wait_for()
    assert not_korean(page) == []
    page.locator('.tabs [data-view="changes"]').click()
    page.locator("#latest tr").wait_for()
    assert [text for text in not_korean(page) if text != "green → blue"] == []


def test_an_english_word_of_the_program_is_called_one(look) -> None:
    """What a stage says that knows of no page, and findings of an older version."""
    page = look(locale="ko-KR")
    said = "() => import('/static/i18n.js').then(({ said }) => said({ text: 'The disk is full.', reasons: [] }))"
    assert page.evaluate(said) == "프로그램이 영어로 한 말: The disk is full."
    page.locator("#language").select_option("en")
    assert page.evaluate(said) == "The disk is full."


@pytest.mark.parametrize(("minutes", "told"), [(0, "(1분 미만, "), (5, "(5분째, "), (431, "(7시간 11분째, ")])
def test_for_how_long_somebody_works_is_told_as_people_do(look, minutes: int, told: str) -> None:
    page = look(locale="ko-KR")
    busy = IN_USE(root="/w", purpose="photobench train", pid=7, host="box", since="12:00", minutes=minutes)
    said = page.evaluate("it => import('/static/i18n.js').then(({ said }) => said(it))", busy.to_json())
    assert said.startswith("`photobench train`이(가) 12:00부터 /w에서 일하고 있어 지금은 할 수 없습니다 ")
    assert told + "box의 프로세스 7)" in said


def test_where_the_map_comes_from(tmp_path: Path) -> None:
    """It is kept with what it is made of; of an older version it is the English alone."""
    origin = BY_PRETRAINED(backbone="resnet18")
    (tmp_path / "about.json").write_text(about_text(origin))
    assert origin_of(tmp_path) == origin and origin.reasons[0].values == {"backbone": "resnet18"}
    (tmp_path / "about.json").write_text('{"origin": "a backbone"}')
    assert origin_of(tmp_path).text == "a backbone" and origin_of(tmp_path).reasons == ()
    assert not origin_of(tmp_path / "nowhere")
