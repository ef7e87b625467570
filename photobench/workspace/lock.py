"""One at a time of those who would get in each other's way, and one worker for each piece of work."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import filelock

from photobench.errors import InUse, WorkspaceError
from photobench.parallel import num_processes, process_number
from photobench.progress import say
from photobench.records import Sentence
from photobench.words import duration
from photobench.workspace.disk import disk_errors, now

WAIT_S = 0.1
"""Between two looks at whether the lock is free."""
UNTOLD_S = 5
"""So long it is waited without a line: what takes moments is not worth one."""
LOOK_S = 0.1
"""For so long whoever takes a lock tries: somebody who only looks (`is_locked`) is in the way for microseconds."""
LOOK_AGAIN_S = 0.002

_held_here: set[tuple[int, Path]] = set()
"""The locks of workspaces that a process holds; one that was forked from it has another number."""


def is_locked(path: Path) -> bool:
    """Whether somebody holds this lock, as the kernel has it: what a process that was killed has left behind says nothing.

    To look is to hold it for a moment, together with others who look; whoever takes it tries again (`LOOK_S`). Where the kernel does not say, it is held.
    """
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.flock(file, fcntl.LOCK_UN)  # closing is not enough where another thread forks just now
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


@dataclass(frozen=True)
class Holder:
    """Who holds a lock; without a purpose it is not known."""

    purpose: str = ""
    pid: int = 0
    host: str = ""
    since: str = ""
    """A time of the clock, with the day where that is not today."""
    minutes: int = 0
    """So long ago that was."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Holder:
        """From what it has told, in ISO time. Raises KeyError, TypeError or ValueError where it has told something else."""
        then, today = datetime.fromisoformat(told["since"]).astimezone(), datetime.now().astimezone()
        since = f"{then:%H:%M}" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M}"
        minutes = max(0, int((today - then).total_seconds() // 60))
        return cls(told["purpose"], told["pid"], told["host"], since, minutes)

    def __str__(self) -> str:
        return f"`{self.purpose}`, which has worked since {self.since}" if self.purpose else "another photobench"


def _in_use(root: str, purpose: str, pid: int, host: str, since: str, minutes: int) -> str:
    lasting = duration(60 * minutes) if minutes else "less than a minute"
    known = f"`{purpose}` has worked in {root} since {since} ({lasting}; process {pid} on {host})"
    who = known if purpose else f"Another photobench works in {root}"
    return (
        f"{who}, and this would get in its way. Wait for it, or stop it. What only looks at what is there works "
        "meanwhile, such as photobench runs, evaluate, explain and report."
    )


IN_USE = Sentence("workspace in use", _in_use)


class Lock:
    """Of a workspace: one at a time of those who would get in each other's way. The kernel frees it when its holder dies, however it dies; threads of one process wait for each other."""

    def __init__(self, root: Path):
        self.root = root
        self._threads = threading.RLock()
        self._is_held = False
        self._shared = ""
        self._file = root / ".lock"

    @contextlib.contextmanager
    def sharing(self, purpose: str) -> Iterator[None]:
        """Inside, all is held for this purpose, for moments between pieces of work that each has a claim to; whoever holds it is waited for."""
        self._shared = purpose
        try:
            yield
        finally:
            self._shared = ""

    @contextlib.contextmanager
    def helping(self, purpose: str) -> Iterator[None]:
        """Inside, another process holds all for this one and others like it, which wait for each other."""
        self._file = self.root / ".lock.helpers"
        try:
            with self.sharing(purpose):
                yield
        finally:
            self._file = self.root / ".lock"

    @contextlib.contextmanager
    def hold(self, purpose: str) -> Iterator[None]:
        """Stages hold it inside the verbs that hold it: it nests within a thread.

        Raises:
            InUse: another process holds it (who, doing what, since when).
            WorkspaceError: the workspace is read-only.
        """
        if process_number() > 0:
            raise WorkspaceError(
                f"`{purpose}` is the work of one process, and torchrun has started {num_processes()}. Only `photobench train` divides its work."
            )
        with self._threads, contextlib.nullcontext() if self._is_held else self._from_other_processes(purpose):
            yield

    @contextlib.contextmanager
    def _from_other_processes(self, purpose: str) -> Iterator[None]:
        with disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            self._file.open("a").close()  # the lock would wait for a read-only folder to become writable
            lock = filelock.FileLock(self._file)
            self._acquire(lock)
            holder = {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "purpose": self._shared or purpose,
                "since": now(),
            }
            self._told(self._file).write_text(json.dumps(holder))
        mine = os.getpid(), self._file.resolve()
        try:
            self._is_held = True
            _held_here.add(mine)
            yield
        finally:
            self._is_held = False
            _held_here.discard(mine)
            self._told(self._file).unlink(missing_ok=True)
            lock.release()

    @staticmethod
    def _told(lock: Path) -> Path:
        """Where the holder of a lock says who it is."""
        return lock.with_name(f"{lock.name}.json")

    def _acquire(self, lock: filelock.FileLock) -> None:
        """Raises InUse where somebody holds it who is not to be waited for."""
        told = time.monotonic() + UNTOLD_S
        while True:
            try:
                lock.acquire(timeout=LOOK_S, poll_interval=LOOK_AGAIN_S)
                return
            except filelock.Timeout:
                holder = self._holder()
            if not self._shared:
                raise InUse(IN_USE(root=str(self.root), **vars(holder))) from None
            if time.monotonic() > told:
                say(f"waiting for {holder}")
                told = float("inf")
            time.sleep(WAIT_S)

    def is_held_by_another(self) -> bool:
        """Whether another process holds it. Where nobody has said so, nothing is touched to find out."""
        file = self.root / ".lock"
        is_ours = (os.getpid(), file.resolve()) in _held_here
        return not is_ours and self._told(file).exists() and is_locked(file)

    def _holder(self) -> Holder:
        for _ in range(20):  # the holder writes its name just after it has the lock
            try:
                return Holder.read(json.loads(self._told(self._file).read_text(encoding="utf-8")))
            except (OSError, ValueError, KeyError, TypeError):
                time.sleep(0.01)
        return Holder()


class Claim:
    """Of a piece of work: whoever has it does the work. The kernel frees it when its holder dies, however it dies."""

    def __init__(self, lock: filelock.FileLock):
        self._lock = lock

    @classmethod
    def take(cls, path: Path, timeout_s: float = LOOK_S, again_s: float = LOOK_AGAIN_S) -> Claim | None:
        """None where another process has it for longer than that; it is tried again after so long."""
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("a").close()  # the lock would wait for a read-only folder to become writable
            lock = filelock.FileLock(path)
            try:
                lock.acquire(timeout=timeout_s, poll_interval=again_s)
            except filelock.Timeout:
                return None
        return cls(lock)

    @classmethod
    def wait(cls, path: Path) -> Claim:
        """Whoever has it is waited for, which is said where it takes longer than moments."""
        claim = cls.take(path, UNTOLD_S, WAIT_S / 2)
        if claim is None:
            say(f"waiting for {Holder()}")
            claim = cls.take(path, timeout_s=-1, again_s=WAIT_S / 2)  # without an end
        assert claim is not None
        return claim

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> Claim:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
