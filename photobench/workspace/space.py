"""The folder of a project, and everything that is kept in it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from photobench.records import RunRecord
from photobench.workspace.decided import Decided
from photobench.workspace.disk import disk_errors, write_atomic
from photobench.workspace.ledger import Ledger, open_ledger
from photobench.workspace.lock import Claim, Lock, is_locked
from photobench.workspace.products import Products
from photobench.workspace.runs import Runs

PROJECT_FILE = "photobench.toml"
MANIFEST_FILE = "manifest.parquet"
RUN_LOCK = ".lock"
"""In the folder of a run: whoever trains it holds this."""


class Workspace(Products, Decided, Runs):
    """A folder with a project file, and everything that photobench makes from it."""

    def __init__(self, root: str | Path):
        super().__init__(root)
        self._lock = Lock(self.root)

    project_file = property(lambda self: self.root / PROJECT_FILE)
    manifest_file = property(lambda self: self.root / MANIFEST_FILE)
    report_file = property(lambda self: self.root / "report.html")
    crop_sheet = property(lambda self: self.root / "crop.html")
    rate_curve = property(lambda self: self.root / "find-lr.png")
    augment_sheet = property(lambda self: self.root / "augment.html")
    looks = property(lambda self: self.root / "crops")
    packs = property(lambda self: self.root / "packs")
    explore = property(lambda self: self.root / "explore")
    embeddings = property(lambda self: self.root / "embeddings")
    folds = property(lambda self: self.root / "folds")
    refined = property(lambda self: self.root / "refined")
    ensembles = property(lambda self: self.root / "ensembles")
    submissions = property(lambda self: self.root / "submissions")
    tune = property(lambda self: self.root / "tune")
    findings = property(lambda self: self.root / "findings")

    def lock(self, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Hold the workspace for what only one process may do at a time: what trains, reads photos into a pack, makes something under a new name,
        or removes. Within one Workspace it nests. What asks, shows, or writes what it can be made from again (`derived`) does not hold it.

        Raises:
            InUse: another process holds it (who, doing what, since when).
            WorkspaceError: the workspace is read-only.
        """
        return self._lock.hold(purpose)

    def is_in_use(self) -> bool:
        """Another process, which is not gone, holds it."""
        return self._lock.is_held_by_another()

    def is_busy(self) -> bool:
        """Another process holds it, or a run is being trained, which may be apart from it: what is measured now is measured beside that."""
        return self.is_in_use() or any(
            is_locked(self.root / run.folder / RUN_LOCK) for run in self.list_runs() if run.status == "running"
        )

    def standing(self, record: RunRecord) -> str:
        """Its status today: a run that a kill ended while it was running has stopped, though nobody could write that down."""
        is_gone = record.status == "running" and not record.purpose and not self.is_in_use()
        return "stopped" if is_gone else record.status

    def sharing(self, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Inside, processes that do the same together hold the workspace for moments, and wait for each other."""
        return self._lock.sharing(purpose)

    def helping(self, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Inside, this process does a part of what another one does, which holds the workspace meanwhile; several wait for each other."""
        return self._lock.helping(purpose)

    def claim(self, path: Path) -> Claim | None:
        """A piece of work, such as a trial of a search, by its lock file; None where another process is at it."""
        return Claim.take(path)

    def claim_run(self, record: RunRecord) -> Claim | None:
        """To train this run; None where another process does."""
        return self.claim(self.root / record.folder / RUN_LOCK)

    def turn(self, path: Path) -> Claim:
        """Work of moments, by its lock file, which one process at a time does; whoever is at it is waited for."""
        return Claim.wait(path)

    def make_folder(self, path: Path) -> None:
        """Raises WorkspaceError where it cannot be made."""
        with disk_errors(path):
            path.mkdir(parents=True, exist_ok=True)

    def write(self, path: Path, data: bytes | str) -> None:
        """Write a file whole or not at all; the old one stays until the new one is on disk.

        Raises:
            WorkspaceError: the disk is full or the workspace is read-only.
        """
        content = data.encode() if isinstance(data, str) else data
        with disk_errors(path, len(content)):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, content)

    def derived(self, path: Path, made_from: str, make: Callable[[], bytes | str]) -> bytes:
        """What is in a file that can be made again: kept where it was made from these inputs, else made and kept now. It needs no lock (`Products`).

        Raises:
            WorkspaceError: the disk is full or the workspace is read-only.
        """
        known = self.recall(path, made_from)
        return self.put_derived(path, made_from, make()) if known is None else known

    def put_derived(self, path: Path, made_from: str, data: bytes | str) -> bytes:
        """Keep what was made from these inputs, as `keep` does."""
        content = data.encode() if isinstance(data, str) else data
        self.keep(path, content)
        self.mark_current(path, made_from, content)
        return content

    def keep(self, path: Path, data: bytes | str) -> None:
        """As `write`, beside what is there: where the folder was removed meanwhile, nothing is. A file that holds this already stays untouched."""
        content = data.encode() if isinstance(data, str) else data
        with contextlib.suppress(OSError):  # there is none, or none that can be read
            if path.read_bytes() == content:
                return
        with disk_errors(path, len(content)), contextlib.suppress(FileNotFoundError):
            write_atomic(path, content)

    def ledger(self, url: str = "") -> Ledger:
        """What was made for the leaderboard and what came of it: this workspace's, or the one that a team shares at a URL.

        Raises:
            DatabaseError: nobody answers at the URL.
        """
        with disk_errors(self.root):
            return open_ledger(self.root / "photobench.db", url)
