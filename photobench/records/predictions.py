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
        return parquet_bytes(frame, "photobench.predictions", {"space": self.space.to_json(), "run": self.run})

    @classmethod
    def read(cls, path: Path) -> Predictions:
        frame, meta = read_parquet(path, "photobench.predictions")
        joint_NK = frame.drop(columns=["path", "reason"]).to_numpy(dtype=np.float32)
        space = ClassSpace.from_json(meta["space"])
        return cls(frame["path"].tolist(), joint_NK, space, frame["reason"].tolist(), meta["run"])
