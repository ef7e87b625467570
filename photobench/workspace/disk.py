"""Files that are written whole or not at all, and what a disk that refuses says."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from photobench.errors import Damaged, WorkspaceError
from photobench.words import size_text

T = TypeVar("T")


def write_atomic(path: Path, data: bytes) -> None:
    """Temporary name, fsync, rename: a reader sees the old file or the new one, never a part."""
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def read_json(path: Path, make: Callable[[Any], T]) -> T:
    """What `make` makes of a JSON file that can be made again.

    Raises:
        Damaged: it cannot be read, or holds something else.
    """
    try:
        return make(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{path} is damaged ({error}). Delete this file and run again: it is then made anew.") from error


def check_can_write(out: Path) -> None:
    """Raises WorkspaceError where no file can be written under this name; said before the work, not after it. Nothing is made."""
    home = next(folder for folder in (out.parent, *out.absolute().parents) if folder.exists())
    if out.is_dir():
        raise WorkspaceError(f"{out} is a folder: name a file.")
    if not home.is_dir():
        raise WorkspaceError(f"{out} cannot be written, since {home} is a file and no folder: name another place.")
    if not os.access(home, os.W_OK | os.X_OK):
        raise WorkspaceError(f"{out} cannot be written: no permission in {home}. Name another place.")


@contextlib.contextmanager
def disk_errors(where: Path, needed: int = 0) -> Iterator[None]:
    """Turns a full disk or a read-only folder into a sentence. Other errors pass. `needed`: bytes that are to be written."""
    try:
        yield
    except OSError as error:
        size = f" ({size_text(needed, 1)})" if needed else ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise WorkspaceError(
                f"The disk is full: {where}{size} could not be written. Free some space and run again; nothing is lost."
            ) from error
        if error.errno == errno.EFBIG:
            raise WorkspaceError(
                f"{where}{size} is larger than files may be here. Raise the limit (ulimit -f) or choose another folder "
                "with --workspace, and run again; nothing is lost."
            ) from error
        if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG):
            raise WorkspaceError(
                f"{where} cannot be a folder of photobench ({error.strerror}). Choose another with --workspace."
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.EISDIR, errno.EIO, errno.EBUSY):
            raise WorkspaceError(
                f"{where} cannot be written ({error.strerror}). Choose another folder with --workspace."
            ) from error
        raise


def utc() -> str:
    """For sorting: local times go back in autumn."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def now() -> str:
    """The local time with its offset to UTC, to the millisecond."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")
