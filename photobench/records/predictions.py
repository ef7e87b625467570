"""What a run says of photos."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from photobench.records.classes import ClassSpace
from photobench.records.parquet import parquet_bytes, read_parquet


@dataclass(frozen=True)
class Predictions:
    """What a run says of some photos. `joint_NK` holds the probabilities of the joint classes, NaN for a photo with a `reason`.

    Everything else follows from it: an attribute's probabilities are its marginal, the class is the most probable joint
    class, and the label of each attribute is that class taken apart, so that class and labels never contradict each other.

    `fold_N`, where they are out of fold: the fold, from 1 on, that held the photo out. Its model, who said this, did not learn from
    the photo nor from any of its group. Where several divisions are averaged, it is that of the first.

    `decided_N`, where a rule decides otherwise than by the most probable class: the joint class that it chose for each photo. The
    probabilities stay what they are.
    """

    paths: list[str]
    joint_NK: np.ndarray
    space: ClassSpace
    reasons: list[str] = field(default_factory=list)
    run: str = ""
    fold_N: np.ndarray | None = None
    decided_N: np.ndarray | None = None

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
        """(N,) the joint class that was decided on, else the most probable one; −1 for a broken photo."""
        ids_N = np.full(len(self), -1, dtype=np.int64)
        good = self.ok()
        ids_N[good] = self.joint_NK[good].argmax(axis=1) if self.decided_N is None else self.decided_N[good]
        return ids_N

    def marginal(self, attribute: int) -> np.ndarray:
        return self.space.marginal(self.joint_NK, attribute)

    def confidence(self) -> np.ndarray:
        """(N,) the probability of the class that is said, NaN for a broken photo."""
        said_N1 = np.maximum(self.classes(), 0)[:, None]
        return np.where(self.ok(), np.take_along_axis(self.joint_NK, said_N1, axis=1)[:, 0], np.nan)

    def to_frame(self) -> pd.DataFrame:
        """Columns: path, a label per attribute, class, confidence, a probability per `attribute=label`, reason, and the fold where it is out of fold."""
        ids_N, good = self.classes(), self.ok()
        codes_NA = self.space.decompose(ids_N)
        columns: dict[str, Any] = {"path": self.paths}
        for number, attribute in enumerate(self.space.attributes):
            labels = np.array([*attribute.values, None], dtype=object)[codes_NA[:, number]]
            columns[attribute.name] = pd.array(labels, dtype="string")
        columns["class"] = pd.array(np.where(good, ids_N, 0), dtype="Int64")
        columns["confidence"] = self.confidence()
        for number, attribute in enumerate(self.space.attributes):
            probs_NV = self.marginal(number)
            columns |= {f"{attribute.name}={value}": probs_NV[:, v] for v, value in enumerate(attribute.values)}
        frame = pd.DataFrame(columns)
        frame.loc[~good, "class"] = pd.NA
        frame = frame.assign(reason=self.reasons)
        return frame if self.fold_N is None else frame.assign(fold=self.fold_N)

    def to_bytes(self) -> bytes:
        """Parquet, lossless: the joint probabilities too, which the CSV for people does not have."""
        frame = pd.DataFrame(self.joint_NK, columns=[str(k) for k in range(self.space.num_classes)])
        frame.insert(0, "path", self.paths)
        frame.insert(1, "reason", self.reasons)
        if self.fold_N is not None:
            frame.insert(2, "fold", self.fold_N)
        if self.decided_N is not None:
            frame.insert(2, "decided", self.classes())
        return parquet_bytes(frame, "photobench.predictions", {"space": self.space.to_json(), "run": self.run})

    @classmethod
    def read(cls, source: Path | bytes) -> Predictions:
        """From a file, or from `to_bytes`."""
        frame, meta = read_parquet(source, "photobench.predictions")
        fold_N = frame["fold"].to_numpy() if "fold" in frame else None
        decided_N = frame["decided"].to_numpy() if "decided" in frame else None
        joint_NK = frame.drop(columns=["path", "reason", "fold", "decided"], errors="ignore").to_numpy(dtype=np.float32)
        space = ClassSpace.from_json(meta["space"])
        return cls(frame["path"].tolist(), joint_NK, space, frame["reason"].tolist(), meta["run"], fold_N, decided_N)
