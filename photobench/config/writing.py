"""Options as TOML that a person reads and edits. The only module that imports tomlkit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

import tomlkit
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from photobench.config.options import Options


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
