"""Options and where they come from: default < recipe < project file < command line.

Each stage owns its options, a frozen `Options` model beside its code; this module only loads, merges, checks and writes them.
It knows no option by name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar, get_args, get_origin

import tomlkit
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from photobench.errors import ConfigError, did_you_mean


class Options(BaseModel):
    """Base of every options model: frozen, and strict about names. A field's description is its line of help."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, protected_namespaces=())

    retired: ClassVar[Mapping[str, str]] = {}
    """Names that once were options, and a sentence on what does the same today."""


M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Layer:
    """Some values and who gave them: `Layer("photobench.toml", {"train": {"epochs": 3}})`."""

    origin: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One option as a person sees it: `train.epochs`, its value, where the value came from, its line of help."""

    key: str
    value: Any
    origin: str
    help: str


def read_toml(path: Path) -> dict[str, Any]:
    """The values of a TOML file.

    Raises:
        ConfigError: the file is missing or is not TOML (with line and column).
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError([f"There is no {path}. Make one with: photobench init PHOTOS"]) from None
    except OSError as error:
        raise ConfigError(
            [f"{path} cannot be read ({error.strerror}). Name the folder of the project with --workspace."]
        ) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path} is not UTF-8 text: save it as UTF-8."]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path} is not valid TOML: {error}. Text values need quotes on both sides."]) from None


class Part(dict[str, Any]):
    """A table of which single keys were named, such as `--set model.args.pad_type=same`: the others stay."""


def parse_set(assignment: str) -> dict[str, Any]:
    """`"train.epochs=3"` → `{"train": {"epochs": 3}}`. The value is TOML where it can be, else plain text.

    Raises:
        ConfigError: there is no `=`.
    """
    key, equals, text = assignment.partition("=")
    if not equals or not key.strip():
        raise ConfigError([f'--set "{assignment}" has no "=". Write it as --set train.epochs=3'])
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    nested: dict[str, Any] = {}
    *sections, name = key.strip().split(".")
    inner = nested
    for section in sections:
        inner = inner.setdefault(section, Part())
    inner[name] = value
    return nested


def merge(layers: Iterable[Layer], model: type[BaseModel] | None = None) -> dict[str, Any]:
    """Later layers win, section by section. A list is replaced whole, and so is a table that is one option of `model`, but by a `Part`."""
    merged: dict[str, Any] = {}
    for layer in layers:
        _merge_into(merged, layer.values, model)
    return merged


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """`{"train": {"lr": 1}}` → `{"train.lr": 1}`."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        inner = isinstance(value, Mapping) and value
        found |= flat(value, f"{prefix}{key}.") if inner else {f"{prefix}{key}": value}
    return found


def resolve(model: type[M], layers: list[Layer]) -> M:
    """The options that the layers add up to.

    Raises:
        ConfigError: naming every mistake, each with its value, the rule, who gave it, and the nearest valid name.
    """
    merged = merge(layers, model)
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        raise ConfigError([_mistake(model, problem, layers) for problem in error.errors()]) from None


def fields(options: BaseModel, layers: list[Layer], prefix: str = "") -> Iterator[Field]:
    """Every option with its value and origin, in the order of the models."""
    for name, info in type(options).model_fields.items():
        value, key = getattr(options, name), f"{prefix}{name}"
        if isinstance(value, Options):
            yield from fields(value, layers, f"{key}.")
        else:
            yield Field(key, value, _origin(key.split("."), layers), info.description or "")


def to_toml(options: BaseModel, title: str = "", only: Mapping[str, Any] | None = None) -> str:
    """A commented TOML document of the options: each with its line of help, default values commented out.

    Args:
        only: the values that were chosen; the others are written as comments. None writes all.
    """
    document = tomlkit.document()
    for line in title.splitlines():
        document.add(tomlkit.comment(line))
    for name, info in type(options).model_fields.items():
        value = getattr(options, name)
        chosen = None if only is None else only.get(name, {})
        if isinstance(value, Options):
            document.add(tomlkit.nl())
            document.add(name, _table(value, info, chosen))
        elif isinstance(value, str):
            _add_option(document, name, value, info, chosen=only is None or name in only)
        elif value and all(isinstance(item, Options) for item in value):
            document.add(tomlkit.nl())
            document.add(name, _array_of_tables(value))
    return tomlkit.dumps(document)


def changed(document: str, values: Mapping[str, Any]) -> str:
    """A TOML document with other values, by dotted name, and everything else as it stands, comments and all.

    Where an option is there as a comment, as `to_toml` writes a default, the comment becomes the option.

    >>> changed("[train]\n# workers = 0  # none\n", {"train.workers": 2})
    '[train]\nworkers = 2  # none\n'
    """
    newline = "\r\n" if "\r\n" in document else "\n"
    for key in values:
        document = _uncommented(document, *key.rpartition(".")[::2])
    parsed = tomlkit.parse(document)
    for key, value in values.items():
        *sections, name = key.split(".")
        table: Any = parsed
        for section in sections:
            table = table.setdefault(section, tomlkit.table())
        table[name] = _plain(value)
    return tomlkit.dumps(parsed).replace("\r\n", "\n").replace("\n", newline)


def _uncommented(text: str, section: str, name: str) -> str:
    """`# lr = 0.001  # peak` → `lr = 0.001  # peak` in its section; the text as it is where that is not there, or no TOML."""
    pattern = rf"(^\[{re.escape(section)}\][^\n]*\n(?:(?!\[)[^\n]*\n)*?)#[ \t]*(?={re.escape(name)}[ \t]*=)"
    opened = re.sub(pattern, r"\1", text, count=1, flags=re.MULTILINE)
    try:
        tomllib.loads(opened)
    except tomllib.TOMLDecodeError:  # a word to the reader, or the option is set too
        return text
    return opened


def shown(value: Any) -> str:
    """A value as it is written in a project file; `not set` for one that has none."""
    if value is None:
        return "not set"
    if isinstance(value, tuple | list) and value and all(isinstance(item, Options) for item in value):
        return ", ".join(str(next(iter(dict(item).values()))) for item in value)
    return tomlkit.item(_plain(value)).as_string()


def dump(values: Mapping[str, Any]) -> str:
    """Nested values as TOML. What is not set is left out: TOML has no word for it."""
    return tomlkit.dumps(_set_only(values)).strip() if values else ""


def _set_only(value: Any) -> Any:
    if isinstance(value, Mapping):
        plain = {str(k): _set_only(v) for k, v in value.items() if v is not None}
        return dict(sorted(plain.items(), key=lambda item: isinstance(item[1], dict)))  # tables come last
    if isinstance(value, list | tuple):
        return [_set_only(v) for v in value if v is not None]
    return value if isinstance(value, bool | int | float | str) else str(value)


def _table(options: Options, info: FieldInfo, chosen: Mapping[str, Any] | None) -> Any:
    table = tomlkit.table()
    if info.description:
        table.add(tomlkit.comment(info.description))
    for name, inner in type(options).model_fields.items():
        value = getattr(options, name)
        _add_option(table, name, value, inner, chosen=value is not None and (chosen is None or name in chosen))
    return table


def _add_option(table: Any, name: str, value: Any, info: FieldInfo, chosen: bool) -> None:
    """An option with its line of help; a default as a comment."""
    text = _help(info)
    if chosen:
        item = tomlkit.item(_plain(value))
        table.add(name, item.comment(text) if text and not isinstance(item, tomlkit.items.Table) else item)
        return
    example = value if value is not None else next(iter(info.examples or ()), "")
    shown = tomlkit.item(_plain(example)).as_string()
    table.add(tomlkit.comment(f"{name} = {shown}  # {text}" if text else f"{name} = {shown}"))


def _array_of_tables(options: Iterable[Options]) -> Any:
    array = tomlkit.aot()
    for one in options:
        table = tomlkit.table()
        for name in type(one).model_fields:
            value = getattr(one, name)
            if value not in (None, "", (), []):
                table.add(name, _plain(value))
        array.append(table)
    return array


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        inline.update({k: _plain(v) for k, v in value.items()})
        return inline
    if isinstance(value, str) and "\\" in value and "'" not in value:
        return tomlkit.string(
            value, literal=True
        )  # a pattern is easier to read and to change without doubled backslashes
    return "" if value is None else value


def _help(info: FieldInfo) -> str:
    choices = [c for c in get_args(info.annotation) if isinstance(c, str)]
    text = info.description or ""
    return f"{text} ({' | '.join(choices)})" if choices else text


def _merge_into(target: dict[str, Any], values: Mapping[str, Any], model: type[BaseModel] | None) -> None:
    for key, value in values.items():
        if not isinstance(value, Mapping):
            target[key] = value
            continue
        section = _section(model, key)
        is_whole = model is not None and section is None and not isinstance(value, Part)
        if is_whole or not isinstance(target.get(key), dict):
            target[key] = {}
        _merge_into(target[key], value, section)


def _section(model: type[BaseModel] | None, key: str) -> type[BaseModel] | None:
    """The model of the options that a section holds; None for what is no section."""
    info = model.model_fields.get(key) if model else None
    kind = info.annotation if info else None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _origin(path: list[str], layers: list[Layer]) -> str:
    for layer in reversed(layers):
        values: Any = layer.values
        for step in path:
            if not isinstance(values, Mapping) or step not in values:
                break
            values = values[step]
        else:
            return layer.origin
    return "default"


def _mistake(model: type[BaseModel], problem: Any, layers: list[Layer]) -> str:
    path = [str(step) for step in problem["loc"]]
    key, origin = ".".join(path), _origin([p for p in path if not p.isdigit()], layers)
    where = "" if origin == "default" else f" ({origin})"
    if problem["type"] == "extra_forbidden":
        owner = _owner(model, problem["loc"][:-1])
        if owner and path[-1] in getattr(owner, "retired", {}):
            return f'the option "{key}"{where} is no more: leave it out. {owner.retired[path[-1]]}.'
        known = list(owner.model_fields) if owner else []
        hint = did_you_mean(path[-1], known) or f" There is: {', '.join(known)}."
        elsewhere = _sections_with(model, path[-1]) if len(path) <= 2 and not did_you_mean(path[-1], known) else []
        if elsewhere:
            hint = f" Did you mean {' or '.join(f'{s}.{path[-1]}' for s in elsewhere)}?"
        return f'there is no option "{key}"{where}.{hint}'
    if problem["type"] in ("missing", "too_long") and (length := _length(model, problem["loc"])):
        return f"{re.sub(r'[.][0-9]+$', '', key)}{where}: needs {length} numbers in [brackets]."
    if problem["type"] == "missing":
        return f'"{key}" is needed and is not set.'
    if isinstance(problem["input"], Mapping) and problem["type"] == "value_error":  # of a section's options together
        return f"{key}{where}: {_rule(problem['msg'])}."
    return f"{key} = {_shown(problem['input'])}{where}: {WRONG_TYPES.get(problem['type']) or _rule(problem['msg'])}."


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
        model = _section(model, step)  # type: ignore[assignment]
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
