"""The figure of validation against leaderboard, for the workspace and for the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from photobench.ledger.calibration import calibrate_entries
from photobench.ledger.standing import Entry
from photobench.records import fingerprint
from photobench.workflow.bench import Bench

if TYPE_CHECKING:
    from photobench.explore.canvas import Drawing


def draw_leaderboard(bench: Bench, entries: Sequence[Entry]) -> Path | None:
    """Write submissions/leaderboard.png where it is not that of these entries; None where there is nothing to draw."""
    path = bench.workspace.submissions / "leaderboard.png"
    points = _points(entries)
    if points.empty:
        path.unlink(missing_ok=True)  # the score that it showed was taken back
        return None
    key = fingerprint(points.to_json(), bench.options.ledger.metric)
    if not bench.workspace.is_current(path, key):
        bench.workspace.write(path, _drawing(bench, entries).png())
        bench.workspace.mark_current(path, key)
    return path


def _drawing(bench: Bench, entries: Sequence[Entry]) -> Drawing:
    from photobench.explore.drawing import leaderboard_scatter  # brings matplotlib: only where something is drawn

    return leaderboard_scatter(_points(entries), bench.options.ledger.metric, calibrate_entries(entries).bias.value)


def _points(entries: Sequence[Entry]) -> pd.DataFrame:
    rows = [(e.number, e.expected, e.submission.low, e.submission.high, e.score) for e in entries if e.is_paired]
    return pd.DataFrame(rows, columns=["number", "expected", "low", "high", "score"])
