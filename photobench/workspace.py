"""The only writer of state: paths, atomic files, the lock, and the SQLite database.

    workspace/
      photobench.toml        the project: the only file a person edits
      photobench.db          runs, decisions, and which derived files are up to date
      manifest.parquet       what is there, the boxes, and the split
      crops/ packs/ embeddings/ findings/ runs/ folds/ submissions/ report.html crop.html augment.html find-lr.png

Runs and the database are precious. Looks, packs, embeddings and reports are derived: each is known by the fingerprint of what it was made from,
and can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
from sqlalchemy import JSON, String, create_engine, event, inspect, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.schema import CreateIndex, CreateTable

from photobench.errors import WorkspaceError, unknown
from photobench.parallel import num_processes, process_number
from photobench.records import Decision, RunRecord

PROJECT_FILE = "photobench.toml"


class _Base(DeclarativeBase):
    pass


class _RunRow(_Base):
    """A training; `record` is the whole RunRecord."""

    __tablename__ = "runs"
    name: Mapped[str] = mapped_column(String, primary_key=True)
    status: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(String, index=True)
    used: Mapped[str] = mapped_column(String, default=lambda: _utc(), onupdate=lambda: _utc())
    record: Mapped[dict[str, Any]] = mapped_column(JSON)


class _ProductRow(_Base):
    """A derived file and the fingerprint of what it was made from."""

    __tablename__ = "products"
    path: Mapped[str] = mapped_column(String, primary_key=True)
    fingerprint: Mapped[str]
    made: Mapped[str]


class _FactRow(_Base):
    """Something that was measured here once, such as the faster precision of a model."""

    __tablename__ = "facts"
    key: Mapped[str] = mapped_column(String, primary_key=True)
    value: Mapped[str]


class _TimingRow(_Base):
    """How long a stage took when it last had work to do."""

    __tablename__ = "timings"
    stage: Mapped[str] = mapped_column(String, primary_key=True)
    seconds: Mapped[float]
    order: Mapped[str]


class _DecisionRow(_Base):
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


class Workspace:
    """A folder with a project file, and everything that photobench makes from it."""

    def __init__(self, root: str | Path):
        self.root = Path(root).expanduser().resolve()
        self._engine: Engine | None = None
        self._held = 0

    project_file = property(lambda self: self.root / PROJECT_FILE)
    manifest_file = property(lambda self: self.root / "manifest.parquet")
    report_file = property(lambda self: self.root / "report.html")
    crop_sheet = property(lambda self: self.root / "crop.html")
    rate_curve = property(lambda self: self.root / "find-lr.png")
    augment_sheet = property(lambda self: self.root / "augment.html")
    looks = property(lambda self: self.root / "crops")
    packs = property(lambda self: self.root / "packs")
    explore = property(lambda self: self.root / "explore")
    embeddings = property(lambda self: self.root / "embeddings")
    runs = property(lambda self: self.root / "runs")
    folds = property(lambda self: self.root / "folds")
    submissions = property(lambda self: self.root / "submissions")
    findings = property(lambda self: self.root / "findings")

    def relative(self, path: Path) -> str:
        return path.resolve().relative_to(self.root).as_posix()

    # --- the lock: one writer at a time -------------------------------------------------------------------------------

    @contextlib.contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        """Hold the workspace while writing to it. The kernel frees the lock when its holder dies, however it dies.

        Stages hold it inside the verbs that hold it: within one Workspace it nests.

        Raises:
            WorkspaceError: another process holds it (who, doing what, since when), or the workspace is read-only.
        """
        if process_number() > 0:
            raise WorkspaceError(
                f"`{purpose}` is the work of one process, and torchrun has started {num_processes()}. Only `photobench train` divides its work."
            )
        if self._held:
            self._held += 1
            try:
                yield
            finally:
                self._held -= 1
            return
        with disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            (self.root / ".lock").open("a").close()  # the lock would wait for a read-only folder to become writable
            lock = filelock.FileLock(self.root / ".lock")
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                raise WorkspaceError(
                    f"The workspace {self.root} is in use by {self._holder()}. Wait for it, or stop it."
                ) from None
            holder = {"pid": os.getpid(), "host": socket.gethostname(), "purpose": purpose, "since": now()}
            (self.root / ".lock.json").write_text(json.dumps(holder))
        try:
            self._held = 1
            yield
        finally:
            self._held = 0
            (self.root / ".lock.json").unlink(missing_ok=True)
            lock.release()

    def _holder(self) -> str:
        for _ in range(20):  # the holder writes its name just after it has the lock
            try:
                holder = json.loads((self.root / ".lock.json").read_text(encoding="utf-8"))
                return (
                    f"`{holder['purpose']}` (process {holder['pid']} on {holder['host']}, since {holder['since'][:19]})"
                )
            except (OSError, ValueError, KeyError):
                time.sleep(0.01)
        return "another photobench"

    # --- files ---------------------------------------------------------------------------------------------------------

    def write(self, path: Path, data: bytes | str) -> None:
        """Write a file whole or not at all; the old one stays until the new one is on disk.

        Raises:
            WorkspaceError: the disk is full or the workspace is read-only.
        """
        content = data.encode() if isinstance(data, str) else data
        with disk_errors(path, len(content)):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, content)

    def is_current(self, path: Path, fingerprint: str) -> bool:
        """The derived file is there and was made from these inputs."""
        if not path.exists():
            return False
        with self._session() as session:
            row = session.get(_ProductRow, self.relative(path))
            return row is not None and row.fingerprint == fingerprint

    def mark_current(self, path: Path, fingerprint: str) -> None:
        """Remember what a derived file was made from. Called after the file is in place."""
        with self._session() as session:
            session.merge(_ProductRow(path=self.relative(path), fingerprint=fingerprint, made=now()))
            session.commit()

    def fact(self, key: str, measure: Callable[[], str]) -> str:
        """What was measured under this key before; measured now where it was not."""
        with self._session() as session:
            row = session.get(_FactRow, key)
            if row is not None:
                return row.value
        value = measure()
        with self._session() as session:
            session.merge(_FactRow(key=key, value=value))
            session.commit()
        return value

    def add_timing(self, stage: str, seconds: float) -> None:
        """Remember how long a stage worked."""
        with self._session() as session:
            session.merge(_TimingRow(stage=stage, seconds=seconds, order=_utc()))
            session.commit()

    def timings(self) -> dict[str, float]:
        """Seconds of each stage, in the order in which they last ran."""
        with self._session() as session:
            rows = session.scalars(select(_TimingRow).order_by(_TimingRow.order)).all()
            return {row.stage: row.seconds for row in rows}

    # --- decisions -----------------------------------------------------------------------------------------------------

    def add_decisions(self, decisions: Iterable[Decision]) -> None:
        """Keep what people decided: all of it or, where the disk fails, none."""
        with self._session() as session:
            session.add_all(_DecisionRow(**asdict(decision)) for decision in decisions)
            session.commit()

    def list_decisions(self, field: str | None = None) -> list[Decision]:
        """Every decision ever made, the oldest first."""
        return list(self.numbered_decisions(field).values())

    def numbered_decisions(self, field: str | None = None) -> dict[int, Decision]:
        """Every decision ever made by its number, the oldest first."""
        if not self.root.is_dir():
            return {}
        with self._session() as session:
            query = select(_DecisionRow).order_by(_DecisionRow.number)
            rows = session.scalars(query if field is None else query.where(_DecisionRow.field == field)).all()
            return {r.number: Decision(r.photo, r.field, r.old, r.new, r.who, r.when, r.why) for r in rows}

    def decided(self, field: str) -> dict[str, Any]:
        """What stands today, by photo: the last word on each, where it was not taken back."""
        last = {decision.photo: decision.new for decision in self.list_decisions(field)}
        return {photo: new for photo, new in last.items() if new is not None}

    # --- runs ----------------------------------------------------------------------------------------------------------

    def save_run(self, record: RunRecord) -> None:
        """Add a run, or replace what is known of it."""
        with self._session() as session:
            row = _RunRow(
                name=record.name, status=record.status, fingerprint=record.fingerprint, record=record.to_json()
            )
            session.merge(row)
            session.commit()

    def use_run(self, record: RunRecord) -> None:
        """Make a run the latest: what was just asked for is what the next verb means."""
        with self._session() as session:
            session.execute(update(_RunRow).where(_RunRow.name == record.name).values(used=_utc()))
            session.commit()

    def list_runs(self) -> list[RunRecord]:
        """All runs whose folder is there, the one that was used last at the end."""
        if not self.root.is_dir():
            return []
        with self._session() as session:
            rows = session.scalars(select(_RunRow).order_by(_RunRow.used, _RunRow.name)).all()
            return [RunRecord.from_json(row.record) for row in rows if (self.root / row.record["folder"]).is_dir()]

    def find_run(self, name: str | None = None) -> RunRecord:
        """A finished run by its name or the start of it; for None the one that was trained or asked for last, for its own sake.

        Raises:
            WorkspaceError: there is none, or the start fits several.
        """
        if name is None:
            latest = self.latest_run()
            if latest is None:
                raise WorkspaceError(f"No run is finished in {self.root}. Train one with: photobench train")
            return latest
        records = self.list_runs()
        found = [r for r in records if r.name == name] or [r for r in records if r.name.startswith(name)]
        if len(found) > 1:
            raise WorkspaceError(
                f'"{name}" is the start of {len(found)} runs: {", ".join(r.name for r in found)}. Write more of it.'
            )
        if not found:
            raise WorkspaceError(unknown("run", name, [r.name for r in records]) + " See: photobench list runs")
        if found[0].status != "finished":
            raise WorkspaceError(
                f"Run {found[0].name} is {found[0].status}, not finished. Go on with it: photobench train"
            )
        return found[0]

    def latest_run(self) -> RunRecord | None:
        """The finished run that was trained or asked for last, for its own sake."""
        finished = [r for r in self.list_runs() if r.status == "finished" and not r.purpose]
        return finished[-1] if finished else None

    def new_run_name(self, label: str) -> str:
        """`003-resnet18`: a number that was never used here, and what the run is."""
        with self._session() as session:
            names = [*session.scalars(select(_RunRow.name)).all(), *(path.name for path in self.runs.glob("*-*"))]
        numbers = [int(number) for number in (name.split("-")[0] for name in names) if number.isdigit()]
        return f"{max(numbers, default=0) + 1:03d}-{label}"

    # --- the database --------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _session(self) -> Iterator[Session]:
        with disk_errors(self.root):
            if self._engine is None:
                self._engine = _open_database(self.root / "photobench.db")
            try:
                with Session(self._engine) as session:
                    yield session
            except SQLAlchemyError as error:
                raise _database_error(self.root / "photobench.db", error) from error


def _open_database(path: Path) -> Engine:
    if not path.parent.is_dir():
        raise WorkspaceError(f"There is no workspace at {path.parent}. Make one with: photobench init PHOTOS")
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine, "connect", _durable)
    try:
        _create_tables(engine)
    except SQLAlchemyError as error:
        raise _database_error(path, error) from error
    return engine


def _create_tables(engine: Engine) -> None:
    """Those that are missing. Another process may be making them at the same moment, which SQLAlchemy's create_all does not expect."""
    with engine.begin() as connection:
        there = set(inspect(connection).get_table_names())
        for table in _Base.metadata.sorted_tables:
            if table.name not in there:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))


def _database_error(path: Path, error: SQLAlchemyError) -> WorkspaceError:
    cause = getattr(error, "orig", None) or error
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


def write_atomic(path: Path, data: bytes) -> None:
    """Temporary name, fsync, rename: a reader sees the old file or the new one, never a part."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def disk_errors(where: Path, needed: int = 0) -> Iterator[None]:
    """Turns a full disk or a read-only folder into a sentence. Other errors pass. `needed`: bytes that are to be written."""
    try:
        yield
    except OSError as error:
        size = f" ({needed / 1e6:,.1f} MB)" if needed else ""
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
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise WorkspaceError(
                f"{where} cannot be written ({error.strerror}). Choose another folder with --workspace."
            ) from error
        raise


def _utc() -> str:
    """For sorting: local times go back in autumn."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def now() -> str:
    """The local time with its offset to UTC, to the millisecond."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")
