"""The figure of validation against leaderboard, for the workspace and for the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from photobench import __version__
from photobench.errors import DatabaseError, WorkspaceError
from photobench.ledger.calibration import calibrate_entries
from photobench.ledger.standing import Entry, standing
from photobench.ledger.words import calibration_words
from photobench.progress import say
from photobench.records import fingerprint
from photobench.workflow.bench import Bench
from photobench.workspace import disk_errors

if TYPE_CHECKING:
    from photobench.explore import Figure as ExploreFigure
    from photobench.explore.canvas import Drawing

METRICS_IN_WORDS = {"accuracy": "accuracy", "macro_f1": "macro F1", "macro_precision": "macro precision", "macro_recall": "macro recall", "auc": "AUC"}  # fmt: skip


def draw_leaderboard(bench: Bench, entries: Sequence[Entry]) -> Path | None:
    """Write submissions/leaderboard.png where it is not that of these entries; None where there is nothing to draw.

    What was written into the ledger stands, also where the figure cannot be written: that is said, and it is drawn another time.
    """
    try:
        with disk_errors(bench.workspace.submissions):
            return _draw(bench, entries)
    except WorkspaceError as error:
        say(f"warning: the ledger is as it should be, but its figure is not. {error}")
        return None


def _draw(bench: Bench, entries: Sequence[Entry]) -> Path | None:
    path = bench.workspace.submissions / "leaderboard.png"
    points = _points(entries)
    if points.empty:
        path.unlink(missing_ok=True)  # the score that it showed was taken back
        return None
    key = fingerprint(__version__, points.to_json(), bench.options.ledger.metric)
    bench.workspace.make_folder(path.parent)
    bench.workspace.derived(path, key, lambda: _drawing(bench, entries).png())
    return path


def leaderboard_figure(bench: Bench) -> ExploreFigure | None:
    """The same for the report, with what it says in words; None before there is a score. A ledger that does not answer is said."""
    try:
        book = bench.workspace.ledger(bench.options.ledger.url).read()
    except DatabaseError as error:
        say(f"warning: the report is without the leaderboard. {error}")
        return None
    entries = standing(book.submissions, book.events)
    points = _points(entries)
    if points.empty:
        return None
    from photobench.explore import Figure

    said = " ".join(calibration_words(entries))
    return Figure("leaderboard", "The leaderboard", said, points, _drawing(bench, entries))


def _drawing(bench: Bench, entries: Sequence[Entry]) -> Drawing:
    from photobench.explore.drawing import leaderboard_scatter  # brings matplotlib: only where something is drawn

    metric, found = METRICS_IN_WORDS[bench.options.ledger.metric], calibrate_entries(entries)
    return leaderboard_scatter(_points(entries), metric, found.bias.value, found.pearson)


def _points(entries: Sequence[Entry]) -> pd.DataFrame:
    rows = [
        (e.number, e.submission.kind or "others", e.expected, e.submission.low, e.submission.high, e.score)
        for e in entries
        if e.is_paired
    ]
    return pd.DataFrame(rows, columns=["number", "kind", "expected", "low", "high", "score"])
