"""What a column of a submission holds, as it is written in the project file (`submit.columns`):

class            id of the joint class            age              label of an attribute
name             name of the joint class          age.code         its code, 0 … V − 1
class=3          probability of joint class 3     age=<30          probability of one of its labels
keep             whatever the sample has
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from photobench.errors import unknown
from photobench.records import ClassSpace
from photobench.submission.tables import is_integer, is_number


@dataclass(frozen=True)
class Answer:
    """What a column holds. `attribute` is the number of the attribute, None for the joint class."""

    kind: Literal["id", "name", "probability", "keep"]
    attribute: int | None = None
    value: int = -1  # of a probability: the code or class id it belongs to

    def describe(self, space: ClassSpace) -> str:
        names = value_names(space, self.attribute)
        of = "the class" if self.attribute is None else space.attributes[self.attribute].name
        if self.kind == "probability":
            return f'the probability of {of} "{names[self.value]}"'
        if self.kind == "keep":
            return "what the sample has"
        if self.kind == "id":
            return f"{of} as a number, 0 … {len(names) - 1}"
        return f"{of} as a name"


def value_names(space: ClassSpace, attribute: int | None) -> list[str]:
    """The names of an attribute's values, or of the joint classes; of one attribute both are its labels."""
    if attribute is not None:
        return list(space.attributes[attribute].values)
    return space.class_names


def parse_meaning(text: str, space: ClassSpace) -> Answer | str:
    """The answer that a word of `submit.columns` means, or why there is none."""
    names = [a.name for a in space.attributes]
    if text in ("class", "name"):
        return Answer("id" if text == "class" else "name")
    if text == "keep":
        return Answer("keep")
    if text in names:
        return Answer("name", names.index(text))
    if text.endswith(".code") and text.removesuffix(".code") in names:
        return Answer("id", names.index(text.removesuffix(".code")))
    of, equals, value = text.partition("=")
    if equals and of == "class":
        if value.isdecimal() and int(value) < space.num_classes:
            return Answer("probability", None, int(value))
        return f'"{text}" has no class id; there are 0 … {space.num_classes - 1}'
    if equals and of in names:
        labels = value_names(space, names.index(of))
        return (
            Answer("probability", names.index(of), labels.index(value))
            if value in labels
            else unknown(of, value, labels)
        )
    return unknown("meaning", text, ["class", "name", "keep", *names, *(f"{n}.code" for n in names)])


def guess_meaning(column: str, cells: pd.Series, space: ClassSpace, num_answers: int) -> Answer | str:
    """What a column of the sample holds by its name and its cells, or why that cannot be told."""
    plain = _plain(column)
    for number, attribute in enumerate(space.attributes):
        if plain == _plain(attribute.name):
            return _guess_writing(cells, list(attribute.values), number, column)
    owners = _probability_of(plain, space)
    if len(owners) == 1:
        return owners[0]
    if len(owners) > 1:
        return f"it could be {' or '.join(o.describe(space) for o in owners)}: {_how_to_say(column, space)}"
    numbered = re.fullmatch(r"\D{0,12}?(\d+)", column.strip())
    if num_answers > 1 and numbered and int(numbered[1]) < space.num_classes:
        return Answer("probability", None, int(numbered[1]))
    if num_answers == 1:
        attribute_number = 0 if len(space.attributes) == 1 else None
        return _guess_writing(cells, value_names(space, attribute_number), attribute_number, column)
    return f"what does it hold? {_how_to_say(column, space)}"


def _guess_writing(cells: pd.Series, names: list[str], attribute: int | None, column: str) -> Answer | str:
    """As an id or as a name, by the cells of the sample. Labels that are numbers themselves are names."""
    known = cells[cells != ""]
    if len(known) and known.isin(names).all():
        return Answer("name", attribute)
    if len(known) and is_integer(known).all():
        return Answer("name" if all(n.isdecimal() for n in names) else "id", attribute)
    if len(known) and is_number(known).all() and len(names) == 2:
        return Answer("probability", attribute, 1)
    example = f'the sample has "{known.iloc[0]}", which is no label' if len(known) else "the sample leaves it empty"
    setting = f'submit.columns = {{ "{column}" = "class" }}'
    return f"what does it hold? ({example}) Write it in the project file, such as {setting}"


def _probability_of(plain: str, space: ClassSpace) -> list[Answer]:
    """The labels and classes whose name a column has."""
    found = []
    for number, attribute in enumerate(space.attributes):
        for code, value in enumerate(attribute.values):
            if plain and plain in (_plain(value), _plain(attribute.name + value)):
                found.append(Answer("probability", number, code))
    if len(space.attributes) > 1:
        names = space.class_names
        found += [Answer("probability", None, k) for k, name in enumerate(names) if plain and plain == _plain(name)]
    return found


def _how_to_say(column: str, space: ClassSpace) -> str:
    attribute = space.attributes[0]
    examples = ["class", attribute.name, f"{attribute.name}={value_names(space, 0)[0]}", "keep"]
    written = " or ".join(f'"{e}"' for e in examples)
    return f'write it in the project file, submit.columns = {{ "{column}" = … }}, as {written}'


def _plain(text: str) -> str:
    """A name without case and punctuation; `<30` and `>=60` keep their signs, which tell them apart."""
    return re.sub(r"[\s_\-·=.]+", "", text.casefold())
