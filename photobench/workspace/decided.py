"""What people decided, kept in the order in which they did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from photobench.errors import Overtaken
from photobench.records import Decision
from photobench.workspace.database import DecisionRow
from photobench.workspace.store import Store


class Decided(Store):
    """The part of a workspace that keeps decisions: they are only ever added."""

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
