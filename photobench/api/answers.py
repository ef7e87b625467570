"""The verbs of runs that are there: compared, cleared away, refined, put together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from photobench import workflow
from photobench.api.answering import Answering
from photobench.api.opened import Opened
from photobench.api.run import Run


class Answers(Opened):
    """Runs, and what is made of them."""

    def get(self, name: str | None = None) -> Answering:
        """Whoever answers under a name, the start of it, or a tag: a run, a set of folds, a refined one, an ensemble; for None what was trained last."""
        bench = self._inner()
        return Answering(bench, workflow.find_answerer(bench, name).name)

    def get_run(self, name: str | None = None) -> Run:
        """A finished run by its name, the start of it, or a tag; the latest for None."""
        bench = self._inner()
        return Run(bench, bench.workspace.find_run() if name is None else workflow.find_single_run(bench, name))

    def runs(self) -> pd.DataFrame:
        """All runs of the workspace: metrics, the interval of macro-F1, seconds, megabytes, tags."""
        return workflow.runs_table(self._inner())

    def compare(
        self, *runs: str, modes: Sequence[str] = (), out: str | Path | None = None, **options: Any
    ) -> pd.DataFrame:
        """A row per run: macro-F1 and how much better than the first it is, each with its interval, the chance that it is better, and the seconds.

        With several others the intervals of the differences hold all at once. What is said in words is in `.attrs["text"]`.

        Args:
            runs: finished runs or sets of folds, by name or the start of it.
            modes: a training is made for each: "frozen", "finetune", "lora".
            out: FILE.html: where they differ, with the photos.
        """
        if out is not None:
            workflow.check_page_name(Path(out))
        bench = self._inner(**options)
        found = workflow.compare(bench, runs, modes)
        if out is not None:
            workflow.write_comparison(bench, found, Path(out))
        rows = [
            {"run": c.name, "changes": ", ".join(c.differs), "seconds": c.seconds}
            | {f"{name}{end}": getattr(figure, key) if figure else 0.0
               for name, figure in (("macro_f1", c.score), ("gain", c.gain))
               for end, key in (("", "value"), ("_low", "low"), ("_high", "high"))}
            | {"better": c.gain.probability if c.gain else float("nan")}
            for c in found.rows
        ]  # fmt: skip
        frame = pd.DataFrame(rows)
        frame.attrs["text"] = workflow.comparison_text(found)
        return frame

    def tag(self, name: str, word: str, remove: bool = False) -> str:
        """Give a run a word by which it is found and which keeps it from being pruned, or take it away; returns its tags."""
        return workflow.tag(self._inner(), name, word, remove)

    def prune(self, *names: str, keep: int = 1, leftovers: bool = False, yes: bool = False) -> str:
        """What would go of the runs that nothing needs, and how much room it takes; with `yes` they are removed."""
        return workflow.prune(self._inner(), names, keep, leftovers, yes)

    def refine(self, name: str | None = None, *, folds: bool = False, **options: Any) -> workflow.RefineResult:
        """What a trained model gains without training: `print` it, `.table` has a row per refinement that was tried, `.name` answers.

        Args:
            name: a run or a set of folds, by name or the start of it; the latest run for None.
            folds: the folds that were trained or asked last, in place of a run.
        """
        return workflow.refine_answerer(self._inner(**options), name, folds)

    def ensemble(self, *members: str, method: str = "best", **options: Any) -> workflow.Ensemble:
        """The best combination of runs or sets of folds, measured on photos that none of it learned from: `print(bench.ensemble())`.

        `.predict()`, `.evaluations()` and `.held_out()` are those of any answerer; `.record` has members, weights and every way tried.

        Args:
            members: by name or the start of it; all that can be compared where none is named.
            method: "best" chooses; or soup, single, soft, hard, rank, greedy, stacking.
        """
        return workflow.ensemble(self._inner(**options), members, method)

    def distil(self, teacher: str, **options: Any) -> workflow.Distilled:
        """The project's model trained on what a teacher says beside the labels, and once more on labels alone, compared on test photos.

        Args:
            teacher: a set of folds, or an ensemble of such sets, by name.
        """
        bench = self._inner(**options)
        return workflow.distil(bench, workflow.find_answerer(bench, teacher))
