"""The photos of a project."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from photobench.records.box import WHOLE, Box
from photobench.records.classes import ClassSpace
from photobench.records.parquet import column_bytes, fingerprint, parquet_bytes, read_parquet

SPLITS = ("train", "valid", "test", "predict")
"""`train` is learned from, `valid` selects, `test` is looked at once, `predict` has no labels."""

BOX_COLUMNS = ("box_x1", "box_y1", "box_x2", "box_y2", "box_angle", "box_how")
"""Of the manifest: where in the photo is what matters, in the order of `Box`."""
EVIDENCE_COLUMNS = ("box_score", "box_found", "box_detector")
"""How sure a found box is, among how many it was chosen, and by which detector."""
GIVEN_COLUMNS = ("given_1", "given_2", "given_3", "given_4")
"""The four cells of a box as the label table has them, as text."""

GIVEN = "given:"
"""Before a column's name: as the source gives it, where a decision has changed the column."""

RESERVED = (
    *("path", "group", "split", "bytes", "mtime_ns", "sha256", "width", "height", "reason", "class", "confidence"),
    *BOX_COLUMNS,
    *EVIDENCE_COLUMNS,
    *GIVEN_COLUMNS,
    "table_row",
    "box",
    "exclude",
)
"""Column names of the records and fields of decisions, which an attribute therefore cannot have."""


@dataclass(frozen=True)
class Manifest:
    """The photos of a project: one row each in `frame`, paths relative to `root`.

    Columns: `path` (posix, relative, unique: it is the photo's id), one column per attribute with the label as text (missing
    where unlabelled), `group` (who or what is in it; unique per photo where unknown), `split` (see SPLITS; empty before the split),
    `bytes` and `mtime_ns` (which version of the file), BOX_COLUMNS and EVIDENCE_COLUMNS once the boxes are known, and, once packed, `sha256`, `width`,
    `height`, and `reason`: why the photo cannot be used, empty when it can. Where decisions changed a label or a group, the column
    has what stands now, and `given:<column>` what the source gives.
    """

    frame: pd.DataFrame
    space: ClassSpace
    root: Path
    has_groups: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    def codes(self) -> np.ndarray:
        """(N, A) int64: the code of each label, −1 where there is none."""
        return self._codes_of([attribute.name for attribute in self.space.attributes])

    def given_codes(self) -> np.ndarray:
        """(N, A) int64: the same of the labels as the source gives them, before any decision."""
        names = (attribute.name for attribute in self.space.attributes)
        return self._codes_of([GIVEN + name if GIVEN + name in self.frame else name for name in names])

    def _codes_of(self, columns: list[str]) -> np.ndarray:
        found = []
        for attribute, column in zip(self.space.attributes, columns, strict=True):
            code_of = {value: code for code, value in enumerate(attribute.values)}
            found.append(self.frame[column].map(code_of).fillna(-1).astype(np.int64).to_numpy())
        return np.stack(found, axis=1)

    def classes(self) -> np.ndarray:
        """(N,) int64: the joint class id of each photo, −1 where unlabelled."""
        return self.space.compose(self.codes())

    def usable(self) -> np.ndarray:
        """(N,) bool: the photo can be read."""
        return (self.frame["reason"] == "").to_numpy()

    def contents(self) -> pd.Series:
        """The hash of each usable photo's bytes, by its row; without those whose bytes were not looked at."""
        known = self.frame.loc[self.usable(), "sha256"] if "sha256" in self.frame else pd.Series([], dtype=object)
        return known[known.str.len() == 64]

    def rows(self, *splits: str) -> np.ndarray:
        """Row numbers of the usable photos of these splits."""
        return np.flatnonzero(self.frame["split"].isin(splits).to_numpy() & self.usable())

    def broken(self) -> pd.DataFrame:
        """The photos left out, with `path` and `reason`."""
        return self.frame.loc[~self.usable(), ["path", "reason"]].reset_index(drop=True)

    def boxes(self) -> list[Box]:
        """Where in each photo is what matters: the whole photo where nothing is known of it."""
        if "box_x1" not in self.frame:
            return [WHOLE] * len(self)
        return [Box(*row) for row in self.frame[list(BOX_COLUMNS)].itertuples(index=False, name=None)]

    def part(self, rows: np.ndarray) -> Manifest:
        """Of these rows only."""
        return replace(self, frame=self.frame.iloc[rows].reset_index(drop=True))

    def with_columns(self, **columns: Any) -> Manifest:
        return replace(self, frame=self.frame.assign(**columns))

    def without_columns(self, *columns: str) -> Manifest:
        """Where it has them."""
        return replace(self, frame=self.frame.drop(columns=list(columns), errors="ignore"))

    def files_fingerprint(self) -> str:
        """Changes when a photo is added, removed or rewritten; labels and splits do not matter."""
        return fingerprint(str(self.root), column_bytes(self.frame, ["path", "bytes", "mtime_ns"]))

    def fingerprint(self) -> str:
        """Changes when anything that training sees does: the content of its photos, their names, labels, groups and split.

        Where the photos lie, and what is only to be predicted, does not matter.
        """
        seen = self.frame[self.frame["split"].isin(["train", "valid", "test"]) & self.usable()]
        names = [a.name for a in self.space.attributes]
        boxes = [column for column in BOX_COLUMNS if column in seen]
        return fingerprint(
            self.space.to_json(), column_bytes(seen, ["path", "sha256", *names, "group", "split", *boxes])
        )

    def to_bytes(self) -> bytes:
        """Parquet, with the classes and the root in its metadata."""
        meta = {
            "space": self.space.to_json(),
            "root": str(self.root),
            "has_groups": self.has_groups,
            "notes": list(self.notes),
        }
        return parquet_bytes(self.frame, "photobench.manifest", meta)

    @classmethod
    def read(cls, path: Path) -> Manifest:
        frame, meta = read_parquet(path, "photobench.manifest")
        return cls(
            frame, ClassSpace.from_json(meta["space"]), Path(meta["root"]), meta["has_groups"], tuple(meta["notes"])
        )
