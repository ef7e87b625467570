"""What the documentation says is so: the options, the layers, the links, the commands, and the two READMEs beside each other."""

from __future__ import annotations

import ast
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main

from photobench.api import Bench, Run
from photobench.audit.checks import CHECKS
from photobench.cli import app
from photobench.config import Layer, resolve
from photobench.project import ProjectOptions
from tests.test_architecture import LAYERS, ONE_HOME, WORKFLOW

REPO = Path(__file__).parents[1]
DOCS = REPO / "docs"
READMES = (REPO / "README.md", REPO / "README.ko.md")
PAGES = (*READMES, REPO / "CONTRIBUTING.md", REPO / "CHANGELOG.md", *sorted(DOCS.glob("*.md")))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^(#+) +(.+)$", re.MULTILINE)
INLINE_CODE = re.compile(r"`([^`\n]+)`")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose_of(page: Path) -> str:
    """The page without its code blocks."""
    return FENCE.sub("", text_of(page))


def blocks(page: Path, language: str = "") -> list[tuple[str, str]]:
    """(language, code) of each code block."""
    return [(name, code) for name, code in FENCE.findall(text_of(page)) if not language or name == language]


def without_comments(code: str) -> list[str]:
    return [re.sub(r"(^|\s+)# .*$", "", line).rstrip() for line in code.splitlines()]


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings have on GitHub."""
    plain = (re.sub(r"[`*]", "", title).lower() for _, title in HEADING.findall(prose_of(page)))
    return {re.sub(r"[^\w\- ]", "", title).strip().replace(" ", "-") for title in plain}


def commands(page: Path) -> list[str]:
    """Every call of photobench that a page shows, in a block or within a line."""
    inside = [line.removeprefix("$ ") for _, code in blocks(page) for line in without_comments(code)]
    shown = [*inside, *INLINE_CODE.findall(prose_of(page))]
    return [_without_shell(line) for line in shown if re.match(r"photobench [a-z]", line)]


def _without_shell(line: str) -> str:
    """`photobench x $(ls -t | head) | tail -4` → `photobench x …`: what is left is ours."""
    while (inner := re.sub(r"\$\([^()]*\)", "…", line)) != line:
        line = inner
    return re.split(r" [|>] ", line)[0]


def make_options() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_options", DOCS / "make_options.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_options_page_is_that_of_the_program() -> None:
    assert text_of(DOCS / "options.md") == make_options().page(), "write it again: python docs/make_options.py"


def test_the_options_page_has_every_option() -> None:
    shown = set(re.findall(r"^\| `(\w+)` \|", text_of(DOCS / "options.md"), re.MULTILINE))
    sections = {name for name, info in ProjectOptions.model_fields.items() if hasattr(info.default, "model_fields")}
    assert {key for name in sections for key in type(ProjectOptions.model_fields[name].default).model_fields} <= shown
    assert set(re.findall(r"^## \[(\w+)\]", text_of(DOCS / "options.md"), re.MULTILINE)) == sections


def test_the_audit_page_has_every_kind_that_a_rule_may_name() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([a-z ]+)` \| (.+) \|$", text_of(DOCS / "audit.md"), re.MULTILINE)
    assert rows == [(entry.name, kind.name, kind.line) for entry in CHECKS for kind in entry.build().kinds]


def test_the_map_has_the_layers_of_the_code() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", text_of(DOCS / "architecture.md"), re.MULTILINE)
    shown = {int(number): set(INLINE_CODE.findall(rooms)) for number, rooms in rows}
    assert shown == dict(enumerate(LAYERS, start=1))


def test_the_map_has_the_packages_of_workflow() -> None:
    part = text_of(DOCS / "architecture.md").partition("### The packages of workflow")[2].partition("\n#")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", part, re.MULTILINE)
    assert [set(INLINE_CODE.findall(row)) for row in rows] == WORKFLOW


def test_every_file_that_the_map_names_is_there() -> None:
    named = re.findall(r"`((?:\w+/)+\w+\.py)`", text_of(DOCS / "architecture.md"))
    assert named
    assert [name for name in named if not any((root / name).exists() for root in (REPO, REPO / "photobench"))] == []


def test_the_map_has_the_homes_of_the_libraries() -> None:
    shown = dict(
        re.findall(r"^\| `([\w.]+)` \| `(photobench\.[\w.]+)` \|$", text_of(DOCS / "architecture.md"), re.MULTILINE)
    )
    assert shown == ONE_HOME


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_leads_somewhere(page: Path) -> None:
    dead = []
    for found in LINK.findall(prose_of(page)):
        link = "".join(found)
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert not dead


def test_both_readmes_have_the_same_sections() -> None:
    levels = [[len(marks) for marks, _ in HEADING.findall(prose_of(page))] for page in READMES]
    assert levels[0] == levels[1]


def test_both_readmes_show_the_same_code() -> None:
    english, korean = ([(name, without_comments(code)) for name, code in blocks(page)] for page in READMES)
    assert english == korean


def test_both_readmes_lead_to_each_other_at_the_top() -> None:
    for page, other in zip(READMES, reversed(READMES), strict=True):
        assert f"]({other.name})" in "\n".join(text_of(page).splitlines()[:4])


def command_of(group: Any, words: list[str]) -> tuple[Any, list[str]]:
    """The command that words begin with, which may be within a group, and the words after it; None where there is none."""
    command = group.commands.get(words[0])
    if (
        hasattr(command, "commands") and len(words) > 1 and not words[1].startswith(("-", "#"))
    ):  # a group may have options of its own
        return command_of(command, words[1:])
    return command, words[1:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_its_options_exist(page: Path) -> None:
    group = typer.main.get_command(app)
    wrong = []
    for line in commands(page):
        command, words = command_of(group, line.split()[1:])
        known = {name for option in command.params for name in option.opts} if command else set()
        asked = {word.partition("=")[0] for word in words if word.startswith("-")}
        if command is None or not asked <= known:
            wrong.append(line)
    assert not wrong


def test_the_readme_names_every_command() -> None:
    for page in READMES:
        shown = {line.split()[1] for line in commands(page)}
        assert shown == set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def without_set(command: Any, name: str = "") -> set[str]:
    """Names of the commands below this one that do something and take no --set."""
    inner = getattr(command, "commands", {})
    found = {one for word, sub in inner.items() for one in without_set(sub, f"{name} {word}".strip())}
    works = not inner or command.invoke_without_command
    takes = any("--set" in option.opts for option in command.params)
    return found | {name} if name and works and not takes else found


def test_the_readme_names_the_commands_that_take_no_option_for_one_call() -> None:
    for page in READMES:
        line = re.search(r"[^.]*`--set section\.option=value`", prose_of(page))
        assert line is not None
        named = set(INLINE_CODE.findall(line[0])) - {"--set section.option=value"}
        assert named == without_set(typer.main.get_command(app)), page.name


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_project_files_in_the_readme_are_valid(page: Path) -> None:
    found = blocks(page, "toml")
    assert found
    for _, code in found:
        resolve(ProjectOptions, [Layer(page.name, tomllib.loads(code))])


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_python_in_the_readme_uses_what_there_is(page: Path) -> None:
    found = blocks(page, "python")
    assert found
    for _, code in found:
        used = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)]
        for node in used:
            owner = {"bench": Bench, "run": Run}.get(ast.unparse(node.value))
            assert owner is None or hasattr(owner, node.attr), f"{ast.unparse(node)} is not there"


def test_the_make_targets_in_the_documentation_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(REPO / "Makefile"), re.MULTILINE))
    for page in PAGES:
        code = [*(code for _, code in blocks(page)), *INLINE_CODE.findall(prose_of(page))]
        asked = {name for text in code for name in re.findall(r"^(?:[A-Z]+=\S+ )?make ([a-z-]+)", text, re.MULTILINE)}
        assert asked <= targets, page.name
