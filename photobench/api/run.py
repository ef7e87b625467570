"""A finished training in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from photobench import workflow
from photobench.evaluate import Evaluation
from photobench.records import RunRecord


class Run:
    """A finished training."""

    def __init__(self, bench: workflow.Bench, record: RunRecord):
        self._own, self.record = bench, record

    @property
    def _bench(self) -> workflow.Bench:
        """Photos may come and go while a notebook is open: each verb looks anew."""
        return replace(self._own, prepared={})

    name = property(lambda self: self.record.name)
    metrics: dict[str, float] = property(lambda self: self.record.metrics)  # type: ignore[assignment]
    """Of the epoch that was kept, on the validation photos."""

    @property
    def folder(self) -> Path:
        return self._bench.workspace.root / self.record.folder

    @property
    def history(self) -> pd.DataFrame:
        """A row per epoch."""
        return pd.DataFrame(self.record.history)

    def evaluate(self) -> dict[str, Evaluation]:
        """`{"valid": …, "test": …}`: every metric with its interval."""
        return workflow.evaluate_run(self._bench, self.name)

    def predict(self, paths: str | Path | Sequence[str | Path] = ()) -> pd.DataFrame:
        """A row per photo: labels, class, confidence, probabilities, and the reason where a photo cannot be read.

        Args:
            paths: photos, folders of photos or tables with a path column; the evaluation set where empty.
        """
        asked = [paths] if isinstance(paths, str | Path) else list(paths)
        return workflow.predict(self._bench, asked, self.name).to_frame()

    def explain(self, photos: str | Path | Sequence[str | Path] = (), out: str | Path | None = None) -> Path:
        """Where it looks: a page with maps over its worst mistakes, or over these photos.

        Args:
            photos: photos, folders of photos or tables with a path column.
            out: another file than the workspace's `explain.html`.
        """
        asked = [photos] if isinstance(photos, str | Path) else list(photos)
        return workflow.explain(self._bench, asked, self.name, out=Path(out) if out is not None else None)

    def slices(self) -> workflow.Slices:
        """Where it fails: `print` shows the kinds of photos with more mistakes than chance explains, `.to_frame()` is a table of them."""
        return workflow.slices(self._bench, self.name)

    def submit(self) -> Path:
        """The submission, written in the form of the sample and checked."""
        return workflow.submit(self._bench, self.name)

    def report(self) -> Path:
        """The report of this run: one HTML file."""
        return workflow.report(self._bench, self.name)

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v:.4f}" for k, v in self.metrics.items() if k in ("macro_f1", "accuracy"))
        return f"<Run {self.name}: {shown}>"
