"""Where a search is kept: in the workspace's own database, or in one that several machines share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from photobench.errors import PhotobenchError
from photobench.workspace.database import database_error
from photobench.workspace.postgres import SharedDatabase, reach

T = TypeVar("T")

OPTION = "tune.storage"


@dataclass(frozen=True)
class StudyDatabase:
    """The database of a search."""

    url: str  # as SQLAlchemy wants it
    engine: Mapping[str, Any]  # arguments of its engine
    shown: str  # to a person: without the password
    shared: SharedDatabase | None

    @property
    def is_shared(self) -> bool:
        return self.shared is not None

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turns what a driver says into a sentence."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise self._sentence(error) from error

    def _sentence(self, error: SQLAlchemyError | OSError) -> PhotobenchError:
        return self.shared.failure(error) if self.shared else database_error(Path(self.shown), error)


def study_database(address: str, workspace_database: Path) -> StudyDatabase:
    """The database of this address, once it has answered; that of the workspace where it is empty.

    Raises:
        DatabaseError: nobody answers there.
    """
    if not address:
        own = URL.create("sqlite", database=str(workspace_database)).render_as_string()
        return StudyDatabase(own, {"connect_args": {"timeout": 60}}, str(workspace_database), None)
    shared = reach(OPTION, address)
    return StudyDatabase(shared.url.render_as_string(hide_password=False), shared.arguments(), shared.shown, shared)


def patiently(make: Callable[[], T], tries: int = 8) -> T:
    """What a database refuses now and then, such as tables that another process makes at the same moment."""
    for left in reversed(range(tries)):
        try:
            return make()
        except SQLAlchemyError:
            if not left:
                raise
            time.sleep(0.25)
    raise AssertionError("tries is 1 or more")
