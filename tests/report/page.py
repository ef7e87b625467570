"""A report as a browser reads it: balanced, self-contained, and asked for its sections and its text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from photobench.report import ReportInputs, build_report

VOID = {"meta", "link", "img", "br", "hr", "input", "col", "source"}


class Page(HTMLParser):
    """Checks the nesting while it reads, and keeps what the tests ask for."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.stack == [], self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack and self.stack.pop() == tag, f"</{tag}> closes the wrong element"

    def handle_data(self, data: str) -> None:
        if not self.stack or self.stack[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))

    @property
    def sections(self) -> list[str | None]:
        return [attrs["id"] for tag, attrs in self.tags if tag == "section"]


def check(inputs: ReportInputs) -> Page:
    """Builds the page and holds it to what is true of every report."""
    html = build_report(inputs)
    page = Page(html)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids)), "an id occurs twice"
    assert not {"script", "iframe", "object", "link", "base", "form"} & {tag for tag, _ in page.tags}
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert (attrs.get(name) or "#").startswith(("#", "data:image/webp;base64,")), (tag, attrs)
    loads = re.findall(r"url\(([^)]*)\)|@import", html)
    assert all(load.startswith("#") for load in loads)
    links = [attrs["href"][1:] for tag, attrs in page.tags if tag == "a" and attrs.get("href")]
    assert set(links) <= set(ids)
    return page
