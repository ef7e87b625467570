"""Runs that nothing needs are removed: first what would go is said, then it goes, each in steps that a kill leaves whole.

A folder is renamed into `.pruned/` beside the others, from when on no command knows it; then its rows leave the database; then its
files are removed. The next prune ends what a kill left in between.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from photobench.errors import PhotobenchError
from photobench.progress import progress
from photobench.records import RunRecord
from photobench.words import columns, count, size_text
from photobench.workflow.answers.answering import Glance, check_whole, together
from photobench.workflow.bench import Bench
from photobench.workflow.runs.listing import named, size_of
from photobench.workflow.search.studies import needed_by_studies
from photobench.workspace import disk_errors

TRASH = ".pruned"
METRIC = "macro_f1"


@dataclass(frozen=True)
class Removal:
    """A run, or what belongs to a set of them, that goes: why nothing is lost, and how much room it takes."""

    name: str
    folder: Path
    why: str
    size_bytes: int


@dataclass(frozen=True)
class PrunePlan:
    """What would go, in this order, what stays and why, and folders that a killed prune left."""

    goes: list[Removal]
    stays: dict[str, str]
    left_over: list[Path]

    @property
    def size_bytes(self) -> int:
        return sum(one.size_bytes for one in self.goes) + sum(map(size_of, self.left_over))


def prune(bench: Bench, names: Sequence[str] = (), keep: int = 1, leftovers: bool = False, yes: bool = False) -> str:
    """Say which runs nothing needs and how much room they take; with `yes`, remove them.

    Never one that a set of folds, another set or a search for better options needs, that a submission was made of, that has a tag, or that is the latest.

    Args:
        names: only these; a set may be named, and its runs go with it. Each must be removable.
        keep: so many finished runs with the highest macro-F1 stay, too.
        leftovers: only runs that were not finished, or made for a check.

    Raises:
        PhotobenchError: a name is not there, or needed (all are named); nothing is removed.
    """
    if keep < 0:
        raise PhotobenchError(f"--keep {keep}: so many of the best runs stay, 0 or more.")
    with bench.workspace.lock("photobench runs prune") if yes else contextlib.nullcontext():
        check_whole(bench)
        plan = _plan(bench, [named(bench, name) for name in names], keep, leftovers)
        if yes:
            _remove(bench, plan)
        return _text(plan, yes, bool(names))


def _plan(bench: Bench, names: Sequence[str], keep: int, leftovers: bool) -> PrunePlan:
    records, sets = bench.workspace.list_runs(), together(bench)
    doomed = {name: glance for name, glance in sets.items() if name in names}
    kept_sets = {name: glance for name, glance in sets.items() if name not in doomed}
    stays = needed(bench, records, kept_sets)
    _check_names(names, stays)
    wanted = {*names, *(record.name for glance in doomed.values() for record in glance.runs)}
    if not names:
        stays |= {name: f"one of the {keep} with the highest macro-F1" if keep > 1 else "the highest macro-F1"
                  for name in _best(records, keep) if name not in stays}  # fmt: skip
    goes = [
        Removal(name, glance.folder, "asked for", size_of(glance.folder))
        for name, glance in doomed.items() if glance.folder
    ]  # fmt: skip
    for record in sorted(records, key=_order):
        asked = record.name in wanted if names else (not leftovers or _is_leftover(record))
        if asked and record.name not in stays:
            folder = bench.workspace.root / record.folder
            goes.append(Removal(record.name, folder, _why(record), size_of(folder)))
    left_over = [path for home in (bench.workspace.runs, bench.workspace.folds) for path in (home / TRASH).glob("*")]
    return PrunePlan(goes, stays, left_over)


def needed(bench: Bench, records: Sequence[RunRecord], sets: Mapping[str, Glance]) -> dict[str, str]:
    """Why a run, or a set, must stay, by its name; of several reasons the first of KEEPERS. What a set needs its runs need."""
    reasons: dict[str, str] = {}
    for keeper in KEEPERS:
        for name, why in keeper(bench, records, sets).items():
            members = [record.name for record in sets[name].runs] if name in sets else []
            for one in (name, *members):
                reasons.setdefault(one, why)
    return reasons


Keeper = Callable[[Bench, Sequence[RunRecord], Mapping[str, Glance]], dict[str, str]]


def _tagged(bench: Bench, records: Sequence[RunRecord], sets: Mapping[str, Glance]) -> dict[str, str]:
    return {name: f"tagged {', '.join(tags)}" for name, tags in bench.workspace.tags().items()}


def _submitted(bench: Bench, records: Sequence[RunRecord], sets: Mapping[str, Glance]) -> dict[str, str]:
    """Files are named after who answers, with more words behind."""
    stems = [path.stem for path in bench.workspace.submissions.glob("*.csv")]
    known = sorted([*sets, *(record.name for record in records)], key=len, reverse=True)
    owners = {stem: next((name for name in known if stem == name or stem.startswith(f"{name}-")), "") for stem in stems}
    return {owner: f"submissions/{stem}.csv is made of it" for stem, owner in owners.items() if owner}


def _in_set(bench: Bench, records: Sequence[RunRecord], sets: Mapping[str, Glance]) -> dict[str, str]:
    return {record.name: f"part of {name}" for name, glance in sets.items() for record in glance.runs}


def _latest(bench: Bench, records: Sequence[RunRecord], sets: Mapping[str, Glance]) -> dict[str, str]:
    latest = bench.workspace.latest_run()
    return {latest.name: "the latest"} if latest else {}


def _to_go_on_with(bench: Bench, records: Sequence[RunRecord], sets: Mapping[str, Glance]) -> dict[str, str]:
    """The newest of all, where it was stopped: `photobench train` goes on with it."""
    newest = max(records, key=lambda record: record.created, default=None)
    unfinished = newest is not None and newest.status in ("running", "interrupted") and not newest.purpose
    return {newest.name: "stopped lately: photobench train goes on with it"} if newest and unfinished else {}


def _in_search(bench: Bench, records: Sequence[RunRecord], sets: Mapping[str, Glance]) -> dict[str, str]:
    return needed_by_studies(bench, records)


KEEPERS: tuple[Keeper, ...] = (_tagged, _submitted, _in_set, _in_search, _latest, _to_go_on_with)
"""What needs runs, or sets and thereby their runs. Whatever else is made of runs adds itself here."""


def _check_names(names: Sequence[str], stays: Mapping[str, str]) -> None:
    """Raises PhotobenchError naming all that cannot go."""
    wrong = [f"{name} is needed: {stays[name]}" for name in dict.fromkeys(names) if name in stays]
    if wrong:
        raise PhotobenchError(f"{'; '.join(wrong)}. Nothing was removed. See what could go: photobench runs prune")


def _best(records: Sequence[RunRecord], keep: int) -> list[str]:
    scored = [r for r in records if r.status == "finished" and not r.purpose and METRIC in r.metrics]
    return [r.name for r in sorted(scored, key=lambda r: -r.metrics[METRIC])[:keep]]


def _is_leftover(record: RunRecord) -> bool:
    return bool(record.purpose) or record.status != "finished"


def _order(record: RunRecord) -> tuple[int, float, str]:
    """Leftovers first, then what was not finished, then the worst."""
    rank = 0 if record.purpose else 1 if record.status != "finished" else 2
    return rank, record.metrics.get(METRIC, 0.0), record.name


def _why(record: RunRecord) -> str:
    if record.purpose and record.status == "pruned":
        return f"a trial of {record.purpose} that was given up; its score stays with the others"
    if record.purpose:
        return f"made for {record.purpose}; made again when that is asked for"
    if record.status != "finished":
        return (
            f"{'stopped' if record.status == 'running' else record.status} after {count(len(record.history), 'epoch')}"
        )
    return f"macro-F1 {record.metrics[METRIC]:.3f}" if METRIC in record.metrics else "finished"


def _remove(bench: Bench, plan: PrunePlan) -> None:
    with progress(len(plan.left_over) + len(plan.goes), "prune", "folders") as bar:
        for path in plan.left_over:
            _end(bench, path)
            bar.advance()
        for one in plan.goes:
            trash = one.folder.parent / TRASH
            with disk_errors(one.folder):
                trash.mkdir(exist_ok=True)
                one.folder.rename(trash / one.name)
            _end(bench, trash / one.name)
            bar.advance()


def _end(bench: Bench, path: Path) -> None:
    """Of a folder that no command knows any more: its rows, then its files."""
    bench.workspace.forget_run(path.name)
    with disk_errors(path):
        if path.is_symlink():  # what lies behind it is elsewhere, and not ours
            path.unlink()
        else:
            shutil.rmtree(path)


def _text(plan: PrunePlan, done: bool, named_ones: bool) -> str:
    rows = [(one.name, size_text(one.size_bytes, 1), one.why) for one in plan.goes]
    rows += [
        (path.name, size_text(size_of(path), 1), "half removed by a prune that was killed")
        for path in plan.left_over
        if not done
    ]
    if not rows and not (done and plan.left_over):
        return "\n\n".join(part for part in ("Nothing can go.", _stays(plan)) if part)
    title = columns(rows, ("run", "size", "why it can go" if not done else "why")) if rows else ""
    freed = sum(one.size_bytes for one in plan.goes) if done else plan.size_bytes
    number = count(len(plan.goes) + len(plan.left_over), "folder")
    end = (
        f"{number} removed, {size_text(freed, 1)}."
        if done
        else f"{number} would go, {size_text(freed, 1)}. Do it: the same command with --yes"
    )
    stays = "" if named_ones else _stays(plan)
    return "\n\n".join(part for part in (title, stays, end) if part)


def _stays(plan: PrunePlan) -> str:
    if not plan.stays:
        return ""
    return columns([(name, why) for name, why in sorted(plan.stays.items())], ("stays", "because"))
