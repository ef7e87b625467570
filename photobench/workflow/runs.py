"""The runs of a workspace as a table."""

from __future__ import annotations

import pandas as pd

from photobench.workflow.bench import Bench


def runs_table(bench: Bench) -> pd.DataFrame:
    """A row per run, by name: status, the best epoch's metrics on `valid`, epochs, seconds of training, when it began."""
    rows = [
        {
            "run": r.name,
            "status": r.status,
            **(
                {"folds": split["folds"], "fold": split["fold"]}
                if (split := r.config.get("split", {})).get("folds")
                else {}
            ),
            **r.metrics,
            "epochs": len(r.history),
            "train_s": r.timings.get("train"),
            "begun": r.created,
        }
        for r in bench.workspace.list_runs()
    ]
    return pd.DataFrame(rows, columns=None if rows else ["run", "status"]).sort_values("run", ignore_index=True)
