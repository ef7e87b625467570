"""The verbs in Python, for notebooks and scripts: a thin face over workflow, as the command line is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import pandas as pd

from photobench import workflow
from photobench.doctor.checkup import Checkup
from photobench.evaluate import Evaluation
from photobench.progress import say
from photobench.project import by_name
from photobench.records import Manifest, RunRecord, findings_frame

if TYPE_CHECKING:
    from photobench.workflow.finding import FoundRate, FoundSize
    from photobench.workflow.tuned import Tuned


class Run:
    """A finished training."""

    def __init__(self, bench: workflow.Bench, record: RunRecord):
        self._own, self.record = bench, record

    @property
    def _bench(self) -> workflow.Bench:
        """Photos may come and go while a notebook is open: each verb looks anew."""
        return replace(self._own, prepared={})

    name = property(lambda self: self.record.name)
    metrics: dict[str, float] = property(lambda self: self.record.metrics)  # type: ignore[assignment]
    """Of the best epoch, on the validation photos."""

    @property
    def folder(self) -> Path:
        return self._bench.workspace.root / self.record.folder

    @property
    def history(self) -> pd.DataFrame:
        """A row per epoch."""
        return pd.DataFrame(self.record.history)

    def evaluate(self) -> dict[str, Evaluation]:
        """`{"valid": …, "test": …}`: every metric with its interval."""
        return workflow.evaluate_run(self._bench, self.name)

    def predict(self, paths: str | Path | Sequence[str | Path] = ()) -> pd.DataFrame:
        """A row per photo: labels, class, confidence, probabilities, and the reason where a photo cannot be read.

        Args:
            paths: photos, folders of photos or tables with a path column; the evaluation set where empty.
        """
        asked = [paths] if isinstance(paths, str | Path) else list(paths)
        return workflow.predict(self._bench, asked, self.name).to_frame()

    def explain(self, photos: str | Path | Sequence[str | Path] = (), out: str | Path | None = None) -> Path:
        """Where it looks: a page with maps over its worst mistakes, or over these photos.

        Args:
            photos: photos, folders of photos or tables with a path column.
            out: another file than the workspace's `explain.html`.
        """
        asked = [photos] if isinstance(photos, str | Path) else list(photos)
        return workflow.explain(self._bench, asked, self.name, out=Path(out) if out is not None else None)

    def slices(self) -> workflow.Slices:
        """Where it fails: `print` shows the kinds of photos with more mistakes than chance explains, `.to_frame()` is a table of them."""
        return workflow.slices(self._bench, self.name)

    def submit(self) -> Path:
        """The submission, written in the form of the sample and checked."""
        return workflow.submit(self._bench, self.name)

    def report(self) -> Path:
        """The report of this run: one HTML file."""
        return workflow.report(self._bench, self.name)

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v:.4f}" for k, v in self.metrics.items() if k in ("macro_f1", "accuracy"))
        return f"<Run {self.name}: {shown}>"


class Bench:
    """A project: `bench.train(backbone="resnet18")`. Every verb takes options by name; what is up to date is not done again."""

    def __init__(self, workspace: str | Path, **options: Any):
        self._root, self._sets = Path(workspace), [by_name(options)] if options else []
        self._inner()  # mistakes are named now, not at the first verb

    def _inner(self, **options: Any) -> workflow.Bench:
        changes = [*self._sets, *([by_name(options)] if options else [])]
        return workflow.open_bench(self._root, changes, origin="argument")

    @property
    def options(self) -> Any:
        """Every option as it is resolved: `bench.options.train.epochs`."""
        return self._inner().options

    def manifest(self, **options: Any) -> Manifest:
        """The photos, their labels and the split; `.frame` is a DataFrame."""
        return workflow.prepare(self._inner(**options)).manifest

    def explore(self, out: str | Path | None = None, **options: Any) -> Path:
        """What is unusual in the data, figures with words, and a map of the photos: the page, beside it each figure as PNG and CSV.

        Args:
            out: another folder than the workspace's `explore/`.
        """
        return workflow.explore(self._inner(**options), Path(out) if out is not None else None)

    @overload
    def train(self, *, folds: int, repeats: int = 1, **options: Any) -> workflow.FoldedRuns: ...

    @overload
    def train(self, **options: Any) -> Run: ...

    def train(self, *, folds: int = 0, repeats: int = 1, **options: Any) -> Run | workflow.FoldedRuns | None:
        """Train, or return the finished run of exactly these options.

        Args:
            folds: divide the labelled photos into so many parts, and train a model without each: `.predictions` are what they say of
                the photos that they did not learn from, `.evaluation` how good that is, `print` shows it.
            repeats: so many divisions into folds.
        """
        bench = self._inner(**options)
        if folds or repeats != 1:
            return workflow.train_folds(bench, folds, repeats)
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
            fix: write the options of the best into photobench.toml.
        """
        bench = self._inner(**options)
        tuned = workflow.tune(bench, trials, timeout_s, study, anew, folds)
        if fix and tuned.changes:
            say("\n".join(workflow.prescribe(bench, tuned.changes)))
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

    def audit(self, *checks: str, **options: Any) -> pd.DataFrame:
        """What is probably wrong, a row per finding, the most suspicious first: `bench.audit("labels").head(50)`.

        Columns: check, kind, path, attribute, score, given, suggested, fix, evidence, related, cluster. What was said of the whole,
        and what could not be looked at, are in `.attrs["notes"]`.
        """
        checked = workflow.audit(self._inner(**options), checks)
        frame = findings_frame(workflow.ranked(checked))
        skipped = [f"{one.check} was not made: {one.skipped}" for one in checked if one.skipped]
        frame.attrs["notes"] = [*(note for one in checked for note in one.notes), *skipped]
        return frame

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

    def plan(self) -> workflow.Plan:
        """What to send next: `print(bench.plan())` says why, `.frame` has a row per candidate."""
        return workflow.plan_submissions(self._inner())

    def get_run(self, name: str | None = None) -> Run:
        """A finished run by its name, the start of it, or a tag; the latest for None."""
        bench = self._inner()
        return Run(bench, bench.workspace.find_run() if name is None else workflow.find_single_run(bench, name))

    def report(self, name: str | None = None) -> Path:
        """The report of a run (the latest for None), or of the data where nothing is trained yet."""
        return workflow.report(self._inner(), name)

    def __repr__(self) -> str:
        return f"<Bench {self._root.resolve()}>"


def open(workspace: str | Path = ".", **options: Any) -> Bench:
    """The project in a folder that `photobench init` (or `pb.init`) has made.

    Raises:
        PhotobenchError: there is none, or it has mistakes (all are named).
    """
    return Bench(workspace, **options)


def init(
    photos: str | Path, workspace: str | Path = ".", labels: str | Path | None = None, force: bool = False
) -> Bench:
    """Look at the photos, say what was understood, write a project file, and open it.

    Args:
        labels: the label table, where it is not found by itself.
        force: replace the project file that is there.
    """
    say(workflow.init(Path(photos), Path(workspace), Path(labels) if labels else None, force))
    return Bench(workspace)
