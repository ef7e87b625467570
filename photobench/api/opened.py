"""What every verb begins with: the project in its folder, opened anew with the options of the call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from photobench import workflow
from photobench.project import by_name


class Opened:
    """A project in its folder, and options that hold for every verb."""

    def __init__(self, workspace: str | Path, **options: Any):
        self._root, self._sets = Path(workspace), [by_name(options)] if options else []
        self._inner()  # mistakes are named now, not at the first verb

    def _inner(self, **options: Any) -> workflow.Bench:
        changes = [*self._sets, *([by_name(options)] if options else [])]
        return workflow.open_bench(self._root, changes, origin="argument")

    @property
    def options(self) -> Any:
        """Every option as it is resolved: `bench.options.train.epochs`."""
        return self._inner().options

    def __repr__(self) -> str:
        return f"<Bench {self._root.resolve()}>"
