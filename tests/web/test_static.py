"""The files of the review page, looked at without a browser: nothing of a stranger's becomes HTML, nothing comes from elsewhere."""

from __future__ import annotations

import ast
import inspect
import re

from photobench.audit import drawings, duplicates, leakage, outliers, persons, quality
from photobench.audit.checks import CHECKS
from photobench.audit.labels import words as labels_words
from photobench.audit.quality import MEASURES
from photobench.compare import words as compare_words
from photobench.records import Sentence
from photobench.slices.conditions import ENDS, FILES
from photobench.workflow.models import embedding
from photobench.workflow.reviewing import words
from photobench.workflow.runs import comparing
from photobench.workspace import lock
from tests.forking import REPO

STATIC = REPO / "photobench" / "web" / "static"
SCRIPTS = {path.relative_to(STATIC).as_posix(): path.read_text() for path in sorted(STATIC.rglob("*.js"))}
NAMES = SCRIPTS["i18n/ko.js"].partition("names: {")[2]
PAGE = (STATIC / "index.html").read_text()
IMPORT = re.compile(r'^(?:import|export) .*?from "(\./|\.\./)([\w./]+)";$', re.MULTILINE)


def needed(name: str, found: set[str]) -> set[str]:
    """This module and all that it imports at once; `found` grows."""
    if name not in found:
        found.add(name)
        for folder, other in IMPORT.findall(SCRIPTS[name]):
            path = (STATIC / name).parent / folder / other
            needed(path.resolve().relative_to(STATIC.resolve()).as_posix(), found)
    return found


def test_every_module_of_the_start_is_fetched_at_once() -> None:
    """A module that is not preloaded is asked for only when the one that needs it has come."""
    preloaded = set(re.findall(r'modulepreload" href="/static/([\w./]+)"', PAGE))
    assert preloaded == needed("main.js", set()) - {"main.js"}


def test_text_is_only_ever_text() -> None:
    for name, script in SCRIPTS.items():
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            'setAttribute("style',
        ):
            assert way not in script, f"{way} in {name}"
    assert not re.search(r"\sstyle=|\son\w+=|<script>|<style", PAGE)


def test_nothing_comes_from_another_host() -> None:
    files = [PAGE, *SCRIPTS.values(), *(path.read_text() for path in STATIC.rglob("*.css"))]
    addresses = {address for text in files for address in re.findall(r"https?://[\w.]+", text)}
    assert addresses <= {"http://www.w3.org"}


def test_every_text_is_there_and_used() -> None:
    """In English; that Korean has the same keys is looked at in the browser."""
    known = set(re.findall(r"(?:^|[,{]\s*)([a-z_]+): ", SCRIPTS["i18n/en.js"], re.MULTILINE))
    asked = set(re.findall(r'\bt\("([a-z_]+)"', "".join(SCRIPTS.values()))) | set(
        re.findall(r'data-t(?:-\w+)?="([a-z_]+)"', PAGE)
    )
    assert asked <= known


AUDIT = (drawings, duplicates, leakage, outliers, persons, quality, labels_words)
MODULES = (*AUDIT, embedding, words, compare_words, comparing, lock)
SAID = [one for module in MODULES for one in vars(module).values() if isinstance(one, Sentence)]
SAID += [*ENDS.values(), FILES]
SAID += [Sentence(measure.kind, measure.sentence) for measure in MEASURES]
KOREAN = re.findall(
    r'^  "?([a-z][a-z ]*)"?: \((?:\{(.*?)\})?\) =>',
    SCRIPTS["i18n/reasons_ko.js"] + SCRIPTS["i18n/notes_ko.js"],
    re.MULTILINE,
)


def test_what_the_server_says_can_be_said_in_korean() -> None:
    """Findings, notes and refusals alike; a kind is one of them only."""
    assert sorted(one.kind for one in SAID) == sorted(kind for kind, _ in KOREAN)


def test_korean_speaks_of_the_same_values() -> None:
    """One that the server does not send would be `undefined` on the page."""
    known = {one.kind: one.english for one in SAID}
    for kind, names in KOREAN:
        asked = {name.partition(":")[0].strip() for name in names.split(",")} - {"", "n", "p", "...counts"}
        form = known[kind]
        there = set(re.findall(r"\{(\w+)", form)) if isinstance(form, str) else set(inspect.signature(form).parameters)
        assert asked <= there, kind


def test_a_page_is_told_nothing_that_korean_does_not_know() -> None:
    """Whoever refuses something in the review has a sentence for it: no other text is sent, but for what stages say that know of no page."""
    folders = (REPO / "photobench" / "web", REPO / "photobench" / "workflow" / "reviewing")
    for path in [path for folder in folders for path in folder.glob("*.py") if path.name != "serving.py"]:
        tree = ast.parse(path.read_text())
        for one in [node for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]:
            name, said = ast.unparse(one.exc.func), ast.unparse(one.exc.args[-1])
            is_ours = name in ("Refused", "Answered") and re.fullmatch(r"(words\.)?[A-Z_]+\(.*\)|error\.said", said)
            assert is_ours or name == "Overtaken" or "a box is changed" in said, f"{path.name}: {ast.unparse(one)}"


def test_what_the_audit_finds_has_a_korean_name() -> None:
    kinds = {kind.name for entry in CHECKS for kind in entry.build().kinds}
    assert [kind for kind in sorted(kinds) if f'"{kind}": ' not in NAMES and f" {kind}: " not in NAMES] == []
