"""Options of the sources: where photos and labels are, and what the labels mean."""

from __future__ import annotations

import re

from pydantic import Field, field_validator, model_validator

from photobench.config import Options
from photobench.records import GIVEN, RESERVED, Attribute, ClassSpace


class SourceOptions(Options):
    """Where the photos and their labels are. Relative paths start at the project file's folder."""

    kind: str = Field("folder", description="how photos and labels are laid out: photobench list sources")
    photos: str = Field("photos", description="folder of the photos; it is never written to")
    table: str = Field("", description="the label table: CSV, TSV or Parquet (kind = table)")
    path_column: str = Field(
        "path",
        description="column with the photo's path, relative to `photos` or to the table; the ending may be left out",
    )
    group_column: str = Field("", description="column that says who or what is in the photo; a group is never split")
    group_pattern: str = Field(
        "", description="or a regular expression on the path; the first group (…) that takes part names it"
    )
    split_column: str = Field("", description="column with train / valid / test, where the split is given")
    encoding: str = Field("auto", description="of the table: auto tries utf-8, utf-8-sig and cp949")
    predict: str = Field("", description="folder under `photos` with the unlabelled photos to predict")
    decisions: bool = Field(
        True,
        description="labels that people changed and photos that they left out take effect (photobench decisions list); "
        "false: labels as given. Merged groups and boxes always do",
    )

    @field_validator("group_pattern")
    @classmethod
    def _is_pattern(cls, pattern: str) -> str:
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        if pattern and compiled.groups < 1:
            raise ValueError(
                "needs one group in parentheses, the part of the path that names the person: r'(person\\d+)_'"
            )
        return pattern


class AttributeOptions(Options):
    """One thing to tell from a photo. The order of `values` is the order of their codes."""

    name: str = Field(description="what is told: a heading in every table")
    column: str = Field("", description="column of the source; the attribute's name where empty")
    values: tuple[str, ...] = Field(min_length=2, description="the labels, in the order of their codes")
    left_out: tuple[str, ...] = Field((), description="labels whose photos take no part")
    bins: tuple[float, ...] = Field(
        (), description="numbers at which a numeric column is cut: [30, 60] gives under 30, 30 to under 60, from 60"
    )

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in RESERVED or "=" in name or name.startswith(GIVEN) or not name.strip():
            raise ValueError(
                f"cannot be an attribute's name: it must not be empty, hold a '=', begin with '{GIVEN}', or be one of {', '.join(RESERVED)}"
            )
        return name

    @model_validator(mode="after")
    def _bins_fit(self) -> AttributeOptions:
        if len(set(self.values)) != len(self.values):
            raise ValueError(f"the values of {self.name} must differ from each other")
        both = [label for label in self.left_out if label in self.values]
        if both:
            raise ValueError(f"{', '.join(both)} of {self.name} cannot be among the values and left out")
        if self.bins and len(self.bins) + 1 != len(self.values):
            raise ValueError(
                f"{self.name} has {len(self.bins)} bins, which make {len(self.bins) + 1} bands, but {len(self.values)} values"
            )
        if list(self.bins) != sorted(set(self.bins)):
            raise ValueError(f"the bins of {self.name} must rise")
        return self


def class_space(attributes: tuple[AttributeOptions, ...]) -> ClassSpace:
    """The classes that the attributes compose, in their order."""
    return ClassSpace(tuple(Attribute(a.name, a.values) for a in attributes))
