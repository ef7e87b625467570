"""What a search has found: said, written into the study's folder, and read again for the report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from photobench.explore import Figure as Drawn
from photobench.explore.tuned import tuned_figures
from photobench.report import TunedInputs
from photobench.tune.trials import Trial, trials_frame
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import run_manifest
from photobench.workflow.search.finals import Final, InFolds, compare_in_folds, finals_table, luck_of, tried_samples
from photobench.workflow.search.searching import Cheaper, own_value
from photobench.workflow.search.words_of_finals import (
    about_folds,
    about_trials,
    doubt,
    finals_rows,
    finals_text,
    leave_it,
    verdict,
)
from photobench.workspace import read_json

if TYPE_CHECKING:
    from photobench.tune.study import Search


@dataclass(frozen=True)
class Tuned:
    """What a search has found."""

    folder: Path
    trials: pd.DataFrame
    """A row per trial: number, status, score, rank among the finished, epochs, seconds, run, and a column per option."""
    finals: pd.DataFrame
    """A row per training in full: score on the validation photos, how much better than the project as it is, with its interval."""
    changes: Mapping[str, Any]
    """The options of the best training in full that are not as in the project; none where the project itself is best."""
    sentences: tuple[str, ...]
    importance: Mapping[str, float]
    figures: tuple[Drawn, ...] = ()
    doubt: str = ""
    """Why the changes are no reason to change the project, without a full stop; empty where they are better beyond noise."""

    @property
    def caution(self) -> list[str]:
        """To be said where they are written all the same."""
        return [f"note: {self.doubt}: what was written may be no better than what was there."] if self.doubt else []

    def __str__(self) -> str:
        tables = [] if self.finals.empty else [finals_text(self.finals)]
        return "\n\n".join([*tables, "\n".join(self.sentences), f"Figures and tables: {self.folder}"])


def conclude(
    bench: Bench, search: Search, finals: Sequence[Final], cheap: Cheaper, limit: int, folds: int, data: str
) -> Tuned:
    """What came of it, in words, tables and figures, which are written into the study's folder."""
    with bench.workspace.lock("photobench tune"):
        trials = search.trials()
        best = max(
            finals, key=lambda final: final.score, default=None
        )  # of equals the project as it is, then the better trial
        folder = bench.workspace.tune / search.name
        tried = tried_samples(bench, trials, finals)
        table = finals_table(bench, finals, tried)
        luck = luck_of(bench, tried)
        importance = search.importance()
        num_photos = len(run_manifest(bench, best.record).rows("valid")) if best else 0
        sentences = [*about_trials(trials, cheap, limit), *verdict(finals, best, table, luck, num_photos, len(tried))]
        in_folds = compare_in_folds(bench, best, folds) if folds and best and not best.trial.is_default else None
        if in_folds:
            sentences.append(about_folds(in_folds))
        why_not = doubt(finals, best, table, in_folds)
        if why_not:
            sentences.append(leave_it(why_not, in_folds is not None))
        changes = best.trial.changes if best else {}
        changes = {key: value for key, value in changes.items() if value != own_value(bench, key)}
        frame = trials_frame(trials)
        figures = tuned_figures(frame, importance, bench.options.train.metric, _own_values(trials))
        tuned = Tuned(folder, frame, table, changes, tuple(sentences), importance, tuple(figures), why_not)
        _write(bench, tuned, data, best, in_folds)
        return tuned


def _own_values(trials: Sequence[Trial]) -> Mapping[str, Any]:
    return next((t.values for t in trials if t.is_default), {})


def _write(bench: Bench, tuned: Tuned, data: str, best: Final | None, in_folds: InFolds | None) -> None:
    write = bench.workspace.write
    write(tuned.folder / "trials.csv", tuned.trials.to_csv(index=False))
    write(tuned.folder / "finals.csv", tuned.finals.to_csv(index=False))
    for figure in tuned.figures:
        write(tuned.folder / f"{figure.key}.csv", figure.data.to_csv(index=False))
        if figure.drawing:
            write(tuned.folder / f"{figure.key}.png", figure.drawing.png())
    about = {
        "data": data,
        "metric": bench.options.train.metric,
        "best": best.record.name if best else "",
        "folds": in_folds.runs if in_folds else [],
        "sentences": list(tuned.sentences),
        "importance": dict(tuned.importance),
        "changes": dict(tuned.changes),
        "trials": json.loads(tuned.trials.to_json(orient="records", double_precision=15)),
        "finals": json.loads(tuned.finals.to_json(orient="records", double_precision=15)),
    }
    write(tuned.folder / "tune.json", json.dumps(about, indent=1, ensure_ascii=False))


def read_tuned(bench: Bench, data: str) -> TunedInputs | None:
    """What the latest search on these photos, labels and split has found, for the report; None where there was none."""
    files = sorted(bench.workspace.tune.glob("*/tune.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in files:
        about = read_json(path, dict)
        if about["data"] == data:
            heads, rows = finals_rows(pd.DataFrame(about["finals"]))
            trials = pd.DataFrame(about["trials"])
            own = {key: None for key in trials.columns if "." in key}
            figures = tuned_figures(trials, about["importance"], about["metric"], own)
            return TunedInputs(path.parent.name, about["sentences"], heads, rows, figures)
    return None
