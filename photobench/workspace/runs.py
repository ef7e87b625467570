"""The runs of a workspace: saved, found by name, numbered, tagged, forgotten."""

from __future__ import annotations

from sqlalchemy import Text, cast, delete, func, select, update

from photobench.errors import MOST_NAMED, WorkspaceError, unknown
from photobench.records import RunRecord, fingerprint
from photobench.words import examples
from photobench.workspace.database import FactRow, RunRow, TagRow
from photobench.workspace.disk import utc
from photobench.workspace.store import Store

LAST_RUN = "last run removed"
"""The fact that keeps the highest number of a run that is no more."""


class Runs(Store):
    """The part of a workspace that knows its runs, by what the database says of them."""

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
                f'"{name}" is the start of {len(found)} runs: {examples((r.name for r in found), MOST_NAMED)}. Write more of it.'
            )
        if not found:
            raise WorkspaceError(
                unknown("run", name, [r.name for r in records if not r.purpose]) + " See: photobench runs"
            )
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

    def runs_version(self) -> str:
        """Another text after every change of a run or a tag; no record is read for it."""
        with self._session() as session:
            size = func.length(cast(RunRow.record, Text))
            runs = session.execute(select(RunRow.name, RunRow.status, size).order_by(RunRow.name)).all()
            tags = session.execute(select(TagRow.name, TagRow.tag).order_by(TagRow.name, TagRow.tag)).all()
        return fingerprint([list(row) for row in (*runs, *tags)])

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


def _number(name: str) -> int:
    """`003-resnet18` → 3; 0 for another name."""
    number = name.split("-")[0]
    return int(number) if number.isdigit() else 0
