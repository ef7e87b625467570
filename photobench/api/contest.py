"""The verbs of the leaderboard."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from photobench import workflow
from photobench.api.opened import Opened
from photobench.progress import say


class Contest(Opened):
    """The ledger of submissions."""

    def ledger(self) -> pd.DataFrame:
        """A row per submission: number, file, answerer, what was expected of it with its interval, when it was sent, its score, and by how
        much the two are apart (NaN and "" where something is not known).
        """
        return workflow.ledger_table(self._inner())

    def record(
        self,
        score: float,
        number: int | None = None,
        file: str | Path | None = None,
        at: str | datetime | None = None,
    ) -> pd.DataFrame:
        """Write down what the leaderboard says of a submission. Returns the ledger.

        Args:
            number: of the submission; by default the only one that waits for its score.
            file: in place of its number; one that was made elsewhere is entered first.
            at: when it was sent, where that is not now: "14:30", "2026-03-01 14:30", or a datetime.

        Raises:
            LedgerError: the score is not in [0, 1], or there is one already; nothing is recorded.
        """
        bench = self._inner()
        say(workflow.record_score(bench, score, number, Path(file) if file is not None else None, at))
        return workflow.ledger_table(bench)

    def share(self) -> pd.DataFrame:
        """Take the workspace's own submissions over into the team's ledger (`ledger.url`). Returns the ledger.

        Raises:
            LedgerError: no team's ledger is set.
        """
        bench = self._inner()
        say(workflow.share_ledger(bench))
        return workflow.ledger_table(bench)

    def plan(self) -> workflow.Plan:
        """What to send next: `print(bench.plan())` says why, `.frame` has a row per candidate."""
        return workflow.plan_submissions(self._inner())
