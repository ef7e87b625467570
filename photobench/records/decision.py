"""A person's word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BOX, EXCLUDE, GROUP = "box", "exclude", "group"
"""Fields that are no attribute: where to look, that the photo is left out (`new` is true), with whom it belongs together."""


@dataclass(frozen=True)
class Decision:
    """A person's word on a photo. Never changed: what takes it back is a later decision on the same field."""

    photo: str  # path in the manifest
    field: str  # BOX, EXCLUDE, GROUP, or an attribute's name
    old: Any  # what stood there, as JSON
    new: Any  # None takes back what was decided before
    who: str
    when: str  # ISO 8601 with the offset to UTC
    why: str = ""
