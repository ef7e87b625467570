"""The runs of a workspace as a table, each with its score, its interval, and in what it differs; and their tags."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from photobench.compare.table import RunLine, highest, what_differs
from photobench.errors import PhotobenchError, WorkspaceError
from photobench.evaluation import NAN, Evaluation, Figure
from photobench.progress import progress
from photobench.records import RunRecord
from photobench.words import columns, count, duration, examples, size_text
from photobench.workflow.answers.answering import Glance, find_answerer, together
from photobench.workflow.answers.folding import list_folds
from photobench.workflow.bench import Bench
from photobench.workspace import read_json

SHOWN = 4
"""Options of a line."""
TAG = re.compile(r"[\w.+-]{1,40}")


def list_runs(bench: Bench, every: bool = False, pattern: str = "") -> list[RunLine]:
    """As `glance_at_runs`, after measuring what has no interval yet; a line stays without one where its model is lost."""
    unmeasured = [line.name for line in glance_at_runs(bench, every, pattern) if is_unmeasured(line)]
    with progress(len(unmeasured), "evaluate", "runs") as bar:
        for name in unmeasured:
            _measure(bench, name)
            bar.advance()
    return glance_at_runs(bench, every, pattern)


def glance_at_runs(bench: Bench, every: bool = False, pattern: str = "") -> list[RunLine]:
    """A line for each run and for each that is several of them under one name, by name, as they are known: nothing is measured or written.

    Args:
        every: also the folds of a set, and those that were trained for a check; else they are part of the line of their set, or not shown.
        pattern: part of the name or of a tag.
    """
    sets, tags = together(bench), bench.workspace.tags()
    within = {record.name: name for name in list_folds(bench) if name in sets for record in sets[name].runs}
    records = [r for r in bench.workspace.list_runs() if every or not (r.purpose or r.name in within)]
    records = [r for r in records if _fits(pattern, r.name, tags)]
    lines = [(_line(bench, r, within.get(r.name, "")), r) for r in records]
    glances = {name: glance for name, glance in sets.items() if _fits(pattern, name, tags)}
    lines += [
        (_line_of_set(bench, name, glance), glance.runs[0]) for name, glance in glances.items() if not glance.parts
    ]
    differs = what_differs([record.config for _, record in lines])
    told = [
        replace(line, differs=(*_fold(line, record), *options))
        for (line, record), options in zip(lines, differs, strict=True)
    ]
    told += [replace(_line_of_set(bench, name, glance), differs=tuple(f"with {part}" for part in glance.parts))
             for name, glance in glances.items() if glance.parts]  # fmt: skip
    return sorted((replace(line, tags=tuple(tags.get(line.name, ()))) for line in told), key=lambda line: line.name)


def is_unmeasured(line: RunLine) -> bool:
    """Finished, and without an evaluation."""
    return not line.status and not line.num_photos


def _measure(bench: Bench, name: str) -> None:
    try:
        find_answerer(bench, name).evaluations()
    except PhotobenchError:  # its model is lost
        return


def _fits(pattern: str, name: str, tags: Mapping[str, Sequence[str]]) -> bool:
    return any(pattern in text for text in (name, *tags.get(name, ())))


def _line(bench: Bench, record: RunRecord, within: str) -> RunLine:
    status = {"finished": ""}.get(standing := bench.workspace.standing(record), standing)
    line = RunLine(
        name=record.name,
        kind="run",
        status=status,
        begun=record.created,
        purpose=record.purpose,
        seconds=record.timings.get("train", NAN),
        size_bytes=size_of(bench.workspace.root / record.folder),
        epochs=len(record.history),
        most_epochs=record.config.get("train", {}).get("epochs", 0),
        within=within,
    )
    kept = bench.workspace.root / record.folder / "evaluation-valid.json"
    if record.status == "finished" and kept.exists():
        return _scored(line, read_json(kept, Evaluation.from_json))
    if record.status != "finished" and record.history:
        line = replace(line, so_far=record.history[-1].get("macro_f1", NAN))
    figures = {name: Figure(record.metrics[name]) for name in ("macro_f1", "accuracy") if name in record.metrics}
    return replace(line, on="valid", **figures) if figures else line  # type: ignore[arg-type]


def _line_of_set(bench: Bench, name: str, glance: Glance) -> RunLine:
    folders = {bench.workspace.root / record.folder for record in glance.runs} | {glance.folder}
    line = RunLine(
        name=name,
        kind="set",
        status="",
        begun=glance.runs[0].created,
        seconds=sum(record.timings.get("train", 0.0) for record in glance.runs),
        size_bytes=sum(size_of(folder) for folder in folders if folder),
        epochs=sum(len(record.history) for record in glance.runs),
    )
    return _scored(line, glance.evaluation) if glance.evaluation else line


def _scored(line: RunLine, evaluation: Evaluation) -> RunLine:
    figures = {name: evaluation.joint.metrics[name] for name in ("macro_f1", "accuracy")}
    return replace(line, on=evaluation.split, num_photos=evaluation.num_photos, **figures)  # type: ignore[arg-type]


def _fold(line: RunLine, record: RunRecord) -> list[str]:
    """`fold 2/5` of a run, nothing for one on the whole."""
    split = record.config.get("split", {})
    if line.kind != "run" or not split.get("folds"):
        return []
    return [
        f"fold {split['fold']}/{split['folds']}" + (f" of division {split['repeat'] + 1}" if split["repeat"] else "")
    ]


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0


def runs_text(bench: Bench, every: bool = False, pattern: str = "") -> str:
    """The table, and a sentence about what it leaves out."""
    lines = list_runs(bench, every, pattern)
    hidden = [] if every or pattern else _hidden(bench, lines)
    if not lines:
        none = f"No run has {pattern} in its name or tags" if pattern else "No runs"
        more = f" {hidden[0]}" if hidden else ""
        return f"{none} in {bench.workspace.root}. Train one with: photobench train{more}"
    best = highest(lines)
    scores = [_score_cells(line, best) for line in lines]
    shows = {"status": any(line.standing for line in lines), "tags": any(line.tags for line in lines)}
    heads = ["run", *(["status"] if shows["status"] else []), "macro-F1", "interval", "accuracy", "on", "time", "size",
             *(["tags"] if shows["tags"] else []), "what differs"]  # fmt: skip
    rows = [
        [line.name, *([line.standing] if shows["status"] else []), *cells, *_cost_cells(line),
         *([", ".join(line.tags)] if shows["tags"] else []), examples(line.differs, SHOWN)]
        for line, cells in zip(lines, scores, strict=True)
    ]  # fmt: skip
    end = ["", "* the highest; whether that is more than noise: photobench runs compare A B"] if best else []
    return "\n".join([columns(rows, heads), *end, *hidden])


def _score_cells(line: RunLine, best: RunLine | None) -> list[str]:
    score, mark = line.macro_f1, " *" if line is best else ""
    value = f"{score.value:.3f}{mark}" if score.value == score.value else ""
    accuracy = f"{line.accuracy.value:.3f}" if value else ""
    on = f"{line.on}, {line.num_photos:,}" if line.num_photos else line.on
    return [value, score.interval(" – "), accuracy, on]


def _cost_cells(line: RunLine) -> list[str]:
    return [duration(line.seconds) if line.seconds == line.seconds else "", size_text(line.size_bytes, 1)]


def _hidden(bench: Bench, lines: Iterable[RunLine]) -> list[str]:
    """How many runs the table does not show, and what they are for."""
    shown = {line.name for line in lines}
    left = [record for record in bench.workspace.list_runs() if record.name not in shown]
    folded = sum(not record.purpose for record in left)
    purposes = Counter(record.purpose for record in left if record.purpose)
    parts = [f"{count(folded, 'run')} of sets"] * bool(folded)
    parts += [f"{number:,} for {purpose}" for purpose, number in sorted(purposes.items())]
    return [f"Not shown: {', '.join(parts)}. Each of them: photobench runs --all"] if parts else []


def runs_table(bench: Bench) -> pd.DataFrame:
    """A row per run, by name: status, the best epoch's metrics on `valid`, the intervals of macro-F1 and accuracy, epochs, seconds of training, size, tags."""
    records = {r.name: r for r in bench.workspace.list_runs()}
    lines = [line for line in list_runs(bench, every=True) if line.name in records]
    rows = [_row(line, records[line.name]) for line in lines]
    return pd.DataFrame(rows, columns=None if rows else ["run", "status"]).sort_values("run", ignore_index=True)


def _row(line: RunLine, record: RunRecord) -> dict[str, Any]:
    split = record.config.get("split", {})
    return {
        "run": record.name,
        "status": record.status,
        **({"folds": split["folds"], "fold": split["fold"], "set": line.within} if split.get("folds") else {}),
        **record.metrics,
        "macro_f1_low": line.macro_f1.low,
        "macro_f1_high": line.macro_f1.high,
        "accuracy_low": line.accuracy.low,
        "accuracy_high": line.accuracy.high,
        "epochs": line.epochs,
        "train_s": record.timings.get("train"),
        "size_mb": line.size_bytes / 1e6,
        "begun": record.created,
        "tags": ", ".join(line.tags),
    }


def tag(bench: Bench, name: str, word: str, remove: bool = False) -> str:
    """Give a run, or a set, a word by which it is found and which keeps it; or take it away.

    Raises:
        WorkspaceError: there is no such run, it has no such tag, or the word is no tag.
    """
    if not TAG.fullmatch(word):
        raise WorkspaceError(
            f'"{word}" cannot be a tag: use 1 to 40 letters, digits, dots, pluses, hyphens or underscores.'
        )
    found = named(bench, name)
    if remove and word not in bench.workspace.tags().get(found, ()):
        theirs = ", ".join(bench.workspace.tags().get(found, ())) or "none"
        raise WorkspaceError(f'{found} has no tag "{word}". Its tags: {theirs}.')
    others = {record.name for record in bench.workspace.list_runs()} | set(together(bench))
    if not remove and word in others:
        raise WorkspaceError(f'"{word}" is the name of a run, which is found by it. Choose another tag.')
    (bench.workspace.remove_tag if remove else bench.workspace.add_tag)(found, word)
    return f"{found}: {', '.join(bench.workspace.tags().get(found, ())) or 'no tags'}"


def named(bench: Bench, name: str) -> str:
    """The whole name of a run, finished or not, or of a set, by its start.

    Raises:
        WorkspaceError: there is none, or the start fits several.
    """
    unfinished = [r.name for r in bench.workspace.list_runs() if r.status != "finished"]
    exact = [one for one in unfinished if one == name] or [one for one in unfinished if one.startswith(name)]
    return exact[0] if len(exact) == 1 else find_answerer(bench, name).name
