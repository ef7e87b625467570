"""Options as a stage declares them, the layers that give them values, and each as a person sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class Options(BaseModel):
    """Base of every options model: frozen, and strict about names. A field's description is its line of help."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, protected_namespaces=(), allow_inf_nan=False
    )

    @field_validator("*", mode="before")
    @classmethod
    def _is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        """To pydantic, as to Python, true is 1."""
        if isinstance(value, bool) and cls.model_fields[info.field_name or ""].annotation in (int, float):
            raise ValueError("should be a number, not true or false")
        return value

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


def fields(options: BaseModel, layers: list[Layer], prefix: str = "") -> Iterator[Field]:
    """Every option with its value and origin, in the order of the models."""
    for name, info in type(options).model_fields.items():
        value, key = getattr(options, name), f"{prefix}{name}"
        if isinstance(value, Options):
            yield from fields(value, layers, f"{key}.")
        else:
            yield Field(key, value, origin_of(key.split("."), layers), info.description or "")


def origin_of(path: Sequence[str], layers: Sequence[Layer]) -> str:
    return given(path, layers)[0]


def given(path: Sequence[str], layers: Sequence[Layer]) -> tuple[str, Any]:
    """Who gave an option its value, and the value as it was given; `("default", None)` where nobody did."""
    for layer in reversed(layers):
        values: Any = layer.values
        for step in path:
            if not isinstance(values, Mapping) or step not in values:
                break
            values = values[step]
        else:
            return layer.origin, values
    return "default", None


def given_by(path: Sequence[str], layers: Sequence[Layer]) -> str:
    """Behind an option's name in a sentence: `" (photobench.toml)"`; empty where nobody gave it a value."""
    origin = origin_of(path, layers)
    return "" if origin == "default" else f" ({origin})"


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """`{"train": {"lr": 1}}` → `{"train.lr": 1}`. An option that is a table itself, such as model.args, stays whole."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= (
            {f"{key}.{name}": inner for name, inner in value.items()} if isinstance(value, Mapping) else {key: value}
        )
    return found


def section_of(model: type[BaseModel] | None, key: str) -> type[BaseModel] | None:
    """The model of the options that a section holds; None for what is no section."""
    info = model.model_fields.get(key) if model else None
    kind = info.annotation if info else None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
