"""A project in Python: all verbs under one name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from photobench import workflow
from photobench.api.answers import Answers
from photobench.api.contest import Contest
from photobench.api.labels import Labels
from photobench.api.training import Training
from photobench.records import Manifest


class Bench(Training, Answers, Labels, Contest):
    """A project: `bench.train(backbone="resnet18")`. Every verb takes options by name; what is up to date is not done again."""

    def manifest(self, **options: Any) -> Manifest:
        """The photos, their labels and the split; `.frame` is a DataFrame."""
        return workflow.prepare(self._inner(**options)).manifest

    def explore(self, out: str | Path | None = None, **options: Any) -> Path:
        """What is unusual in the data, figures with words, and a map of the photos: the page, beside it each figure as PNG and CSV.

        Args:
            out: another folder than the workspace's `explore/`.
        """
        return workflow.explore(self._inner(**options), Path(out) if out is not None else None)

    def report(self, name: str | None = None) -> Path:
        """The report of whoever has this name (for None what was trained last), or of the data where nothing is trained yet."""
        return workflow.report(self._inner(), name)
