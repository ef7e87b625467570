"""Layers read, merged, and made into options: default < recipe < project file < command line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from photobench.config.mistakes import mistakes
from photobench.config.options import Layer, M, section_of
from photobench.errors import ConfigError


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
        quotes = " Text values need quotes on both sides." if "Invalid value" in str(error) else ""
        raise ConfigError([f"{path} is not valid TOML: {error}.{quotes}"]) from None


class Part(dict[str, Any]):
    """A table of which single keys were named, such as `--set model.args.pad_type=same`: the others stay."""


def parse_set(assignment: str) -> dict[str, Any]:
    """`"train.epochs=3"` → `{"train": {"epochs": 3}}`. The value is TOML where it can be, else plain text.

    Raises:
        ConfigError: there is no `=`.
    """
    key, equals, text = assignment.partition("=")
    if not equals or not key.strip():
        lacks = 'has no option before its "="' if equals else 'has no "="'
        raise ConfigError([f'--set "{assignment}" {lacks}. Write it as --set train.epochs=3'])
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


def _merge_into(target: dict[str, Any], values: Mapping[str, Any], model: type[BaseModel] | None) -> None:
    for key, value in values.items():
        if not isinstance(value, Mapping):
            target[key] = value
            continue
        section = section_of(model, key)
        is_whole = model is not None and section is None and not isinstance(value, Part)
        if is_whole or not isinstance(target.get(key), dict):
            target[key] = {}
        _merge_into(target[key], value, section)


def resolve(model: type[M], layers: list[Layer]) -> M:
    """The options that the layers add up to.

    Raises:
        ConfigError: naming every mistake, each with its value, the rule, who gave it, and the nearest valid name.
    """
    merged = merge(layers, model)
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        raise ConfigError(mistakes(model, error.errors(), layers)) from None
