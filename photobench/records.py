"""The records that carry everything from one stage to the next: Manifest, Predictions, RunRecord, and the classes they speak of.

No torch here, and no image code: a record can be read, sliced and sent in any notebook.

Shape legend: N photos, A attributes, V values of one attribute, K joint classes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from photobench.errors import PhotobenchError

SPLITS = ("train", "valid", "test", "predict")
"""`train` is learned from, `valid` selects, `test` is looked at once, `predict` has no labels."""

BOX_COLUMNS = ("box_x1", "box_y1", "box_x2", "box_y2", "box_angle", "box_how")
"""Of the manifest: where in the photo is what matters, in the order of `Box`."""
EVIDENCE_COLUMNS = ("box_score", "box_found", "box_detector")
"""How sure a found box is, among how many it was chosen, and by which detector."""
GIVEN_COLUMNS = ("given_1", "given_2", "given_3", "given_4")
"""The four cells of a box as the label table has them, as text."""

RESERVED = (
    *("path", "group", "split", "bytes", "mtime_ns", "sha256", "width", "height", "reason", "class", "confidence"),
    *BOX_COLUMNS,
    *EVIDENCE_COLUMNS,
    *GIVEN_COLUMNS,
    "table_row",
)
"""Column names of the records, which an attribute therefore cannot have."""


def fingerprint(*parts: Any) -> str:
    """16 hex digits that change when any part does. Parts are anything that JSON can hold, or bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Attribute:
    """One thing to tell from a photo, with its possible values in the order of their codes."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ClassSpace:
    """Attributes in order, and the joint class they compose: `mask * 6 + gender * 3 + age` for 3 × 2 × 3 values.

    The first attribute is the most significant digit. A plain single label is the space of one attribute.
    """

    attributes: tuple[Attribute, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(a.values) for a in self.attributes)

    @property
    def num_classes(self) -> int:
        return int(np.prod(self.sizes))

    @property
    def class_names(self) -> list[str]:
        """Length K: `"worn · male · <30"`, in the order of the class ids."""
        codes_KA = self.decompose(np.arange(self.num_classes))
        return [" · ".join(a.values[c] for a, c in zip(self.attributes, row, strict=True)) for row in codes_KA]

    def compose(self, codes_NA: np.ndarray) -> np.ndarray:
        """Codes per attribute (N, A) → class ids (N,); −1 where any code is −1."""
        ids_N = np.zeros(len(codes_NA), dtype=np.int64)
        for column, size in enumerate(self.sizes):
            ids_N = ids_N * size + codes_NA[:, column]
        return np.where((codes_NA < 0).any(axis=1), -1, ids_N)

    def decompose(self, ids_N: np.ndarray) -> np.ndarray:
        """Class ids (N,) → codes per attribute (N, A); −1 stays −1."""
        ids_N = np.asarray(ids_N, dtype=np.int64)
        codes_NA = np.stack(np.unravel_index(np.maximum(ids_N, 0), self.sizes), axis=1)
        return np.where(ids_N[:, None] < 0, -1, codes_NA)

    def join(self, marginals: Sequence[np.ndarray]) -> np.ndarray:
        """Independent probabilities per attribute, each (N, V) → joint probabilities (N, K)."""
        joint = marginals[0]
        for probs_NV in marginals[1:]:
            joint = (joint[:, :, None] * probs_NV[:, None, :]).reshape(len(joint), -1)
        return joint

    def marginal(self, joint_NK: np.ndarray, attribute: int) -> np.ndarray:
        """Joint probabilities (N, K) → probabilities of one attribute (N, V)."""
        axes = tuple(1 + i for i in range(len(self.sizes)) if i != attribute)
        return joint_NK.reshape(len(joint_NK), *self.sizes).sum(axis=axes)

    def to_json(self) -> list[dict[str, Any]]:
        return [{"name": a.name, "values": list(a.values)} for a in self.attributes]

    @classmethod
    def from_json(cls, data: Sequence[Mapping[str, Any]]) -> ClassSpace:
        return cls(tuple(Attribute(str(a["name"]), tuple(map(str, a["values"]))) for a in data))


@dataclass(frozen=True)
class Box:
    """Where in a photo is what matters: corners as fractions of the upright photo's width and height, so that they hold at any size.

    `how` it is known: `found` by a detector, `given` by the table, `decided` by a person; or, where nothing was found, from the
    photos of the same `group`, the `median` of all, the `center`, or the `whole` photo. `angle`: degrees by which it is turned.
    """

    x1: float = 0.0
    y1: float = 0.0
    x2: float = 1.0
    y2: float = 1.0
    angle: float = 0.0
    how: str = "whole"

    @classmethod
    def of(cls, corners: Iterable[float], how: str, angle: float = 0.0) -> Box:
        x1, y1, x2, y2 = map(float, corners)
        return cls(x1, y1, x2, y2, angle, how)

    @property
    def is_around_something(self) -> bool:
        """Not merely a part of the photo: it gets a margin."""
        return self.how not in ("center", "whole")

    @property
    def corners(self) -> tuple[float, float, float, float]:
        return self.x1, self.y1, self.x2, self.y2


WHOLE = Box()


@dataclass(frozen=True)
class Decision:
    """A person's word on a photo. Never changed: what takes it back is a later decision on the same field."""

    photo: str  # path in the manifest
    field: str  # "box", or an attribute's name
    old: Any  # what stood there, as JSON
    new: Any  # None takes back what was decided before
    who: str
    when: str  # ISO 8601 with the offset to UTC
    why: str = ""


@dataclass(frozen=True)
class Manifest:
    """The photos of a project: one row each in `frame`, paths relative to `root`.

    Columns: `path` (posix, relative, unique: it is the photo's id), one column per attribute with the label as text (missing
    where unlabelled), `group` (who or what is in it; unique per photo where unknown), `split` (see SPLITS; empty before the split),
    `bytes` and `mtime_ns` (which version of the file), BOX_COLUMNS and EVIDENCE_COLUMNS once the boxes are known, and, once packed, `sha256`, `width`,
    `height`, and `reason`: why the photo cannot be used, empty when it can.
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
        columns = []
        for attribute in self.space.attributes:
            code_of = {value: code for code, value in enumerate(attribute.values)}
            columns.append(self.frame[attribute.name].map(code_of).fillna(-1).astype(np.int64).to_numpy())
        return np.stack(columns, axis=1)

    def classes(self) -> np.ndarray:
        """(N,) int64: the joint class id of each photo, −1 where unlabelled."""
        return self.space.compose(self.codes())

    def usable(self) -> np.ndarray:
        """(N,) bool: the photo can be read."""
        return (self.frame["reason"] == "").to_numpy()

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
        return fingerprint(str(self.root), _column_bytes(self.frame, ["path", "bytes", "mtime_ns"]))

    def fingerprint(self) -> str:
        """Changes when anything that training sees does: the content of its photos, their names, labels, groups and split.

        Where the photos lie, and what is only to be predicted, does not matter.
        """
        seen = self.frame[self.frame["split"].isin(["train", "valid", "test"]) & self.usable()]
        names = [a.name for a in self.space.attributes]
        boxes = [column for column in BOX_COLUMNS if column in seen]
        return fingerprint(
            self.space.to_json(), _column_bytes(seen, ["path", "sha256", *names, "group", "split", *boxes])
        )

    def to_bytes(self) -> bytes:
        """Parquet, with the classes and the root in its metadata."""
        meta = {
            "space": self.space.to_json(),
            "root": str(self.root),
            "has_groups": self.has_groups,
            "notes": list(self.notes),
        }
        return _parquet_bytes(self.frame, "photobench.manifest", meta)

    @classmethod
    def read(cls, path: Path) -> Manifest:
        frame, meta = _read_parquet(path, "photobench.manifest")
        return cls(
            frame, ClassSpace.from_json(meta["space"]), Path(meta["root"]), meta["has_groups"], tuple(meta["notes"])
        )


@dataclass(frozen=True)
class Predictions:
    """What a run says of some photos. `joint_NK` holds the probabilities of the joint classes, NaN for a photo with a `reason`.

    Everything else follows from it: an attribute's probabilities are its marginal, the class is the most probable joint
    class, and the label of each attribute is that class taken apart, so the three never contradict each other.
    """

    paths: list[str]
    joint_NK: np.ndarray
    space: ClassSpace
    reasons: list[str] = field(default_factory=list)
    run: str = ""

    def __post_init__(self) -> None:
        if not self.reasons:
            object.__setattr__(self, "reasons", [""] * len(self.paths))
        expected = (len(self.paths), self.space.num_classes)
        if self.joint_NK.shape != expected:
            raise ValueError(f"joint_NK has shape {self.joint_NK.shape}, expected {expected}")

    def __len__(self) -> int:
        return len(self.paths)

    def ok(self) -> np.ndarray:
        return np.array([not r for r in self.reasons], dtype=bool)

    def classes(self) -> np.ndarray:
        """(N,) the most probable joint class, −1 for a broken photo."""
        ids_N = np.full(len(self), -1, dtype=np.int64)
        good = self.ok()
        ids_N[good] = self.joint_NK[good].argmax(axis=1)
        return ids_N

    def marginal(self, attribute: int) -> np.ndarray:
        return self.space.marginal(self.joint_NK, attribute)

    def to_frame(self) -> pd.DataFrame:
        """Columns: path, a label per attribute, class, confidence, a probability per `attribute=label`, reason."""
        ids_N, good = self.classes(), self.ok()
        codes_NA = self.space.decompose(ids_N)
        columns: dict[str, Any] = {"path": self.paths}
        for number, attribute in enumerate(self.space.attributes):
            labels = np.array([*attribute.values, None], dtype=object)[codes_NA[:, number]]
            columns[attribute.name] = pd.array(labels, dtype="string")
        columns["class"] = pd.array(np.where(good, ids_N, 0), dtype="Int64")
        columns["confidence"] = np.where(good, self.joint_NK.max(axis=1, initial=0.0), np.nan)
        for number, attribute in enumerate(self.space.attributes):
            probs_NV = self.marginal(number)
            columns |= {f"{attribute.name}={value}": probs_NV[:, v] for v, value in enumerate(attribute.values)}
        frame = pd.DataFrame(columns)
        frame.loc[~good, "class"] = pd.NA
        return frame.assign(reason=self.reasons)

    def to_bytes(self) -> bytes:
        """Parquet, lossless: the joint probabilities too, which the CSV for people does not have."""
        frame = pd.DataFrame(self.joint_NK, columns=[str(k) for k in range(self.space.num_classes)])
        frame.insert(0, "path", self.paths)
        frame.insert(1, "reason", self.reasons)
        return _parquet_bytes(frame, "photobench.predictions", {"space": self.space.to_json(), "run": self.run})

    @classmethod
    def read(cls, path: Path) -> Predictions:
        frame, meta = _read_parquet(path, "photobench.predictions")
        joint_NK = frame.drop(columns=["path", "reason"]).to_numpy(dtype=np.float32)
        space = ClassSpace.from_json(meta["space"])
        return cls(frame["path"].tolist(), joint_NK, space, frame["reason"].tolist(), meta["run"])


@dataclass(frozen=True)
class RunRecord:
    """One training: what it was given, and what came of it. The live handle that writes it is `train.run.Run`."""

    name: str
    status: str  # running | finished | interrupted | failed
    created: str  # ISO 8601 with the offset to UTC
    fingerprint: str  # of everything that decides the result: data, options, seed
    config: dict[str, Any]
    seed: int
    dataset: str  # Manifest.fingerprint()
    folder: str  # relative to the workspace
    metrics: dict[str, float] = field(default_factory=dict)  # of the best epoch, on `valid`
    history: list[dict[str, float]] = field(default_factory=list)  # a row per epoch
    timings: dict[str, float] = field(default_factory=dict)  # seconds
    environment: dict[str, str] = field(default_factory=dict)  # versions, device, precision
    notes: list[str] = field(default_factory=list)  # what was done in training to go on, such as a lower learning rate

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RunRecord:
        return cls(**data)


def _column_bytes(frame: pd.DataFrame, columns: list[str]) -> bytes:
    hashed = pd.util.hash_pandas_object(frame[columns].astype("string").fillna("\0"), index=False)
    return hashed.to_numpy().tobytes()


def _parquet_bytes(frame: pd.DataFrame, key: str, meta: dict[str, Any]) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), key.encode(): json.dumps(meta).encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _read_parquet(path: Path, key: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    try:
        table = pq.read_table(path)
        meta = json.loads((table.schema.metadata or {})[key.encode()])
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise PhotobenchError(
            f"{path} is not a {key.split('.')[1]} of photobench ({error}); delete it and run again."
        ) from error
    return table.to_pandas(), meta
