"""What is known of derived files and of the machine: what they were made from, what was measured, how long it took."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from photobench.workspace.database import FactRow, ProductRow, TimingRow
from photobench.workspace.disk import now, utc
from photobench.workspace.store import Store


class Products(Store):
    """The part of a workspace that says what is up to date."""

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
