"""One run told whole: what it was given, how it learnt, how good it is, what it cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from photobench import evaluate
from photobench.records import RunRecord
from photobench.words import columns, duration, size_text
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.bench import Bench
from photobench.workflow.models.chosen import chosen_options
from photobench.workflow.runs.listing import named, size_of

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 60
"""Letters of a curve at the most."""
CURVES = {
    "train_loss": "loss",
    "valid_loss": "valid loss",
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "lr": "rate",
}


def show_run(bench: Bench, name: str) -> str:
    """Of a run or a set of folds, finished or not: everything a person asks of it, as text.

    Raises:
        WorkspaceError: there is none of this name.
    """
    whole = named(bench, name)
    unfinished = next((r for r in bench.workspace.list_runs() if r.name == whole and r.status != "finished"), None)
    if unfinished:
        return "\n\n".join(_parts(bench, whole, [unfinished], []))
    answerer = find_answerer(bench, whole)
    tables = [evaluate.table(evaluation) for evaluation in answerer.evaluations().values()]
    return "\n\n".join(_parts(bench, whole, answerer.runs, tables))


def _parts(bench: Bench, name: str, runs: Sequence[RunRecord], tables: Sequence[str]) -> list[str]:
    first = runs[0]
    facts = columns(_facts(bench, name, runs), ("", "")).strip("\n ")
    options = "\n".join(["options that are not the default:", *(f"  {line}" for line in _options(first))])
    curves = _curves(first) if len(runs) == 1 else ""
    folds = _runs(runs) if len(runs) > 1 else ""
    notes = "\n".join(f"note: {note}" for record in runs for note in record.notes)
    return [part for part in (facts, *tables, folds, curves, options, notes) if part]


def _facts(bench: Bench, name: str, runs: Sequence[RunRecord]) -> list[tuple[str, str]]:
    first, root = runs[0], bench.workspace.root
    folders = [root / record.folder for record in runs]
    seconds = sum(record.timings.get("train", 0.0) for record in runs)
    epochs = sum(len(record.history) for record in runs)
    standing = bench.workspace.standing(first)
    status = f"{standing}, for {first.purpose}" if first.purpose else standing
    tags = bench.workspace.tags().get(name, [])
    environment = ", ".join(f"{key} {value}" for key, value in first.environment.items())
    facts = [
        ("run", name),
        ("status", status if len(runs) == 1 else f"{len(runs)} runs, all finished"),
        ("tags", ", ".join(tags)),
        ("begun", first.created[:16].replace("T", " ")),
        ("training", f"{duration(seconds)}, {epochs:,} epochs, seed {first.seed}" if seconds else f"{epochs:,} epochs"),
        ("size", f"{size_text(sum(map(size_of, folders)), 1)}{_largest(folders)}"),
        ("made with", environment),
        ("folder", ", ".join(record.folder for record in runs) if len(runs) < 3 else f"{first.folder}, …"),
        ("report", f"photobench report --run {name}" if first.status == "finished" else ""),
    ]
    return [(key, value) for key, value in facts if value]


def _largest(folders: Sequence[Path]) -> str:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    if not files:
        return ""
    largest = max(files, key=lambda path: path.stat().st_size)
    return f", of which {largest.name} {size_text(largest.stat().st_size, 1)}"


def _options(record: RunRecord) -> list[str]:
    return chosen_options(record.config) or ["none"]


def _curves(record: RunRecord) -> str:
    rows = []
    for key, name in CURVES.items():
        values = [float(row[key]) for row in record.history if key in row]
        if len(values) > 1:
            rows.append((name, sparkline(values), f"{values[0]:.4g} → {values[-1]:.4g}"))
    return columns(rows, ("epoch by epoch", "", "first → last")) if rows else ""


def sparkline(values: Sequence[float]) -> str:
    """`▁▄█`: one letter per value, of many the mean of neighbours; from the lowest to the highest of them."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return ""
    step = max(1, math.ceil(len(finite) / WIDTH))
    means = [sum(part) / len(part) for part in (finite[at : at + step] for at in range(0, len(finite), step))]
    low, high = min(means), max(means)
    scale = (len(BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(BLOCKS[round((value - low) * scale)] for value in means)


def _runs(runs: Sequence[RunRecord]) -> str:
    rows = [
        (r.name, *(f"{r.metrics[m]:.3f}" if m in r.metrics else "" for m in ("macro_f1", "accuracy")), f"{len(r.history)}",
         duration(r.timings["train"]) if "train" in r.timings else "")
        for r in runs
    ]  # fmt: skip
    return columns(rows, ("its runs", "macro-F1", "accuracy", "epochs", "time"))
