"""A database that several machines may share: its address, and whether it answers."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from photobench.errors import ConfigError, WorkspaceError

T = TypeVar("T")

ANSWER_S = 5
"""A server that takes longer to be reached is not there."""
DRIVER = "postgresql+pg8000"


@dataclass(frozen=True)
class StudyDatabase:
    """Where a search is kept."""

    url: str  # as SQLAlchemy wants it
    engine: Mapping[str, Any]  # arguments of its engine
    shown: str  # to a person: without the password
    is_shared: bool


def study_database(url: str, workspace_database: Path) -> StudyDatabase:
    """The database of this address, that of the workspace where it is empty. Parts such as $PGPASSWORD come from the environment.

    Raises:
        ConfigError: a variable is not set.
        WorkspaceError: nobody answers there.
    """
    if not url:
        own = URL.create("sqlite", database=str(workspace_database))
        return StudyDatabase(own.render_as_string(), {"connect_args": {"timeout": 60}}, str(workspace_database), False)
    missing = [name for name in re.findall(r"\$(\w+)", url) if name not in os.environ]
    if missing:
        raise ConfigError([f"tune.storage names ${missing[0]}, and there is no such environment variable: set it."])
    parsed = make_url(re.sub(r"\$(\w+)", lambda found: os.environ[found[1]], url))
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername=DRIVER)
    arguments = {"timeout": ANSWER_S} if parsed.drivername == DRIVER else {}
    engine = {"connect_args": arguments, "pool_pre_ping": True}
    shown = parsed.set(drivername=parsed.get_backend_name()).render_as_string(hide_password=True)
    found = StudyDatabase(parsed.render_as_string(hide_password=False), engine, shown, True)
    _check(found)
    return found


def _check(database: StudyDatabase) -> None:
    with database_errors(database.shown):
        engine = create_engine(database.url, **database.engine)
        with engine.connect():
            pass
        engine.dispose()


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


@contextmanager
def database_errors(shown: str) -> Iterator[None]:
    """Turns what a driver says into a sentence."""
    try:
        yield
    except ImportError as error:
        raise WorkspaceError(
            f"The database {shown} needs a driver that is not installed. Install it with: pip install 'photobench[postgres]'"
        ) from error
    except (SQLAlchemyError, OSError) as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())[:200].rstrip(".")
        raise WorkspaceError(
            f"The database {shown} cannot be used: {cause}. Is the server there, and does the address in tune.storage lead to it?"
        ) from error
