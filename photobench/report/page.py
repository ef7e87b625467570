"""Sections → one HTML file that opens from disk and asks no server for anything. Its only script is that of the map of photos."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup


@dataclass(frozen=True)
class Section:
    """A part of the page: its anchor, its heading, and what its template shows as `view`; of several alike the anchors are numbered."""

    key: str
    title: str
    view: dict[str, Any]

    @property
    def template(self) -> str:
        name = re.sub(r"-\d+$", "", self.key).replace("-", "_")
        return f"sections/{name}.html.j2"


def page_of(title: str, sections: list[Section]) -> str:
    template = environment().get_template("page.html.j2")
    script = (
        resource("map.script.js") if any(section.key == "map" and section.view["map"] for section in sections) else ""
    )
    return template.render(
        title=title,
        sections=sections,
        style=Markup(resource("style.css")),
        script=Markup(script),
        allowed=_allowed(script),
    )


def _allowed(script: str) -> str:
    """This script and no other, for the page's security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" if script else ""


def inline(svg: str, label: str) -> Markup:
    """An SVG document of ours (its text is escaped already) as part of the page, with a name for those who
    cannot see it.
    """
    head = f'<svg role="img" aria-label="{Markup.escape(label)}" '
    return Markup(re.sub(r'^<svg xmlns="[^"]*" ', lambda _: head, svg, count=1))


def resource(name: str) -> str:
    return files("photobench.report").joinpath(name).read_text(encoding="utf-8")


def environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
