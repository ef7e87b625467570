"""The best trials trained in full beside the project as it is, and what is to be believed of the difference."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from photobench import config
from photobench.compare import difference
from photobench.evaluate import joint_sample
from photobench.evaluation import Figure
from photobench.explore import Figure as Drawn
from photobench.explore.tuned import tuned_figures
from photobench.progress import columns, say
from photobench.records import Predictions, RunRecord
from photobench.sources.files import count
from photobench.tune.luck import Luck, luck_of_choosing
from photobench.tune.study import Search
from photobench.tune.trials import (
    FINISHED,
    GIVEN_UP,
    IMPOSSIBLE,
    RUNNING,
    Trial,
    rank_of_default,
    ranking,
    trials_frame,
)
from photobench.workflow.answering import FoldSet
from photobench.workflow.asking import run_manifest, split_predictions
from photobench.workflow.bench import Bench
from photobench.workflow.folding import train_folds
from photobench.workflow.judging_folds import OUT_OF_FOLD
from photobench.workflow.searching import Cheaper, in_full
from photobench.workflow.trying import held, train_apart

METRIC = "macro_f1"
POLL_S = 1.0


@dataclass(frozen=True)
class Final:
    """A training in full: the project as it is, or one of the best trials."""

    trial: Trial
    record: RunRecord

    @property
    def name(self) -> str:
        return "the project as it is" if self.trial.is_default else f"trial {self.trial.number}"


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

    def __str__(self) -> str:
        tables = [] if self.finals.empty else [_finals_text(self.finals)]
        return "\n\n".join([*tables, "\n".join(self.sentences), f"Figures and tables: {self.folder}"])


def train_finalists(bench: Bench, search: Search, claims: Path) -> list[Final]:
    """The project as it is and the best trials, each trained in full by one process; those of others are waited for."""
    trials, number = search.trials(), bench.options.tune.finalists
    best = [t for t in ranking(trials) if not t.is_default][:number]
    default = next((t for t in trials if t.is_default), None)
    if not number or default is None:
        return []
    pending, done, is_told = {t.number: t for t in (default, *best)}, dict[int, Final](), False
    while pending:
        before = len(pending)
        for trial in list(pending.values()):
            claim = bench.workspace.claim(claims / f"final-{trial.number}.lock")
            if claim is None:
                continue
            with claim:
                done[trial.number] = _in_full(bench, trial)
            del pending[trial.number]
        if len(pending) == before:
            if not is_told:
                say(f"tune: waiting for {count(before, 'training')} in full of another process")
            is_told = True
            time.sleep(POLL_S)
    return [done[t.number] for t in (default, *best)]


def _in_full(bench: Bench, trial: Trial) -> Final:
    full = in_full(bench, trial.changes)
    say(f"tune: {'the project as it is' if trial.is_default else f'trial {trial.number}'}, in full")
    return Final(trial, train_apart(full, ("valid", "test")))


def conclude(
    bench: Bench, search: Search, finals: Sequence[Final], cheap: Cheaper, limit: int, folds: int = 0
) -> Tuned:
    """What came of it, in words, tables and figures, which are written into the study's folder."""
    with held(bench):
        trials = search.trials()
        best = max(finals, key=_score, default=None)  # of equals the project as it is, then the better trial
        folder = bench.workspace.tune / search.name
        table = _finals_table(bench, finals)
        luck = _luck(bench, trials)
        importance = search.importance()
        sentences = [*_about_trials(trials, cheap, limit), *_verdict(bench, finals, best, table, luck)]
        if folds and best and not best.trial.is_default:
            sentences.append(_of_folds(bench, best, folds))
        changes = best.trial.changes if best else {}
        changes = {key: value for key, value in changes.items() if value != _own(bench, key)}
        frame = trials_frame(trials)
        figures = tuned_figures(frame, importance, bench.options.train.metric, _own_values(trials))
        tuned = Tuned(folder, frame, table, changes, tuple(sentences), importance, tuple(figures))
        _write(bench, tuned)
        return tuned


def _score(final: Final) -> float:
    return final.record.metrics[final.record.config["train"]["metric"]]


def _own(bench: Bench, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(bench.options, section), name)


def _own_values(trials: Sequence[Trial]) -> Mapping[str, Any]:
    return next((t.values for t in trials if t.is_default), {})


def _finals_table(bench: Bench, finals: Sequence[Final]) -> pd.DataFrame:
    """The project as it is first, then the others by their trials' rank."""
    rows = []
    for final in finals:
        row: dict[str, Any] = {
            "what": final.name,
            "run": final.record.name,
            "options": ", ".join(
                f"{k} = {config.shown(v)}" for k, v in final.trial.changes.items() if v != _own(bench, k)
            ),
        }
        for split in _splits(bench, final.record):
            row[split] = final.record.metrics[METRIC] if split == "valid" else _macro_f1(bench, final.record, split)
            gain = None if final.trial.is_default else _gain(bench, final, finals[0], split)
            row |= {f"{split} gain{end}": getattr(gain, key) if gain else None
                    for end, key in (("", "value"), (" low", "low"), (" high", "high"))}  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def _splits(bench: Bench, record: RunRecord) -> list[str]:
    manifest = run_manifest(bench, record)
    return [split for split in ("valid", "test") if len(manifest.rows(split))]


def _macro_f1(bench: Bench, record: RunRecord, split: str) -> float:
    from photobench.metrics import score

    sample = joint_sample(run_manifest(bench, record), split_predictions(bench, record, split), split)
    return score(METRIC, sample.truth_N, sample.probs_NK)


def _gain(bench: Bench, one: Final, other: Final, split: str) -> Figure:
    said = [split_predictions(bench, final.record, split) for final in (one, other)]
    return difference(run_manifest(bench, one.record), *said, split, bench.options.evaluate)[METRIC]


def _luck(bench: Bench, trials: Sequence[Trial]) -> Luck | None:
    """Of choosing among all finished trials of this workspace, as they were trained: cheaply."""
    records = {record.name: record for record in bench.workspace.list_runs() if record.purpose == "tune"}
    known = [t for t in trials if t.status == FINISHED and t.run in records]
    files = {t.number: bench.workspace.root / records[t.run].folder / "predictions-valid.parquet" for t in known}
    known = sorted((t for t in known if files[t.number].exists()), key=lambda t: not t.is_default)
    if len(known) < 3 or not known[0].is_default:
        return None
    samples = [
        joint_sample(run_manifest(bench, records[t.run]), Predictions.read(files[t.number]), "valid") for t in known
    ]
    options = bench.options
    return luck_of_choosing(samples, options.train.metric, options.evaluate.seed, options.evaluate.confidence)


def _about_trials(trials: Sequence[Trial], cheap: Cheaper, limit: int) -> list[str]:
    number = {status: sum(t.status == status for t in trials) for status in (FINISHED, GIVEN_UP, IMPOSSIBLE, RUNNING)}
    parts = [
        f"{count(number[FINISHED], 'trial')} of {limit} {'was' if number[FINISHED] == 1 else 'were'} trained to the end"
    ]
    parts += [f"{number[GIVEN_UP]} given up early"] if number[GIVEN_UP] else []
    parts += [f"{number[IMPOSSIBLE]} cannot be trained"] if number[IMPOSSIBLE] else []
    parts += [f"{number[RUNNING]} not over yet"] if number[RUNNING] else []
    rank = rank_of_default(trials)
    how = "" if cheap.is_whole else ", trained as cheaply as they were,"
    place = (
        f" Among those that were finished the project as it is{how} has place {rank} of {number[FINISHED]}."
        if rank
        else ""
    )
    return [f"{', '.join(parts)}.{place}"]


def _verdict(
    bench: Bench, finals: Sequence[Final], best: Final | None, table: pd.DataFrame, luck: Luck | None
) -> list[str]:
    if best is None or len(finals) < 2:
        return ["Nothing was trained in full, so nothing is said of how much better the best trial is."]
    sentences = []
    photos = len(run_manifest(bench, best.record).rows("valid"))
    row = table.iloc[[final is best for final in finals].index(True)]
    if best.trial.is_default:
        sentences.append(
            f"In full, none of the best {len(finals) - 1} trials is better than the project as it is: leave it so."
        )
    else:
        gain = Figure(row["valid gain"], row["valid gain low"], row["valid gain high"])
        sentences.append(
            f"In full, {best.name} {_against(gain)}, on the {count(photos, 'validation photo')} that it was chosen on."
        )
        if "test gain" in row:
            gain = Figure(row["test gain"], row["test gain low"], row["test gain high"])
            sentences.append(f"On the test photos, which no choice looked at, it {_against(gain)}.")
    return sentences + ([_of_luck(luck)] if luck else [])


def _against(gain: Figure) -> str:
    """`is better than the project as it is by 0.031 macro-F1 (0.010 to 0.052)`, or that nobody can tell."""
    if not gain.low <= gain.high:
        return f"is {gain.value:+.3f} macro-F1 from the project as it is, and how sure that is cannot be said: too few groups, or no difference"
    if gain.low <= 0 <= gain.high:
        return (
            f"is within noise of the project as it is: {gain.value:+.3f} macro-F1 ({gain.low:+.3f} to {gain.high:+.3f})"
        )
    near, far = sorted((abs(gain.low), abs(gain.high)))
    word = "better" if gain.low > 0 else "worse"
    return f"is {word} than the project as it is by {abs(gain.value):.3f} macro-F1 ({near:.3f} to {far:.3f})"


def _of_luck(luck: Luck) -> str:
    unseen = luck.unseen
    return (
        f"The best of many looks better than it is. Of {luck.num_trials} finished trials the best gains {luck.seen:+.3f} on the photos that it is "
        f"chosen on; chosen on half of the {luck.num_groups} groups and measured on the other half, choosing gains {unseen.value:+.3f} "
        f"({unseen.low:+.3f} to {unseen.high:+.3f})."
    )


def _of_folds(bench: Bench, best: Final, folds: int) -> str:
    """The best and the project in folds: on photos of which most were not there when it was chosen."""
    told = []
    for values in (best.trial.changes, {}):
        folded = train_folds(in_full(bench, values), folds)
        assert folded is not None
        told.append(FoldSet(bench, folded).held_out())
    manifest = told[0].manifest
    chosen_on = set(run_manifest(bench, best.record).frame.query("split == 'valid'")["path"])
    rows = [row for row, path in enumerate(manifest.frame["path"]) if path not in chosen_on]
    part = manifest.part(pd.Index(rows).to_numpy())
    said = [_without(one.predictions, chosen_on) for one in told]
    gain = difference(part, *said, OUT_OF_FOLD, bench.options.evaluate)[METRIC]
    photos = len(part.rows(OUT_OF_FOLD))
    return f"In {folds} folds it {_against(gain)}, on the {count(photos, 'labelled photo')} that it was not chosen on."


def _without(predictions: Predictions, paths: set[str]) -> Predictions:
    rows = [row for row, path in enumerate(predictions.paths) if path not in paths]
    fold_N = predictions.fold_N
    return replace(
        predictions,
        paths=[predictions.paths[row] for row in rows],
        joint_NK=predictions.joint_NK[rows],
        reasons=[predictions.reasons[row] for row in rows],
        fold_N=None if fold_N is None else fold_N[rows],
    )


def _finals_text(table: pd.DataFrame) -> str:
    rows = []
    for row in table.to_dict("records"):
        cells = [row["what"], row["run"]]
        for split in ("valid", "test"):
            if split in row:
                cells += [f"{row[split]:.3f}", _gain_text(row, split)]
        rows.append((*cells, row["options"]))
    splits = [word for split in ("valid", "test") if split in table for word in (f"macro-F1 on {split}", "gain")]
    return columns(rows, ("in full", "run", *splits, "options"))


def _gain_text(row: Mapping[str, Any], split: str) -> str:
    value, low, high = (row[f"{split} gain{end}"] for end in ("", " low", " high"))
    if value is None or value != value:
        return ""
    return f"{value:+.3f}" + (f" ({low:+.3f} to {high:+.3f})" if low <= high else "")


def _write(bench: Bench, tuned: Tuned) -> None:
    write = bench.workspace.write
    write(tuned.folder / "trials.csv", tuned.trials.to_csv(index=False))
    write(tuned.folder / "finals.csv", tuned.finals.to_csv(index=False))
    for figure in tuned.figures:
        write(tuned.folder / f"{figure.key}.csv", figure.data.to_csv(index=False))
        if figure.drawing:
            write(tuned.folder / f"{figure.key}.png", figure.drawing.png())
    about = {
        "sentences": list(tuned.sentences),
        "importance": dict(tuned.importance),
        "changes": dict(tuned.changes),
        "finals": json.loads(tuned.finals.to_json(orient="records")),
    }
    write(tuned.folder / "tune.json", json.dumps(about, indent=1, ensure_ascii=False))
