"""Who goes into an ensemble, and whether they can be compared at all."""

from __future__ import annotations

from collections.abc import Sequence

from photobench.errors import PhotobenchError
from photobench.progress import say
from photobench.records import Manifest, RunRecord
from photobench.words import count
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import find_answerer, open_answerer, parts_of_others
from photobench.workflow.answers.ensembles import PREFIX
from photobench.workflow.answers.fold_set import FoldSet
from photobench.workflow.answers.folding import todays_folds
from photobench.workflow.answers.single_run import SingleRun
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import run_manifest
from photobench.workflow.models.held_out import HeldOut

MORE = "Train another, with another backbone, size or seed, and see: photobench runs"


def find_members(bench: Bench, names: Sequence[str] = ()) -> list[Answerer]:
    """By their names, in an order of their own; none are all sets of folds of today's data, or else all runs with the same validation photos.

    Raises:
        PhotobenchError: fewer than two, or they cannot be compared.
    """
    found = {one.name: one for one in (_named(bench, names) if names else _of_today(bench))}
    members = [found[name] for name in sorted(found)]
    if len(members) < 2:
        raise PhotobenchError(f"An ensemble wants two members or more, and there is {_who(members)}")
    held = [member.held_out() for member in members]
    for member, one in zip(members[1:], held[1:], strict=True):
        _check_alike(members[0].name, held[0], member.name, one)
    return members


def _named(bench: Bench, names: Sequence[str]) -> list[Answerer]:
    found = [find_answerer(bench, name) for name in names]
    for one in found:
        if one.name.startswith(PREFIX):
            raise PhotobenchError(
                f"{one.name} is an ensemble already: name its members instead, together with the others."
            )
    return found


def _of_today(bench: Bench) -> list[Answerer]:
    """Sets of folds that hold out the same photos as the latest one; where there are fewer than two, runs, if there are two of them."""
    sets = [open_answerer(bench, name) for name in todays_folds(bench)]
    alike = [one for one in sets if set(_paths(one)) == set(_paths(sets[0]))]
    if len(alike) > 1:
        left_out = [one.name for one in sets if one not in alike]
        if left_out:
            say(f"ensemble: without {', '.join(left_out)}, which held out other photos")
        return alike
    runs = _runs_alike(bench)
    return [SingleRun(bench, record) for record in runs] if len(runs) > 1 or not alike else alike


def _paths(answerer: Answerer) -> list[str]:
    return answerer.held_out().predictions.paths


def _runs_alike(bench: Bench) -> list[RunRecord]:
    """Finished runs with the validation photos of the latest one; those that are part of a set of folds are asked with it, not alone."""
    parts = parts_of_others(bench)
    finished = [r for r in reversed(bench.workspace.list_runs()) if r.status == "finished" and r.name not in parts]
    asked = {record.name: _asked(run_manifest(bench, record)) for record in finished}
    return [record for record in finished if asked[record.name] == asked[finished[0].name]]


def _asked(manifest: Manifest) -> list[tuple[str, int]]:
    frame, classes_N = manifest.frame, manifest.classes()
    rows = (frame["split"] == "valid").to_numpy()
    return sorted(zip(frame["path"][rows], classes_N[rows].tolist(), strict=True))


def _who(members: Sequence[Answerer]) -> str:
    """What there is, and how to have another one."""
    if not members:
        return "none yet. Train some with: photobench train --folds 5, each with another backbone, size or seed."
    one = members[0]
    if not isinstance(one, FoldSet):
        return f"only {one.name}. {MORE}"
    folds = len(one.folded.records[0])
    return (
        f"one set of {folds} folds, {one.name}, whose models answer together already. Train another set to combine it with, such as: "
        f"photobench train --folds {folds} --set train.seed={one.runs[0].seed + 1}. Another backbone (model.backbone) adds more than another seed."
    )


def _check_alike(name: str, one: HeldOut, other_name: str, other: HeldOut) -> None:
    """Raises PhotobenchError where what two say cannot be put side by side."""
    both = f"{name} and {other_name}"
    if one.predictions.space != other.predictions.space:
        raise PhotobenchError(
            f"{both} tell different classes, so their answers cannot be put together. Name members of one project file."
        )
    mine, theirs = set(one.predictions.paths), set(other.predictions.paths)
    if mine != theirs:
        raise PhotobenchError(
            f"{both} did not hold out the same photos: {len(mine):,} and {len(theirs):,}, of which {len(mine & theirs):,} are the same. Photos "
            "that one of them learned from say nothing of an ensemble. Name runs of one split, or sets of folds of the same photos."
        )
    differ = _labels(one, mine).items() ^ _labels(other, mine).items()
    if differ:
        photos = count(len({path for path, _ in differ}), "photo")
        raise PhotobenchError(
            f"{both} were trained with different labels of {photos} that they held out. Train the older one again."
        )
    if _of_split(one, "test") != _of_split(other, "test"):
        raise PhotobenchError(
            f"{both} have different test photos, so what one of them learned from may be a test of the other. Train them with one split.test."
        )


def _labels(held: HeldOut, paths: set[str]) -> dict[str, int]:
    both = zip(held.manifest.frame["path"], held.manifest.classes().tolist(), strict=True)
    return {path: code for path, code in both if path in paths}


def _of_split(held: HeldOut, split: str) -> set[str]:
    frame = held.manifest.frame
    return set(frame.loc[frame["split"] == split, "path"])
