"""The SQLite database of a workspace: its tables, and how it is opened."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, MetaData, String, create_engine, event, inspect
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateIndex, CreateTable

from photobench.errors import WorkspaceError
from photobench.workspace.disk import utc


class Base(DeclarativeBase):
    pass


class RunRow(Base):
    """A training; `record` is the whole RunRecord."""

    __tablename__ = "runs"
    name: Mapped[str] = mapped_column(String, primary_key=True)
    status: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(String, index=True)
    used: Mapped[str] = mapped_column(String, default=lambda: utc(), onupdate=lambda: utc())
    record: Mapped[dict[str, Any]] = mapped_column(JSON)


class TagRow(Base):
    """A word that a person gave a run, or several put together, by name."""

    __tablename__ = "tags"
    name: Mapped[str] = mapped_column(String, primary_key=True)
    tag: Mapped[str] = mapped_column(String, primary_key=True)


class ProductRow(Base):
    """A derived file and the fingerprint of what it was made from, and of what was made."""

    __tablename__ = "products"
    path: Mapped[str] = mapped_column(String, primary_key=True)
    fingerprint: Mapped[str]
    made: Mapped[str]


class FactRow(Base):
    """Something that was measured here once, such as the faster precision of a model."""

    __tablename__ = "facts"
    key: Mapped[str] = mapped_column(String, primary_key=True)
    value: Mapped[str]


class TimingRow(Base):
    """How long a stage took when it last had work to do."""

    __tablename__ = "timings"
    stage: Mapped[str] = mapped_column(String, primary_key=True)
    seconds: Mapped[float]
    order: Mapped[str]


class DecisionRow(Base):
    """A person's word on a photo. Rows are only ever added."""

    __tablename__ = "decisions"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    photo: Mapped[str] = mapped_column(String, index=True)
    field: Mapped[str] = mapped_column(String, index=True)
    old: Mapped[Any] = mapped_column(JSON)
    new: Mapped[Any] = mapped_column(JSON)
    who: Mapped[str]
    when: Mapped[str]
    why: Mapped[str]


def open_database(path: Path) -> Engine:
    if not path.parent.is_dir():
        raise WorkspaceError(f"There is no workspace at {path.parent}. Make one with: photobench init PHOTOS")
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine, "connect", _durable)
    try:
        with engine.begin() as connection:
            create_tables(connection, Base.metadata)
    except SQLAlchemyError as error:
        raise database_error(path, error) from error
    return engine


def create_tables(connection: Connection, metadata: MetaData) -> None:
    """Those that are missing. Another process may be making them at the same moment, which SQLAlchemy's create_all does not expect."""
    there = set(inspect(connection).get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in there:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))


def database_error(path: Path, error: SQLAlchemyError | OSError) -> WorkspaceError:
    cause = getattr(error, "orig", None) or error
    if "not a database" in str(cause) or "malformed" in str(cause):
        return WorkspaceError(
            f"The workspace database {path} is damaged ({cause}). Put a copy of it back: it holds the runs, decisions and submissions. "
            "Nothing was changed."
        )
    return WorkspaceError(
        f"The workspace database {path} cannot be used: {cause}. Is the folder writable and the disk not full?"
    )


def _durable(connection: Any, _: Any) -> None:
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")  # a decision, once confirmed, survives a power cut


def _write_ahead(connection: Any, tries: int = 200) -> None:
    """SQLite does not wait for another process in this one statement, so that two that begin at once would stop one of them."""
    for left in reversed(range(tries)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or not left:
                raise
            time.sleep(0.05)
