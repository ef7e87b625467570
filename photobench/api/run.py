"""A finished training in Python."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from photobench import workflow
from photobench.api.answering import Answering
from photobench.records import RunRecord


class Run(Answering):
    """A finished training."""

    def __init__(self, bench: workflow.Bench, record: RunRecord):
        super().__init__(bench, record.name)
        self.record = record

    metrics: dict[str, float] = property(lambda self: self.record.metrics)  # type: ignore[assignment]
    """Of the epoch that was kept, on the validation photos."""

    @property
    def folder(self) -> Path:
        return self._bench.workspace.root / self.record.folder

    @property
    def history(self) -> pd.DataFrame:
        """A row per epoch."""
        return pd.DataFrame(self.record.history)

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v:.4f}" for k, v in self.metrics.items() if k in ("macro_f1", "accuracy"))
        return f"<Run {self.name}: {shown}>"
