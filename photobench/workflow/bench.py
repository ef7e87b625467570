"""The handle that every verb takes: a workspace and its project."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from photobench import project
from photobench.project import Project, ProjectOptions
from photobench.workspace import Workspace


@dataclass(frozen=True)
class Bench:
    """A workspace and its project, with the changes of this call."""

    workspace: Workspace
    project: Project
    purpose: str = ""
    """What runs that are trained now are for: RunRecord.purpose."""
    prepared: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What `prepare` has made in this call: several stages of one verb want the same."""
    said: set[str] = field(default_factory=set, compare=False, repr=False)
    """Notes on the photos that this call has said: what trains several times says them once."""

    @property
    def options(self) -> ProjectOptions:
        return self.project.options

    def new_notes(self, notes: Iterable[str]) -> list[str]:
        """Those that this call has not said yet, as lines to be said now."""
        new = [note for note in dict.fromkeys(notes) if note not in self.said]
        self.said.update(new)
        return [f"note: {note}" for note in new]

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Remember how long the stage worked."""
        started = time.monotonic()
        yield
        self.took(name, time.monotonic() - started)

    def took(self, stage: str, seconds: float) -> None:
        """Remember it; what is done within another stage, such as the audit's trainings, is part of that one."""
        if not self.purpose:
            self.workspace.add_timing(stage, seconds)


def open_bench(workspace: str | Path, sets: Iterable[Mapping[str, Any]] = (), origin: str = "command line") -> Bench:
    """The project in a folder, checked whole.

    Raises:
        ConfigError, WorkspaceError: there is none, or it has mistakes (all are named).
    """
    space = Workspace(workspace)
    return Bench(space, project.load(space.root, sets, origin))
