"""How fast a person reviews."""

from __future__ import annotations

from datetime import datetime, timedelta

from photobench.workflow.reviewing.progress import PAUSE_S, per_minute

BEGIN = datetime(2026, 5, 4, 9, 0)


def at(*seconds: float) -> list[datetime]:
    return [BEGIN + timedelta(seconds=second) for second in seconds]


def test_a_pause_makes_nobody_slow() -> None:
    steady = per_minute(at(0, 3, 6, 9))
    assert steady == 20
    assert per_minute(at(0, 3, 6, 9 + 3 * PAUSE_S, 12 + 3 * PAUSE_S)) == steady


def test_the_rate_of_one_decision_or_of_many_at_once() -> None:
    assert per_minute(at(0)) == per_minute(at()) == per_minute(at(0, PAUSE_S + 1)) == 0
    assert per_minute(at(*[0.001 * n for n in range(11)])) == 600  # in one go, from the grid
