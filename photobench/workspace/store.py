"""The database of a workspace, opened at the first use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from photobench.progress import say
from photobench.workspace.database import database_error, open_database
from photobench.workspace.disk import disk_errors


class Store:
    """What every part of a workspace needs: where it is, and a session with its database."""

    def __init__(self, root: str | Path):
        self.root = Path(root).expanduser().resolve()
        self._engine: Engine | None = None

    runs = property(lambda self: self.root / "runs")
    database = property(lambda self: self.root / "photobench.db")

    def relative(self, path: Path) -> str:
        return path.resolve().relative_to(self.root).as_posix()

    @contextlib.contextmanager
    def _session(self) -> Iterator[Session]:
        with disk_errors(self.root):
            if self._engine is None:
                self._tell_of_lost_database()
                self._engine = open_database(self.database)
            try:
                with Session(self._engine) as session:
                    yield session
            except SQLAlchemyError as error:
                raise database_error(self.database, error) from error

    def _tell_of_lost_database(self) -> None:
        lost = 0 if self.database.exists() else len(list(self.runs.glob("*/run.json")))
        if lost:
            say(
                f"warning: {self.database} is gone, and a new one begins. Without it the {lost} runs in {self.runs}, their tags, all decisions "
                "and all submissions are not known: put a copy of it back."
            )
