"""What a check has to say: a kind and its values, of which any language can make a sentence, and the English one.

The review page says the kinds in Korean (`web/static/i18n/reasons_ko.js`); a test holds that it knows them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from photobench.records import Reason

Said = tuple[str, tuple[Reason, ...]]
"""English, and what it is made of: the `evidence` and the `reasons` of a finding."""


@dataclass(frozen=True)
class Sentence:
    """`english` is a form with the values' names in braces, or a function of them where it takes more to say it well."""

    kind: str
    english: str | Callable[..., str]

    def __call__(self, **values: Any) -> Said:
        values = {name: _plain(value) for name, value in values.items()}
        said = self.english.format(**values) if isinstance(self.english, str) else self.english(**values)
        return said, (Reason(self.kind, values),)


def _plain(value: Any) -> Any:
    """As JSON keeps it; four digits are more than a sentence says."""
    value = value.item() if isinstance(value, np.generic) else value
    return round(value, 4) if isinstance(value, float) else value
