"""What is wrong with an option, in a sentence: its value, the rule, who gave it, and the nearest valid name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from photobench.config.options import Layer, given, given_by, section_of
from photobench.errors import akin, nearest


def mistakes(model: type[BaseModel], problems: Iterable[Any], layers: Sequence[Layer]) -> list[str]:
    """What the problems of pydantic mean to who gave the values, without those that only follow from another one."""
    found = list(problems)
    meant = {near for problem in found if problem["type"] == "extra_forbidden" for near in _nearest(model, problem)}
    return [_mistake(model, problem, layers) for problem in found if not _follows(problem, meant)]


def _follows(problem: Any, meant: Collection[tuple[Any, ...]]) -> bool:
    """A needed option is there under a misspelt name, or a list is too short without its wrong entries."""
    if problem["type"] == "missing":
        return problem["loc"] in meant
    return problem["type"] == "too_short" and len(problem["input"]) >= problem["ctx"]["min_length"]


def _nearest(model: type[BaseModel], problem: Any) -> list[tuple[Any, ...]]:
    """Where the option lies that a misspelt name may mean."""
    *table, name = problem["loc"]
    owner = _owner(model, table)
    return [(*table, near) for near in nearest(str(name), owner.model_fields, limit=1)] if owner else []


def _mistake(model: type[BaseModel], problem: Any, layers: Sequence[Layer]) -> str:
    path = problem["loc"]
    key, where = _place(model, path, layers)
    if problem["type"] == "extra_forbidden":
        owner = _owner(model, path[:-1])
        if owner and path[-1] in getattr(owner, "retired", {}):
            return f'the option "{key}"{where} is no more: leave it out. {owner.retired[path[-1]]}.'
        known = list(owner.model_fields) if owner else []
        if len(path) == 1 and isinstance(problem["input"], Mapping):
            return f'there is no section "{key}"{where}.{_section_hint(model, key, problem["input"], known)}'
        return f'there is no option "{key}"{where}.{_hint(model, key, path, known)}'
    if problem["type"] in ("missing", "too_long") and (length := _length(model, path)):
        key, where = _place(model, path[:-1] if isinstance(path[-1], int) else path, layers)
        return f"{key}{where}: needs {length} numbers in [brackets]."
    if problem["type"] == "missing":
        return f'"{key}"{where} is needed and is not set.'
    if isinstance(problem["input"], Mapping) and problem["type"] == "tuple_type":
        return f"{key}{where}: there may be several, so each is in the file, under a heading with double brackets: [[{key}]]."
    if isinstance(problem["input"], Mapping) and problem["type"] == "value_error":  # of a section's options together
        return f"{key}{where}: {rule(problem)}."
    return f"{key} = {_shown(problem['input'])}{where}: {rule(problem)}."


def _place(model: type[BaseModel], path: Sequence[Any], layers: Sequence[Layer]) -> tuple[str, str]:
    """What a person calls an option, and where it is: `("values", ' in [[attributes]] "mask" (photobench.toml)')`.

    A list is given whole, so who gave it gave all that is in it.
    """
    number = next((at for at, step in enumerate(path) if isinstance(step, int)), len(path))
    outer, inner = path[:number], path[number + 1 :]
    by = given_by(outer, layers)
    if number == len(path) or _owner(model, outer) is None:  # no list, or one of plain values
        return _spelled(path), by
    title = f"[[{_spelled(outer)}]] {_called(given(outer, layers)[1], path[number])}"
    return (_spelled(inner), f" in {title}{by}") if inner else (title, by)


def _spelled(path: Sequence[Any]) -> str:
    """`train.log, entry 1`: people count from one."""
    return "".join(f", entry {step + 1}" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _called(tables: Any, number: int) -> str:
    """A table of several by its own name where it has one, else by its number as people count."""
    table = tables[number] if isinstance(tables, Sequence) and number < len(tables) else None
    name = table.get("name") if isinstance(table, Mapping) else None
    return f'"{name}"' if isinstance(name, str) and name else f"number {number + 1}"


def _hint(model: type[BaseModel], key: str, path: Sequence[Any], known: list[str]) -> str:
    """The nearest option beside it, under its whole name; else the same name, or one near it, in another section; else all that there are."""
    name = str(path[-1])
    meant = [key.removesuffix(name) + near for near in nearest(name, known, limit=1)]
    if not meant and len(path) <= 2:
        meant = _elsewhere(model, name)
    return f" Did you mean {' or '.join(meant)}?" if meant else f" There is: {', '.join(known)}."


def _section_hint(model: type[BaseModel], section: str, given_: Mapping[str, Any], known: list[str]) -> str:
    """The nearest section; else where there are options that are called as those in it; else all sections."""
    near = akin(section, known)
    meant = [near] if near else [key for name in given_ for key in _elsewhere(model, name)]
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


def rule(problem: Any) -> str:
    """What a value should be, of one problem of pydantic."""
    if problem["type"] in WRONG_TYPES:
        return WRONG_TYPES[problem["type"]]
    if problem["type"] == "too_short":
        return f"needs {problem['ctx']['min_length']} entries or more"
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
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


def _elsewhere(model: type[BaseModel], name: str) -> list[str]:
    """The options of any section that are called so, or else the one that is called nearly so."""
    owners = {section: _owner(model, [section]) for section in model.model_fields}
    keys = [(section, key) for section, owner in owners.items() if owner for key in owner.model_fields]
    called = akin(name, [key for _, key in keys])
    return [f"{section}.{key}" for section, key in keys if key == called]
