"""What is printed while work goes on."""

from __future__ import annotations

import pytest

from photobench import progress


def test_slow_work_is_told_by_the_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    bar = progress.Progress(6, "explain", "photos")
    clock[0] = 108.0
    bar.advance(2)
    assert bar.line() == "explain 2/6 photos · 4.0 s each · 16 s left"
    clock[0] = 101.0
    bar.advance(3)
    assert bar.line() == "explain 5/6 photos · 5/s · 0.2 s left"
