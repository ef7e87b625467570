"""The folder of a project, and everything that is kept in it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from photobench.errors import Overtaken, WorkspaceError, unknown
from photobench.progress import say
from photobench.records import Decision, RunRecord
from photobench.workspace.database import (
    DecisionRow,
    FactRow,
    ProductRow,
    RunRow,
    TagRow,
    TimingRow,
    database_error,
    open_database,
)
from photobench.workspace.disk import disk_errors, now, utc, write_atomic
from photobench.workspace.ledger import Ledger, open_ledger
from photobench.workspace.lock import Claim, Lock

PROJECT_FILE = "photobench.toml"
LAST_RUN = "last run removed"
"""The fact that keeps the highest number of a run that is no more."""


class Workspace:
    """A folder with a project file, and everything that photobench makes from it."""

    def __init__(self, root: str | Path):
        self.root = Path(root).expanduser().resolve()
        self._engine: Engine | None = None
        self._lock = Lock(self.root)

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
    refined = property(lambda self: self.root / "refined")
    ensembles = property(lambda self: self.root / "ensembles")
    submissions = property(lambda self: self.root / "submissions")
    tune = property(lambda self: self.root / "tune")
    database = property(lambda self: self.root / "photobench.db")
    findings = property(lambda self: self.root / "findings")

    def relative(self, path: Path) -> str:
        return path.resolve().relative_to(self.root).as_posix()

    def lock(self, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Hold the workspace while writing to it; within one Workspace it nests.

        Raises:
            WorkspaceError: another process holds it (who, doing what, since when), or the workspace is read-only.
        """
        return self._lock.hold(purpose)

    def sharing(self, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Inside, processes that do the same together hold the workspace for moments, and wait for each other."""
        return self._lock.sharing(purpose)

    def claim(self, path: Path) -> Claim | None:
        """A piece of work, such as a run that is to be trained, by its lock file; None where another process is at it."""
        return Claim.take(path)

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
            row = session.get(ProductRow, self.relative(path))
            return row is not None and row.fingerprint == fingerprint

    def mark_current(self, path: Path, fingerprint: str) -> None:
        """Remember what a derived file was made from. Called after the file is in place."""
        with self._session() as session:
            session.merge(ProductRow(path=self.relative(path), fingerprint=fingerprint, made=now()))
            session.commit()

    def fact(self, key: str, measure: Callable[[], str]) -> str:
        """What was measured under this key before; measured now where it was not."""
        with self._session() as session:
            row = session.get(FactRow, key)
            if row is not None:
                return row.value
        value = measure()
        with self._session() as session:
            session.merge(FactRow(key=key, value=value))
            session.commit()
        return value

    def add_timing(self, stage: str, seconds: float) -> None:
        """Remember how long a stage worked."""
        with self._session() as session:
            session.merge(TimingRow(stage=stage, seconds=seconds, order=utc()))
            session.commit()

    def timings(self) -> dict[str, float]:
        """Seconds of each stage, in the order in which they last ran."""
        with self._session() as session:
            rows = session.scalars(select(TimingRow).order_by(TimingRow.order)).all()
            return {row.stage: row.seconds for row in rows}

    # --- decisions -----------------------------------------------------------------------------------------------------

    def add_decisions(self, decisions: Iterable[Decision], known: int | None = None) -> list[int]:
        """Keep what people decided: all of it or, where the disk fails, none. It is on the disk when this returns their numbers.

        Args:
            known: the last decision that the person knew of; None does not ask.

        Raises:
            Overtaken: a later one than `known` is there on one of these photos and fields; nothing is kept.
        """
        rows = [DecisionRow(**asdict(decision)) for decision in decisions]
        with self._session() as session:
            session.add_all(rows)
            session.flush()  # from here on no other process can write one: the look and the commit are one step
            if known is not None:
                self._refuse_overtaken(session, rows, known)
            numbers = [row.number for row in rows]
            session.commit()
        return numbers

    @staticmethod
    def _refuse_overtaken(session: Session, rows: list[DecisionRow], known: int) -> None:
        own, topics = {row.number for row in rows}, {(row.photo, row.field) for row in rows}
        later = session.execute(
            select(DecisionRow.number, DecisionRow.photo, DecisionRow.field).where(DecisionRow.number > known)
        )
        first = [number for number, photo, field in later if number not in own and (photo, field) in topics]
        if first:
            raise Overtaken(first)

    def list_decisions(self, field: str | None = None) -> list[Decision]:
        """Every decision ever made, the oldest first."""
        return list(self.numbered_decisions(field).values())

    def numbered_decisions(self, field: str | None = None, after: int = 0) -> dict[int, Decision]:
        """Every decision ever made by its number, the oldest first; those with a number above `after`."""
        if not self.root.is_dir():
            return {}
        with self._session() as session:
            query = select(DecisionRow).order_by(DecisionRow.number).where(DecisionRow.number > after)
            rows = session.scalars(query if field is None else query.where(DecisionRow.field == field)).all()
            return {r.number: Decision(r.photo, r.field, r.old, r.new, r.who, r.when, r.why) for r in rows}

    def decided(self, field: str) -> dict[str, Any]:
        """What stands today, by photo: the last word on each, where it was not taken back."""
        last = {decision.photo: decision.new for decision in self.list_decisions(field)}
        return {photo: new for photo, new in last.items() if new is not None}

    # --- submissions ---------------------------------------------------------------------------------------------------

    def ledger(self, url: str = "") -> Ledger:
        """What was made for the leaderboard and what came of it: this workspace's, or the one that a team shares at a URL.

        Raises:
            DatabaseError: nobody answers at the URL.
        """
        with disk_errors(self.root):
            return open_ledger(self.root / "photobench.db", url)

    # --- runs ----------------------------------------------------------------------------------------------------------

    def save_run(self, record: RunRecord) -> None:
        """Add a run, or replace what is known of it."""
        with self._session() as session:
            row = RunRow(
                name=record.name, status=record.status, fingerprint=record.fingerprint, record=record.to_json()
            )
            session.merge(row)
            session.commit()

    def use_run(self, record: RunRecord) -> None:
        """Make a run the latest: what was just asked for is what the next verb means."""
        with self._session() as session:
            session.execute(update(RunRow).where(RunRow.name == record.name).values(used=utc()))
            session.commit()

    def list_runs(self) -> list[RunRecord]:
        """All runs whose folder is there, the one that was used last at the end."""
        if not self.root.is_dir():
            return []
        with self._session() as session:
            rows = session.scalars(select(RunRow).order_by(RunRow.used, RunRow.name)).all()
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
        if found[0].status in ("tried", "pruned"):
            raise WorkspaceError(
                f"Run {found[0].name} was a trial of photobench tune, which keeps its curve and not its weights. "
                f"Its options are in {self.root / found[0].folder / 'config.toml'}."
            )
        if found[0].status != "finished":
            raise WorkspaceError(
                f"Run {found[0].name} is {found[0].status}, not finished. Go on with it: photobench train"
            )
        return found[0]

    def latest_run(self) -> RunRecord | None:
        """The finished run that was trained or asked for last, for its own sake."""
        finished = [r for r in self.list_runs() if r.status == "finished" and not r.purpose]
        return finished[-1] if finished else None

    def forget_run(self, name: str) -> None:
        """Remove a run from the database, with its tags. Its number is never given again."""
        with self._session() as session:
            last = session.get(FactRow, LAST_RUN)
            session.merge(FactRow(key=LAST_RUN, value=max(name, last.value if last else "", key=_number)))
            session.execute(delete(RunRow).where(RunRow.name == name))
            session.execute(delete(TagRow).where(TagRow.name == name))
            session.commit()

    def tags(self) -> dict[str, list[str]]:
        """The tags of each name that has some."""
        if not self.root.is_dir():
            return {}
        with self._session() as session:
            found: dict[str, list[str]] = {}
            for row in session.scalars(select(TagRow).order_by(TagRow.name, TagRow.tag)):
                found.setdefault(row.name, []).append(row.tag)
            return found

    def add_tag(self, name: str, tag: str) -> None:
        with self._session() as session:
            session.merge(TagRow(name=name, tag=tag))
            session.commit()

    def remove_tag(self, name: str, tag: str) -> None:
        with self._session() as session:
            session.execute(delete(TagRow).where(TagRow.name == name, TagRow.tag == tag))
            session.commit()

    def new_run_name(self, label: str) -> str:
        """`003-resnet18`: a number that was never used here, and what the run is."""
        with self._session() as session:
            names = [*session.scalars(select(RunRow.name)).all(), *(path.name for path in self.runs.glob("*-*"))]
            last = session.get(FactRow, LAST_RUN)
            names += [last.value] if last else []
        return f"{max(map(_number, names), default=0) + 1:03d}-{label}"

    # --- the database --------------------------------------------------------------------------------------------------

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


def _number(name: str) -> int:
    """`003-resnet18` → 3; 0 for another name."""
    number = name.split("-")[0]
    return int(number) if number.isdigit() else 0
