"""What is wrong with an option, in a sentence: its value, the rule, who gave it, and the nearest valid name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from photobench.config.options import Layer, origin_of, section_of
from photobench.errors import nearest


def mistake(model: type[BaseModel], problem: Any, layers: list[Layer]) -> str:
    """What one problem of pydantic means to who gave the value."""
    path = [str(step) for step in problem["loc"]]
    key, origin = ".".join(path), origin_of([p for p in path if not p.isdigit()], layers)
    where = "" if origin == "default" else f" ({origin})"
    if problem["type"] == "extra_forbidden":
        owner = _owner(model, problem["loc"][:-1])
        if owner and path[-1] in getattr(owner, "retired", {}):
            return f'the option "{key}"{where} is no more: leave it out. {owner.retired[path[-1]]}.'
        return f'there is no option "{key}"{where}.{_hint(model, path, list(owner.model_fields) if owner else [])}'
    if problem["type"] in ("missing", "too_long") and (length := _length(model, problem["loc"])):
        return f"{re.sub(r'[.][0-9]+$', '', key)}{where}: needs {length} numbers in [brackets]."
    if problem["type"] == "missing":
        return f'"{key}" is needed and is not set.'
    if isinstance(problem["input"], Mapping) and problem["type"] == "tuple_type":
        return f"{key}{where}: there may be several, so its heading has double brackets: [[{key}]]."
    if isinstance(problem["input"], Mapping) and problem["type"] == "value_error":  # of a section's options together
        return f"{key}{where}: {_rule(problem['msg'])}."
    return f"{key} = {_shown(problem['input'])}{where}: {WRONG_TYPES.get(problem['type']) or _rule(problem['msg'])}."


def _hint(model: type[BaseModel], path: list[str], known: list[str]) -> str:
    """The nearest option beside it, under its whole name; else the same name in another section; else all that there are."""
    name = path[-1]
    meant = [".".join([*path[:-1], near]) for near in nearest(name, known, limit=1)]
    if not meant and len(path) <= 2:
        meant = [f"{section}.{name}" for section in _sections_with(model, name)]
    return f" Did you mean {' or '.join(meant)}?" if meant else f" There is: {', '.join(known)}."


WRONG_TYPES = {
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "string_type": 'should be a text in "quotes"',
    "tuple_type": "should be a list in [brackets]",
    "dict_type": 'should be a table such as { name = "value" }',
    "model_type": "should be a section with options of its own",
    "model_attributes_type": "should be a section with options of its own",
}
"""pydantic's kinds of error that say in Python's words what a person wrote in TOML's."""


def _rule(message: str) -> str:
    message = message.removeprefix("Value error, ").rstrip(".")
    return message.replace("Input should be", "should be", 1)


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) < 80 else text[:77] + "..."


def _length(model: type[BaseModel], path: Iterable[Any]) -> int | None:
    """How many items the list of fixed length has that `path` leads to, or into; None where there is no such."""
    info: Any = None
    for step in path:
        if isinstance(step, int):
            break
        info = model.model_fields.get(step) if model else None
        model = section_of(model, step)  # type: ignore[assignment]
    lists = [
        kind
        for kind in (getattr(info, "annotation", None), *get_args(getattr(info, "annotation", None)))
        if get_origin(kind) is tuple
    ]
    items = get_args(lists[0]) if lists else ()
    return len(items) if items and items[-1] is not Ellipsis else None


def _owner(model: Any, path: Iterable[Any]) -> Any:
    """The model found by following `path`, through lists too; None where that leads to no model."""
    for step in path:
        if isinstance(step, int):
            continue
        annotation = model.model_fields[step].annotation
        candidates = [annotation, *get_args(annotation)]
        models = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if not models:
            return None
        model = models[0]
    return model


def _sections_with(model: type[BaseModel], name: str) -> list[str]:
    owners = {section: _owner(model, [section]) for section in model.model_fields}
    return [section for section, owner in owners.items() if owner and name in owner.model_fields]
