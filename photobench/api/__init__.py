"""The verbs in Python, for notebooks and scripts: a thin face over workflow, as the command line is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from photobench import workflow
from photobench.api.bench import Bench
from photobench.api.run import Run
from photobench.progress import say

__all__ = ["Bench", "Run", "init", "open"]


def open(workspace: str | Path = ".", **options: Any) -> Bench:
    """The project in a folder that `photobench init` (or `pb.init`) has made.

    Raises:
        PhotobenchError: there is none, or it has mistakes (all are named).
    """
    return Bench(workspace, **options)


def init(
    photos: str | Path, workspace: str | Path = ".", labels: str | Path | None = None, force: bool = False
) -> Bench:
    """Look at the photos, say what was understood, write a project file, and open it.

    Args:
        labels: the label table, where it is not found by itself.
        force: replace the project file that is there.
    """
    say(workflow.init(Path(photos), Path(workspace), Path(labels) if labels else None, force))
    return Bench(workspace)
