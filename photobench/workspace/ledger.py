"""The rows of the submission ledger, in the workspace's database or in one that a team shares. Rows are only ever added.

Who writes holds the ledger until it is done: what is read before is then still so, also with several processes and machines.
"""

from __future__ import annotations

import contextlib
import math
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, inspect, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from photobench.errors import PhotobenchError
from photobench.records import LedgerEvent, Submission
from photobench.workspace.database import create_tables, database_error, open_database
from photobench.workspace.postgres import SharedDatabase, reach

HOLD = 7_405_120_618
"""Any number that no other program on the server takes for its advisory lock."""


class LedgerBase(DeclarativeBase):
    pass


class SubmissionRow(LedgerBase):
    """A file that was made to be sent: its bytes, compressed, and the whole Submission."""

    __tablename__ = "submissions"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    answers: Mapped[str] = mapped_column(String, unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)


class EventRow(LedgerBase):
    """Something that happened to it."""

    __tablename__ = "submission_events"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    submission: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str]
    at: Mapped[str]
    who: Mapped[str]
    when: Mapped[str]
    score: Mapped[float | None]
    undoes: Mapped[int | None]


@dataclass
class Book:
    """Everything in the ledger, in the order in which it came. While it is held, `enter` and `add` write to it."""

    submissions: list[Submission]
    events: list[LedgerEvent]
    _session: Session

    def enter(self, submission: Submission, content: bytes) -> Submission:
        """A new file; it gets the next number."""
        entered = replace(submission, number=max((s.number for s in self.submissions), default=0) + 1)
        row = SubmissionRow(
            number=entered.number,
            answers=entered.answers,
            content=zlib.compress(content, 9),
            record=_plain(asdict(entered)),
        )
        self._session.add(row)
        self.submissions.append(entered)
        return entered

    def add(self, event: LedgerEvent) -> LedgerEvent:
        """What happened; it gets the next number."""
        numbered = replace(event, number=max((e.number for e in self.events), default=0) + 1)
        self._session.add(EventRow(**asdict(numbered)))
        self.events.append(numbered)
        return numbered


class Ledger:
    """Where submissions are kept. Open it with `open_ledger`."""

    def __init__(self, engine: Engine, path: Path, shared: SharedDatabase | None = None):
        self._engine, self._path, self._shared = engine, path, shared
        with self._errors(), engine.connect() as connection:
            there = inspect(connection).get_table_names()
        if not {"submissions", "submission_events"} <= set(there):
            with self._errors(), self._engine.begin() as connection:
                _hold(connection)
                create_tables(connection, LedgerBase.metadata)

    def read(self) -> Book:
        """All of it, as it is now."""
        with self._errors(), Session(self._engine) as session:
            return _read(session)

    @contextlib.contextmanager
    def hold(self) -> Iterator[Book]:
        """Nobody else writes until this is left, and what was added is kept then: all of it, or none after an error."""
        with self._errors(), self._engine.begin() as connection:
            _hold(connection)
            with Session(connection) as session:
                yield _read(session)
                session.flush()

    def content(self, number: int) -> bytes:
        """The bytes of a submission."""
        with self._errors(), Session(self._engine) as session:
            return zlib.decompress(session.scalars(select(SubmissionRow.content).filter_by(number=number)).one())

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._sentence(error) from error

    def _sentence(self, error: SQLAlchemyError) -> PhotobenchError:
        return self._shared.failure(error) if self._shared else database_error(self._path, error)


def open_ledger(path: Path, url: str = "") -> Ledger:
    """That of the workspace whose database is at `path`, or the one that a team shares at `url`.

    Raises:
        WorkspaceError: there is no workspace.
        DatabaseError: nobody answers at the URL.
    """
    if not url:
        return Ledger(open_database(path), path)
    shared = reach("ledger.url", url)
    return Ledger(shared.engine(), path, shared)


def _hold(connection: Connection) -> None:
    """One writer at a time: SQLite has a lock for it, PostgreSQL lets programs agree on one, and both free it when its holder dies."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({HOLD})")


def _read(session: Session) -> Book:
    records = session.execute(select(SubmissionRow.record).order_by(SubmissionRow.number)).scalars()
    rows = session.scalars(select(EventRow).order_by(EventRow.number))
    events = [LedgerEvent(r.number, r.submission, r.kind, r.at, r.who, r.when, r.score, r.undoes) for r in rows]  # type: ignore[arg-type]
    return Book([Submission(**_with_nan(record)) for record in records], events, session)


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """PostgreSQL's JSON has no NaN."""
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in record.items()}


def _with_nan(record: dict[str, Any]) -> dict[str, Any]:
    return {k: math.nan if v is None else v for k, v in record.items()}
