"""Everyone who answers, under one name: runs, sets of folds, refined ones, ensembles; found by it, the start of it, or a tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from photobench.errors import MOST_NAMED, Damaged, Gone, PhotobenchError, WorkspaceError, nearest, unknown
from photobench.evaluation import Evaluation
from photobench.progress import say
from photobench.records import RunRecord
from photobench.words import examples
from photobench.workflow.answers.answerer import Answerer, Find
from photobench.workflow.answers.ensembles import list_ensembles, open_ensemble
from photobench.workflow.answers.fold_set import FoldSet
from photobench.workflow.answers.folding import find_folds, glance_at_folds, list_folds, runs_of_sets, set_of
from photobench.workflow.answers.refined import folder, list_refined, open_refined, read_refined
from photobench.workflow.answers.single_run import SingleRun
from photobench.workflow.bench import Bench
from photobench.workflow.models.kept_evaluation import glance_at_evaluation


@dataclass(frozen=True)
class Glance:
    """What is known of one without opening it: its runs, its folder, and the evaluation that is kept there."""

    runs: Sequence[RunRecord]
    folder: Path | None = None
    evaluation: Evaluation | None = None
    parts: Sequence[str] = ()
    """Who is combined in it; the runs of the others differ in nothing but what they learned from."""


@dataclass(frozen=True)
class Kind:
    """A kind of answerers: all names, the one used last first, and how one is opened; `glance`, where opening takes time or writes."""

    names: Callable[[Bench], Iterable[str]]
    open: Callable[[Bench, str], Answerer]
    glance: Callable[[Bench, str], Glance] | None = None


def open_answerer(bench: Bench, name: str) -> Answerer:
    """By its whole name.

    Raises:
        Gone: there is none of this name.
    """
    return _kind_of(bench, name).open(bench, name)


def _kind_of(bench: Bench, name: str) -> Kind:
    for entry in KINDS.values():
        if name in entry.names(bench):
            return entry
    raise Gone(f"{name} is not there any more. See: photobench runs")


def finder(bench: Bench) -> Find:
    """For those that are made of others."""
    return partial(open_answerer, bench)


def _glance_at_refined(bench: Bench, name: str) -> Glance:
    found = read_refined(bench, name)
    base = glance_at(bench, found.base)
    return Glance(base.runs, evaluation=glance_at_evaluation(folder(bench, name), found.answers), parts=base.parts)


def _glance_at_ensemble(bench: Bench, name: str) -> Glance:
    made = open_ensemble(bench, name, finder(bench))
    runs = [record for one in made.answering for record in glance_at(bench, one).runs]
    return Glance(runs, evaluation=made.glance(), parts=made.answering)


KINDS: dict[str, Kind] = {
    "runs": Kind(
        lambda bench: (record.name for record in reversed(bench.workspace.list_runs())),
        lambda bench, name: SingleRun(bench, bench.workspace.find_run(name)),
    ),
    "sets of folds": Kind(
        list_folds,
        lambda bench, name: FoldSet(bench, find_folds(bench, name)),
        lambda bench, name: Glance(*glance_at_folds(bench, name)),
    ),
    "refined ones": Kind(
        list_refined,
        lambda bench, name: open_refined(bench, name, finder(bench)),
        _glance_at_refined,
    ),
    "ensembles": Kind(
        list_ensembles,
        lambda bench, name: open_ensemble(bench, name, finder(bench)),
        _glance_at_ensemble,
    ),
}
"""Where the start of a name fits several kinds, the earlier one is meant."""


def find_answerer(bench: Bench, name: str | None = None, folds: bool = False) -> Answerer:
    """By its name, the start of it, or a tag; where none is named what was trained or asked for last, and that is the set where it is a fold.

    The start means what the table of runs shows: a run that is part of a set is meant only where nothing else begins so.

    Raises:
        WorkspaceError: there is none, or the start fits several.
    """
    if name is None:
        return FoldSet(bench, find_folds(bench)) if folds else _latest(bench)
    names = {kind: list(entry.names(bench)) for kind, entry in KINDS.items()}
    homes = {one: kind for kind, known in names.items() for one in known}
    found = name if name in homes else _beginning(bench, name, names) or _tagged(bench, name, homes)
    if not found:
        raise WorkspaceError(unknown("run", name, _may_be_meant(bench, name, homes)) + " See: photobench runs")
    return KINDS[homes[found]].open(bench, found)


def _latest(bench: Bench) -> Answerer:
    record = bench.workspace.find_run()
    name = set_of(bench, record.name)
    if name is None:
        return SingleRun(bench, record)
    say(f"note: trained last was {name}, so all of its models answer; one of them alone: --run {record.name}")
    return FoldSet(bench, find_folds(bench, name))


def _beginning(bench: Bench, start: str, names: Mapping[str, Sequence[str]]) -> str:
    """The one whose name begins so; empty where there is none."""
    of_their_own = {**names, "runs": _of_their_own(bench, names["runs"])}
    hidden = [one for one in names["runs"] if one not in of_their_own["runs"] and one.startswith(start)]
    for kind, known in (*of_their_own.items(), ("runs", hidden)):
        found = [one for one in known if one.startswith(start)]
        if len(found) > 1:
            raise WorkspaceError(
                f'"{start}" is the start of {len(found)} {kind}: {examples(found, MOST_NAMED)}. Write more of it.'
            )
        if found:
            if hidden and found != hidden:
                say(
                    f"note: {start} is {found[0]}, as the table of runs has it; one of its models alone: --run {hidden[-1]}"
                )
            return found[0]
    return ""


def _may_be_meant(bench: Bench, name: str, names: Iterable[str]) -> list[str]:
    """Of whom a sentence speaks where there is no such name: who is in the table of runs, and a fold whose name is like it."""
    made_for_others = {record.name for record in bench.workspace.list_runs() if record.purpose}
    every = [one for one in names if one not in made_for_others]
    return every if nearest(name, every) else _of_their_own(bench, every)


def _of_their_own(bench: Bench, names: Iterable[str]) -> list[str]:
    """Those that the table of runs shows."""
    parts = parts_of_others(bench)
    return [one for one in names if one not in parts]


def parts_of_others(bench: Bench) -> set[str]:
    """The runs that the table of runs does not show: models of a set of folds, and those that were made for a check or for another verb."""
    return runs_of_sets(bench) | {record.name for record in bench.workspace.list_runs() if record.purpose}


def _tagged(bench: Bench, tag: str, homes: Mapping[str, str]) -> str:
    """The one with this tag; empty where there is none."""
    found = [one for one, tags in bench.workspace.tags().items() if tag in tags and one in homes]
    if len(found) > 1:
        raise WorkspaceError(f'{len(found)} runs have the tag "{tag}": {", ".join(found)}. Name one of them.')
    return found[0] if found else ""


def find_single_run(bench: Bench, name: str) -> RunRecord:
    """For what is told of one training, such as its curve: by its name or the start of it, or by a tag.

    Raises:
        WorkspaceError: there is none, or the name is that of several runs, or of one that was refined.
    """
    found = find_answerer(bench, name)
    if isinstance(found, SingleRun):
        return found.runs[0]
    runs = ", ".join(dict.fromkeys(record.name for record in found.runs))
    raise WorkspaceError(
        f"{found.name} is no single run, and this wants one: {runs}. "
        f"What {found.name} is worth: photobench evaluate --run {found.name}"
    )


def together(bench: Bench) -> dict[str, Glance]:
    """All who are several runs under one name, by that name. One that cannot be opened any more is left out; a damaged one is said."""
    found = {}
    for kind, entry in KINDS.items():
        if kind == "runs":
            continue
        for name in entry.names(bench):
            try:
                found[name] = _glance(bench, entry, name)
            except Damaged as error:
                say(f"warning: {name} is left out. {error}")
            except PhotobenchError:  # such as one whose runs are gone
                continue
    return found


def glance_at(bench: Bench, name: str) -> Glance:
    """By its whole name, also while another process works.

    Raises:
        Gone: there is none of this name.
    """
    return _glance(bench, _kind_of(bench, name), name)


def _glance(bench: Bench, entry: Kind, name: str) -> Glance:
    return entry.glance(bench, name) if entry.glance else Glance(entry.open(bench, name).runs)


def check_whole(bench: Bench) -> None:
    """Raises PhotobenchError where a set is damaged, so that nobody knows which runs it needs."""
    for entry in (entry for kind, entry in KINDS.items() if kind != "runs"):
        for name in entry.names(bench):
            try:
                _glance(bench, entry, name)
            except Damaged as error:
                raise PhotobenchError(
                    f"{error} Which runs {name} needs is not known before. Nothing was removed."
                ) from error
            except PhotobenchError:
                continue
