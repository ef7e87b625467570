"""What the program has to say, so that any language can say it: a kind and its values, and the English sentence.

The review page says the kinds in Korean (`web/static/i18n/reasons_ko.js`, `notes_ko.js`); a test holds that it knows them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class Reason:
    """One thing that is said: of what kind it is and which values it speaks of, so that any language can make a sentence of it."""

    kind: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)


class Said(NamedTuple):
    """English, and what it is made of. As a text it is the English."""

    text: str = ""
    reasons: tuple[Reason, ...] = ()

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "reasons": [vars(reason) for reason in self.reasons]}

    @classmethod
    def read(cls, data: str | Mapping[str, Any]) -> Said:
        """From JSON; of an older version it is the English alone. Raises KeyError or TypeError where it is neither."""
        if isinstance(data, str):
            return cls(data)
        return cls(str(data["text"]), tuple(Reason(**one) for one in data["reasons"]))


@dataclass(frozen=True)
class Sentence:
    """`english` is a form with the values' names in braces, or a function of them where it takes more to say it well."""

    kind: str
    english: str | Callable[..., str]

    def __call__(self, **values: Any) -> Said:
        values = {name: _plain(value) for name, value in values.items()}
        said = self.english.format(**values) if isinstance(self.english, str) else self.english(**values)
        return Said(said, (Reason(self.kind, values),))


def _plain(value: Any) -> Any:
    """As JSON keeps it; four digits are more than a sentence says."""
    value = value.item() if isinstance(value, np.generic) else value
    return round(value, 4) if isinstance(value, float) else value
