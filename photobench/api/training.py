"""The verbs that train, and those that say how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from photobench import workflow
from photobench.doctor.checkup import Checkup
from photobench.progress import say

if TYPE_CHECKING:
    from photobench.workflow.search.finding import FoundRate, FoundSize
    from photobench.workflow.search.tuned import Tuned

from photobench.api.opened import Opened
from photobench.api.run import Run


class Training(Opened):
    """A model of the project, and its options."""

    @overload
    def train(self, *, folds: int, repeats: int = 1, jobs: int = 1, **options: Any) -> workflow.FoldedRuns: ...

    @overload
    def train(self, **options: Any) -> Run: ...

    def train(
        self, *, folds: int = 0, repeats: int = 1, jobs: int = 1, **options: Any
    ) -> Run | workflow.FoldedRuns | None:
        """Train, or return the finished run of exactly these options.

        Args:
            folds: divide the labelled photos into so many parts, and train a model without each: `.predictions` are what they say of
                the photos that they did not learn from, `.evaluation` how good that is, `print` shows it.
            repeats: so many divisions into folds.
            jobs: so many folds at the same time, each in a process of its own with its share of the cores, or a card.
        """
        bench = self._inner(**options)
        if folds or repeats != 1 or jobs != 1:
            return workflow.train_folds(bench, folds, repeats, jobs)
        return Run(bench, workflow.train(bench))

    def find_lr(self, steps: int = 100, fix: bool = False, **options: Any) -> FoundRate:
        """Real steps at a rising learning rate: `.suggestion`, `.table`, and `.plot`, a picture. Leaves no run.

        Args:
            fix: write the suggestion into photobench.toml.
        """
        found = workflow.find_lr(self._inner(**options), steps)
        if fix and found.suggestion is not None:
            say("\n".join(workflow.prescribe(self._inner(), {"train.lr": found.suggestion})))
        return found

    def find_batch(self, fix: bool = False, **options: Any) -> FoundSize:
        """Real steps of growing batches: `.suggestion`, and `.table` with images/s and memory of each size. Leaves no run.

        Args:
            fix: write the suggestion into photobench.toml.
        """
        found = workflow.find_batch(self._inner(**options))
        if fix:
            say("\n".join(workflow.prescribe(self._inner(), {"train.batch_size": found.suggestion})))
        return found

    def tune(
        self,
        trials: int = 30,
        timeout_s: float | None = None,
        study: str | None = None,
        anew: bool = False,
        folds: int = 0,
        fix: bool = False,
        **options: Any,
    ) -> Tuned:
        """Many cheap trainings with other options, then the best in full: `.trials`, `.finals`, `.changes`, `.importance`; `print` says it all.

        Args:
            trials: of the study in all. What was tried is kept: the next call goes on, and several processes share it.
            timeout_s: of this call.
            study: name of the search; another name, another one beside it.
            anew: forget what was tried under this name.
            folds: compare the best with the project once more, each by so many fold models.
            fix: write the options of the best into photobench.toml, also where its gain is within noise (`.doubt`), which is said.
        """
        bench = self._inner(**options)
        tuned = workflow.tune(bench, trials, timeout_s, study, anew, folds)
        if fix and tuned.changes:
            say("\n".join([*workflow.prescribe(bench, tuned.changes), *tuned.caution]))
        return tuned

    def run(self, **options: Any) -> Run:
        """The whole journey, as `photobench run`."""
        bench = self._inner(**options)
        return Run(bench, workflow.run(bench))

    def doctor(self, fix: bool = False, seconds: float = 30.0, **options: Any) -> Checkup:
        """What limits a training here, which settings are faster, how long a run takes: `print(bench.doctor())`.

        Args:
            fix: write what was measured better into photobench.toml.
            seconds: about as long as it may take.
        """
        bench = self._inner(**options)
        checkup = workflow.doctor(bench, seconds)
        if fix and checkup.changes:
            say("\n".join(workflow.prescribe(bench, checkup.changes)))
        return checkup
