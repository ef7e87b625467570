"""What is known of derived files and of the machine: what they were made from, what was measured, how long it took."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import delete, select

from photobench.records import fingerprint
from photobench.workspace.database import FactRow, ProductRow, TimingRow
from photobench.workspace.disk import now, utc
from photobench.workspace.store import Store


class Products(Store):
    """The part of a workspace that says what is up to date.

    A derived file is known by what it was made from and by its content. So it needs no lock: where two processes make one of different
    inputs at once, the file of one may stand beside the word of the other, which fits neither, and it is made again when it is wanted.
    """

    def recall(self, path: Path, made_from: str) -> bytes | None:
        """What is in a derived file; None where it is not there, or not as it was made from these inputs."""
        try:
            content = path.read_bytes()
        except OSError:
            return None
        with self._session() as session:
            row = session.get(ProductRow, self.relative(path))
            return content if row is not None and row.fingerprint == fingerprint(made_from, content) else None

    def is_current(self, path: Path, made_from: str) -> bool:
        """The derived file is there and was made from these inputs."""
        return self.recall(path, made_from) is not None

    def mark_current(self, path: Path, made_from: str, content: bytes) -> None:
        """Remember what a derived file was made from. Called after the file is in place."""
        with self._session() as session:
            row = ProductRow(path=self.relative(path), fingerprint=fingerprint(made_from, content), made=now())
            session.merge(row)
            session.commit()

    def forget(self, path: Path) -> None:
        """A derived file is not up to date from here on, such as one whose companions are about to be replaced."""
        with self._session() as session:
            session.execute(delete(ProductRow).where(ProductRow.path == self.relative(path)))
            session.commit()

    def known_fact(self, key: str) -> str | None:
        """What was measured under this key before; None where nothing was."""
        with self._session() as session:
            row = session.get(FactRow, key)
            return None if row is None else row.value

    def fact(self, key: str, measure: Callable[[], str]) -> str:
        """What was measured under this key before; measured now where it was not."""
        known = self.known_fact(key)
        if known is not None:
            return known
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
