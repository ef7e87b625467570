"""Which fields a decision can have and what each may say, as values and as the cells of a table."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from photobench.errors import did_you_mean, unknown
from photobench.records import BOX, EXCLUDE, GROUP, ClassSpace, Manifest

YES, NO = ("true", "yes", "1"), ("false", "no", "0")
CORNERS = ("x1", "y1", "x2", "y2")


def fields_of(space: ClassSpace) -> list[str]:
    """The fields that a decision on photos with these attributes can have."""
    return [*(a.name for a in space.attributes), EXCLUDE, GROUP, BOX]


def shown(value: Any) -> str:
    """A value as a cell: `true`, a box as JSON, empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return str(value)


def parse(field: str, text: str, space: ClassSpace) -> Any:
    """The value that a cell says of a field; None where it is empty: that takes back.

    Raises:
        ValueError: there is no such field, or it cannot say that; its text says why.
    """
    if field not in fields_of(space):
        raise ValueError(unknown("attribute or field of a decision", field, fields_of(space)).rstrip("."))
    if field == EXCLUDE:
        return _parse_yes(text)
    if not text:
        return None
    return _parse_box(text) if field == BOX else text


def _parse_yes(text: str) -> bool | None:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    if not text:
        return None
    raise ValueError(f'"{text}" is neither true nor false nor empty')


def _parse_box(text: str) -> dict[str, float]:
    try:
        box = json.loads(text)
        corners = [float(box[name]) for name in CORNERS]
        angle = float(box.get("angle", 0.0))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(
            f"{text} is no box; photobench crop --export writes boxes as a table that is easier to change"
        ) from None
    x1, y1, x2, y2 = corners
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1 and abs(angle) <= 360):
        raise ValueError(f"{text} is no box: its corners are fractions of the photo's sides, and x1 < x2, y1 < y2")
    return {**dict(zip(CORNERS, corners, strict=True)), "angle": angle}


class Photos:
    """The photos that decisions can be of, with what stands there today."""

    def __init__(self, manifest: Manifest):
        """`manifest`: with the decisions that stand already."""
        self.space = manifest.space
        self._values = {a.name: a.values for a in manifest.space.attributes}
        self._rows = {path: row for row, path in enumerate(manifest.frame["path"])}
        self._cells = {name: manifest.frame[name].tolist() for name in (*self._values, "group", "split")}

    def check(self, photo: str, field: str, new: Any) -> None:
        """Whether this can be decided.

        Raises:
            ValueError: there is no such photo, the value is not declared, or the photo is only to be predicted; its text says why.
        """
        self.check_photo(photo)
        values = self._values.get(field)
        if values is not None and new is not None and new not in values:
            hint = did_you_mean(str(new), values) or f" There is: {', '.join(values)}."
            raise ValueError(f'"{new}" is none of the values of {field}.{hint}'.rstrip("."))
        if self._cell(photo, "split") == "predict" and (values is not None or field == EXCLUDE):
            raise ValueError(f"{photo} is only to be predicted: a label or leaving it out would have no effect")

    def check_photo(self, photo: str) -> None:
        """Raises ValueError where there is no such photo, with the nearest."""
        if photo not in self._rows:
            raise ValueError(f"there is no photo {photo}.{did_you_mean(photo, self._rows)}".rstrip("."))

    def stands(self, photo: str, field: str) -> str | None:
        """The label or the group of a photo; None where there is none, and for other fields."""
        return self._cell(photo, field) if photo in self._rows and field in self._cells else None

    def _cell(self, photo: str, name: str) -> str | None:
        value = self._cells[name][self._rows[photo]]
        return None if pd.isna(value) else str(value)
