"""Writes docs/options.md from the options themselves, so that the page cannot differ from the program.

    python docs/make_options.py            write the page
    python docs/make_options.py --check    only say whether it is up to date

tests/test_docs.py compares the page with what this would write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from photobench.config import Options
from photobench.metrics import METRICS
from photobench.project import ProjectOptions
from photobench.registry import Registry
from photobench.sources.table_of_sources import SOURCES

PAGE = Path(__file__).with_name("options.md")

INTRODUCTION = """\
# Options

Every option of `photobench.toml`, by section. This page is written by `python docs/make_options.py` from the program itself.

Only what differs from the default needs a line in the file. `photobench config` prints the value of every option in your
project and where it came from. Any of them can be changed for one call with `--set section.name=value`, and in Python by
name: `bench.train(epochs=3)`. Relative paths start at the folder of `photobench.toml`.

The order of precedence: default < `photobench.toml` < `--set`. Mistaken options, types and ranges are all
named at once, each with the nearest valid name; what is chosen by name from a list (`photobench list`) is checked next, also all of it at once, before any work.
"""

NAMES = """\
## Names to choose from

`photobench list backbones`, `photobench list losses` and so on print the same from the command line.
"""

LIMITS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "min_length": "at least {}"}


def page() -> str:
    """The whole page as Markdown."""
    models = {name: _model(info) for name, info in ProjectOptions.model_fields.items()}
    alone = {name: ProjectOptions.model_fields[name] for name, model in models.items() if model is None}
    sections = [_section(name, model) for name, model in models.items() if model is not None]
    return "\n".join([INTRODUCTION, _options(alone), *sections, NAMES, *map(_names, _registries())])


def _section(name: str, model: type[Options]) -> str:
    info = ProjectOptions.model_fields[name]
    heading = f"[{name}]" if isinstance(info.default, Options) else f"[[{name}]]"
    several = "" if isinstance(info.default, Options) else " Written once for each attribute, in their order."
    return f"## {heading}\n\n{info.description}{several}\n\n{_options(model.model_fields)}"


def _options(fields: Mapping[str, FieldInfo]) -> str:
    return _table(("option", "default", "allowed", "meaning"), [_row(*field) for field in fields.items()])


def _model(info: FieldInfo) -> type[Options] | None:
    """The options model of a section: its own, or that of the items of a list; None of an option that stands alone."""
    found = [info.annotation, *get_args(info.annotation)]
    return next((one for one in found if isinstance(one, type) and issubclass(one, Options)), None)


def _row(name: str, info: FieldInfo) -> tuple[str, ...]:
    example = f"; such as {_toml(tuple(info.examples[0]))}" if info.examples else ""
    return f"`{name}`", _default(info), _allowed(info), _linked(info.description or "") + example


def _linked(text: str) -> str:
    """Commands in a line of help, as code; those that list names lead to the names on this page."""
    text = re.sub(r"photobench list (sources|augmentations|losses|metrics|loggers)", r"[`\g<0>`](#\1)", text)
    return re.sub(r"(?<!`)photobench list \w+", r"`\g<0>`", text)


def _default(info: FieldInfo) -> str:
    if info.default is PydanticUndefined:
        return "needed"
    if info.default is None:
        return "not set"
    return f"`{_toml(info.default)}`"


def _toml(value: Any) -> str:
    """A default as it is written in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(inner)}' for key, inner in value.items())} }}" if value else "{}"
    return f"{value}"


def _allowed(info: FieldInfo) -> str:
    if get_origin(info.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(info.annotation))
    return ", ".join(_limits(info.metadata))


def _limits(metadata: Iterable[Any]) -> Iterator[str]:
    for rule in metadata:
        for key, words in LIMITS.items():
            if hasattr(rule, key):
                yield words.format(f"{getattr(rule, key):,}")


def _registries() -> Iterator[tuple[str, str, Registry[Any]]]:
    from photobench.train.watchers import WATCHERS
    from photobench.vision.augment import AUGMENTATIONS
    from photobench.vision.loss import LOSSES
    from photobench.vision.views import VIEWS

    yield "Sources", "`source.kind`", SOURCES
    yield "Augmentations", "`augment.preset`", AUGMENTATIONS
    yield "Losses", "`loss.name`", LOSSES
    yield "Metrics", "`train.metric`", METRICS
    yield "Views", "`refine.views`", VIEWS
    yield "Loggers", "`train.log`", WATCHERS


def _names(item: tuple[str, str, Registry[Any]]) -> str:
    title, option, registry = item
    rows = [(f"`{entry.name}`", entry.line) for entry in registry]
    return f"### {title}\n\nFor {option}.\n\n{_table(('name', 'what it is'), rows)}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def main() -> int:
    """1 where `--check` finds the page out of date."""
    if "--check" in sys.argv[1:]:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
        print(f"{PAGE} is {'up to date' if current else 'out of date: python docs/make_options.py'}")
        return 0 if current else 1
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
