"""The ledger as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from photobench.ledger.standing import Entry

COLUMNS = ("number", "file", "answerer", "kind", "made", "who", "metric", "expected", "low", "high", "measured_on", "sent", "score", "apart",
           "runs", "options", "sha256")  # fmt: skip
OF_SUBMISSION = ("number", "file", "answerer", "kind", "made", "who", "metric", "expected", "low", "high", "measured_on", "sha256")  # fmt: skip


def ledger_frame(entries: Sequence[Entry], chosen: Callable[[Mapping[str, Any]], Sequence[str]]) -> pd.DataFrame:
    """A row per submission; `apart` is the leaderboard's score minus what was expected. `runs` are the trainings behind it, and `options`
    what was chosen for them, each once: `"train.lr = 0.001; train.seed = 3"`.

    Args:
        chosen: the resolved options of a run → those that are not the default, as text.
    """
    rows = [
        {
            **{name: getattr(entry.submission, name) for name in OF_SUBMISSION},
            "sent": entry.events[0].at if entry.events else "",
            "score": math.nan if entry.score is None else entry.score,
            "apart": entry.score - entry.expected
            if entry.score is not None and entry.expected is not None
            else math.nan,
            "runs": ", ".join(entry.submission.configs),
            "options": "; ".join(
                dict.fromkeys(one for config in entry.submission.configs.values() for one in chosen(config))
            ),
        }
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
