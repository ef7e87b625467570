"""Machines whose heartbeat is quick, and whose silence is soon taken for death."""

from __future__ import annotations

from photobench.tune import study


def begin() -> None:
    study.HEARTBEAT_S, study.GRACE_S = 1, 8
