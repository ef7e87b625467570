"""Runs beside each other: how good each is, how far it is from the first, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from photobench.compare import difference
from photobench.config import flat, shown
from photobench.errors import PhotobenchError
from photobench.evaluation import Figure
from photobench.progress import columns, duration
from photobench.records import RunRecord
from photobench.workflow.asking import evaluate_run, run_manifest, split_predictions
from photobench.workflow.bench import Bench
from photobench.workflow.training import train

METRIC = "macro_f1"
SHOWN = 4
"""Options of the table."""


@dataclass(frozen=True)
class Compared:
    """A run, its macro-F1 on the validation photos, how much better than the first run it is (None for that one), and its seconds."""

    record: RunRecord
    score: Figure
    gain: Figure | None
    seconds: float

    changes: str
    """The options in which the run differs from the first."""


def compare(bench: Bench, runs: Sequence[str] = (), modes: Sequence[str] = ()) -> list[Compared]:
    """Finished runs by their names, and a training in each of these modes (model.mode), against the first of all.

    Raises:
        PhotobenchError: fewer than two, or they were validated on different photos.
        ConfigError: there is no such mode.
    """
    benches = [replace(bench, project=bench.project.changed({"model": {"mode": mode}}, "--modes")) for mode in modes]
    if len(runs) + len(modes) < 2:
        raise PhotobenchError(
            "compare wants two or more: runs by name (photobench list runs), or modes, such as --modes frozen,finetune."
        )
    records = [bench.workspace.find_run(name) for name in runs] + [train(changed) for changed in benches]
    return [_compared(bench, record, records[0]) for record in records]


def _compared(bench: Bench, record: RunRecord, first: RunRecord) -> Compared:
    score = evaluate_run(bench, record.name)["valid"].joint.metrics[METRIC]
    gain = None
    if record.name != first.name:
        manifest = run_manifest(bench, record)
        said, other = (split_predictions(bench, one, "valid") for one in (record, first))
        gain = difference(manifest, said, other, "valid", bench.options.evaluate)[METRIC]
    return Compared(record, score, gain, record.timings.get("train", float("nan")), _changes(record, first))


def _changes(record: RunRecord, first: RunRecord) -> str:
    mine, theirs = (flat(one.config) for one in (record, first))
    changed = [f"{key} = {shown(value)}" for key, value in mine.items() if value != theirs.get(key, value)]
    return ", ".join(changed[:SHOWN]) + (f", and {len(changed) - SHOWN} more" if len(changed) > SHOWN else "")


def comparison_text(compared: Sequence[Compared]) -> str:
    """A table, and a sentence for each run but the first."""
    first = compared[0]
    rows = [
        (
            c.record.name,
            *_texts(c.score),
            *(_texts(c.gain, "+") if c.gain else ("", "")),
            duration(c.seconds),
            c.changes,
        )
        for c in compared
    ]
    head = ("run", "macro-F1", "interval", "against the first", "interval", "time", "what differs")
    return "\n".join([columns(rows, head), "", *(_verdict(c, first) for c in compared[1:])])


def _verdict(one: Compared, first: Compared) -> str:
    assert one.gain is not None
    gain, names = one.gain, f"{one.record.name} and {first.record.name}"
    times = f"{duration(one.seconds)} against {duration(first.seconds)} of training."
    if not gain.low <= gain.high:
        return f"{names} are {gain.value:+.3f} macro-F1 apart; how sure that is cannot be said: too few groups, or no difference. {times}"
    if gain.low <= 0 <= gain.high:
        return f"{names} are no different beyond doubt: {gain.value:+.3f} macro-F1 ({gain.low:+.3f} to {gain.high:+.3f}). {times}"
    near, far = sorted((abs(gain.low), abs(gain.high)))
    word = "better" if gain.low > 0 else "worse"
    return f"{one.record.name} is {word} than {first.record.name} by {abs(gain.value):.3f} macro-F1 ({near:.3f} to {far:.3f}). {times}"


def _texts(figure: Figure, sign: str = "") -> tuple[str, str]:
    value = f"{figure.value:{sign}.3f}"
    return value, f"{figure.low:{sign}.3f} – {figure.high:{sign}.3f}" if figure.low <= figure.high else "–"
