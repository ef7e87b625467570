"""The ledger as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from photobench.ledger.standing import Entry

COLUMNS = ("number", "file", "answerer", "kind", "made", "who", "metric", "expected", "low", "high", "measured_on", "sent", "score", "apart",
           "sha256")  # fmt: skip
OF_SUBMISSION = ("number", "file", "answerer", "kind", "made", "who", "metric", "expected", "low", "high", "measured_on", "sha256")  # fmt: skip


def ledger_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """A row per submission; `apart` is the leaderboard's score minus what was expected."""
    rows = [
        {
            **{name: getattr(entry.submission, name) for name in OF_SUBMISSION},
            "sent": entry.events[0].at if entry.events else "",
            "score": math.nan if entry.score is None else entry.score,
            "apart": entry.score - entry.expected
            if entry.score is not None and entry.expected is not None
            else math.nan,
        }
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
