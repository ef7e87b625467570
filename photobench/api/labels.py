"""The verbs of labels: what is suspicious, what is decided, what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from photobench import workflow
from photobench.api.opened import Opened
from photobench.progress import say
from photobench.records import findings_frame


class Labels(Opened):
    """Findings and decisions."""

    def audit(self, *checks: str, **options: Any) -> pd.DataFrame:
        """What is probably wrong, a row per finding, what deserves a look first: `bench.audit("labels").head(50)`.

        Columns: check, kind, path, attribute, score, given, suggested, fix, evidence, related, cluster, new. What was said of the whole,
        and what could not be looked at, are in `.attrs["notes"]`.
        """
        checked = workflow.audit(self._inner(**options), checks)
        frame = findings_frame(workflow.ranked(checked))
        skipped = [f"{one.check} was not made: {one.skipped}" for one in checked if one.skipped]
        frame.attrs["notes"] = [*(note for one in checked for note in one.notes), *skipped]
        return frame

    def decide(self, photos: str | Sequence[str], field: str, new: Any, why: str = "") -> pd.DataFrame:
        """Decide of photos; training follows. Returns all decisions, as `decisions` does.

        `bench.decide("a/1.jpg", "gender", "female", why="looked at it")` changes a label, `bench.decide("a/2.jpg", "exclude", True)` leaves
        a photo out, `bench.decide("a/3.jpg", "group", "person7")` makes its group and person7 one. `new=None` takes back what stands.

        Args:
            photos: paths as the manifest has them.

        Raises:
            PhotobenchError: there is no such photo, field or value (all are named); nothing is decided.
        """
        bench = self._inner()
        workflow.decide(bench, [photos] if isinstance(photos, str) else list(photos), field, new, why)
        return workflow.decisions_table(bench)

    def apply(self, rules: str | Path, *checks: str, **options: Any) -> pd.DataFrame:
        """Decide what the rules of a TOML file say of the audit's findings, as `photobench audit --apply`. Returns all decisions.

        Args:
            checks: whose findings; those of all where none is named.

        Raises:
            ConfigError: the rules have mistakes (all are named); nothing is decided.
        """
        bench = self._inner(**options)
        workflow.check_rules(bench, Path(rules))
        say(workflow.apply_rules(bench, workflow.ranked(workflow.audit(bench, checks)), Path(rules)))
        return workflow.decisions_table(bench)

    def decisions(self) -> pd.DataFrame:
        """Every decision, the oldest first: number, photo, field, old, new, who, when, why, standing ("yes" or empty)."""
        return workflow.decisions_table(self._inner())

    def undo(self, *numbers: int) -> pd.DataFrame:
        """Take back decisions by their numbers: each restores what stood before it. Returns all decisions."""
        bench = self._inner()
        workflow.undo_decision(bench, numbers)
        return workflow.decisions_table(bench)

    def what_if(self, folds: int | None = None, **options: Any) -> str:
        """Trainings with the decisions and without, in folds: whether macro-F1 changed, with its interval, on photos that none of them touched."""
        return workflow.what_if(self._inner(**options), folds)
