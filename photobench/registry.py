"""A registry is one visible table: name, builder, one line. `photobench list losses` prints it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from photobench.errors import ConfigError, unknown

T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One thing that can be chosen by name."""

    name: str
    build: Callable[..., T]
    line: str


class Registry(Generic[T]):
    """Named builders of one kind of thing. A second entry of the same name raises."""

    def __init__(self, kind: str, *entries: Entry[T]):
        self.kind = kind
        self._entries: dict[str, Entry[T]] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry[T]) -> None:
        if entry.name in self._entries:
            raise ValueError(f'there is a {self.kind} "{entry.name}" already')
        self._entries[entry.name] = entry

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(self._entries.values())

    def names(self) -> list[str]:
        return list(self._entries)

    def get(self, name: str) -> Entry[T]:
        """Raises ConfigError with the nearest name where there is none."""
        if name not in self._entries:
            raise ConfigError([unknown(self.kind, name, self._entries)])
        return self._entries[name]

    def build(self, name: str, **options: Any) -> T:
        return self.get(name).build(**options)
