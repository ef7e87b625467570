"""Whoever answers, in Python: a run, a set of folds, a refined one or an ensemble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from photobench import workflow
from photobench.evaluate import Evaluation


class Answering:
    """One of these by its name, with the verbs that are the same for all."""

    def __init__(self, bench: workflow.Bench, name: str):
        self._own, self._name = bench, name

    @property
    def _bench(self) -> workflow.Bench:
        """Photos may come and go while a notebook is open: each verb looks anew."""
        return replace(self._own, prepared={})

    @property
    def _answerer(self) -> workflow.Answerer:
        return workflow.open_answerer(self._bench, self._name)

    name = property(lambda self: self._name)

    def evaluate(self) -> dict[str, Evaluation]:
        """`{"valid": …, "test": …}`, of folds `"out of fold"` in place of `"valid"`: every metric with its interval."""
        return self._answerer.evaluations()

    def predict(self, paths: str | Path | Sequence[str | Path] = ()) -> pd.DataFrame:
        """A row per photo: labels, class, confidence, probabilities, and the reason where a photo cannot be read.

        Args:
            paths: photos, folders of photos or tables with a path column; the evaluation set where empty.
        """
        asked = [paths] if isinstance(paths, str | Path) else list(paths)
        return self._answerer.predict(asked).to_frame()

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
        """Its report: one HTML file."""
        return workflow.report(self._bench, self.name)

    def __repr__(self) -> str:
        return f"<{self.name}>"
