"""What an answerer gains without training: its held-out photos asked in other views, and what is chosen on that kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from photobench import __version__
from photobench.errors import PhotobenchError
from photobench.progress import progress, say
from photobench.records import Predictions, fingerprint
from photobench.refine import words
from photobench.refine.options import RefineOptions
from photobench.refine.outcome import Refinement
from photobench.refine.search import SEARCHES, Answers, refine
from photobench.refine.told import PARTS, PLAIN, Measure, Told
from photobench.words import examples
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.answers.judging_folds import clustered_sample, told_rows
from photobench.workflow.answers.refined import ANSWERS, FILE, SUFFIX, Refined, folder, is_whole, read_refined
from photobench.workflow.bench import Bench
from photobench.workflow.models.held_out import HeldOut
from photobench.workflow.models.kept_evaluation import forget_evaluations

FEWEST_GROUPS = 2 * PARTS
"""Of held-out photos, so that there are some to choose on and some to measure on."""


@dataclass(frozen=True)
class RefineResult:
    """What was found, and the name under which it answers."""

    name: str
    found: Refinement

    def __str__(self) -> str:
        return words.told(self.found, self.name)

    @property
    def table(self) -> pd.DataFrame:
        """A row per refinement that was tried."""
        rows = [
            (one.part, one.name, one.gain.value, one.gain.low, one.gain.high, one.used, one.why)
            for one in self.found.tried
        ]
        return pd.DataFrame(rows, columns=["part", "tried", "worth", "low", "high", "used", "why"])


def refine_answerer(bench: Bench, name: str | None = None, folds: bool = False) -> RefineResult:
    """Try views, temperatures and decision rules on the held-out photos of a run or a set of folds; keep what is worth it.

    Raises:
        ConfigError: a view that is not there.
        PhotobenchError: too few held-out photos or groups, answers that are no numbers, or it is a refined one already.
    """
    bench.project.check({"refine.views": lambda: _views(bench.options.refine)})
    views = _views(bench.options.refine)
    base = find_answerer(bench, name, folds)
    if isinstance(base, Refined):
        raise PhotobenchError(f"{base.name} is refined already. Refine what it stands on: --run {base.base.name}")
    held = base.held_out()
    told = _told(bench, held, {})
    _check(base.name, held, told)
    refined = f"{base.name}{SUFFIX}"
    key = _key(bench, base, held)
    path = folder(bench, refined) / FILE
    if bench.workspace.is_current(path, key) and is_whole(path.parent, known := read_refined(bench, refined)):
        say(f"refine: {refined} is up to date")
        return RefineResult(refined, known)
    with bench.workspace.lock("photobench refine"), bench.stage("refine"):
        found = _make(bench, base, held, views)
        bench.workspace.mark_current(path, key, path.read_bytes())
    return RefineResult(refined, found)


def _views(options: RefineOptions) -> tuple[str, ...]:
    from photobench.vision.views import VIEWS  # brings torch

    return tuple(dict.fromkeys(VIEWS.get(name).name for name in options.views if name != PLAIN))


def _key(bench: Bench, base: Answerer, held: HeldOut) -> str:
    options = bench.options
    said = (held.predictions.to_bytes(), held.manifest.classes().tolist(), held.manifest.frame["group"].tolist())
    return fingerprint(__version__, base.name, *said, options.refine.model_dump(), options.evaluate.model_dump())


def _told(bench: Bench, held: HeldOut, others: dict[str, Predictions]) -> Told:
    """The labelled photos that could be asked; `others` are what is said of other views, of the same photos."""
    samples = {
        view: clustered_sample(held.manifest, replace(said, reasons=held.predictions.reasons), held.split)
        for view, said in {PLAIN: held.predictions, **others}.items()
    }
    plain = samples[PLAIN]
    by_view = {view: sample.probs_NK.astype(np.float64) for view, sample in samples.items()}
    return Told(
        by_view, plain.truth_N, plain.groups_N, plain.num_groups, held.manifest.space, seed=bench.options.refine.seed
    )


def _check(name: str, held: HeldOut, told: Told) -> None:
    odd = int((~np.isfinite(told.plain_NK)).any(axis=1).sum())
    if odd:
        raise PhotobenchError(
            f"{name} answers with what is no number for {odd:,} of {len(told):,} held-out photos: its training went wrong. Train it again."
        )
    if told.num_groups < FEWEST_GROUPS:
        raise PhotobenchError(
            f"{name} is held out on {len(told):,} photos in {told.num_groups} groups; to choose on some groups and to measure on others, "
            f"{FEWEST_GROUPS} or more are needed. Hold out more (split.valid), or train folds: photobench train --folds 5"
        )


def _make(bench: Bench, base: Answerer, held: HeldOut, views: tuple[str, ...]) -> Refinement:
    options = bench.options.evaluate
    others, notes = _seen(base, views)
    held = replace(held, predictions=_readable_in_all(held.predictions, list(others.values())))
    told = _told(bench, held, others)
    measure = Measure(bench.options.refine.metric, options.bootstraps, options.confidence, options.seed)
    with progress(SEARCHES, "refine", "searches") as bar:
        found, answers = refine(base.name, told, tuple(others), measure, bar.advance)
    found = replace(
        found,
        notes=(*notes, *_ungrouped(held), *_absent(told)),
        looks=_looks(tuple(others)),
        ms_per_look=base.ms_per_photo(),
    )
    _write(bench, held, found, answers)
    return found


def _seen(base: Answerer, views: tuple[str, ...]) -> tuple[dict[str, Predictions], list[str]]:
    """What is said of each view; nothing of one who cannot be asked so, with a note."""
    found: dict[str, Predictions] = {}
    for view in views:
        through = base.with_views((view,))
        if through is None:
            return {}, [f"views were not tried: {base.name} puts others together. Refine its members, each by itself."]
        say(f"refine: {base.name} is asked about its held-out photos: {view}")
        found[view] = through.held_out().predictions
    return found, []


def _readable_in_all(said: Predictions, others: list[Predictions]) -> Predictions:
    """A photo that is gone before it could be asked of every view has its reason."""
    reasons = [next(filter(None, row), "") for row in zip(said.reasons, *(o.reasons for o in others), strict=True)]
    return replace(said, reasons=reasons)


def _ungrouped(held: HeldOut) -> list[str]:
    if held.manifest.has_groups:
        return []
    return [
        "Who or what is in a photo is not known; a group is a photo with its copies. If photos share a person, the intervals are too narrow."
    ]


def _absent(told: Told) -> list[str]:
    there = np.bincount(told.truth_N, minlength=told.space.num_classes) > 0
    names = [name for name, is_there in zip(told.space.class_names, there, strict=True) if not is_there]
    if not names:
        return []
    return [
        f"No held-out photo is of {len(names)} of {len(there)} classes ({examples(names)}): no threshold can be tuned for them."
    ]


def _looks(views: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    from photobench.vision.views import num_looks

    return tuple((view, num_looks((view,))) for view in (PLAIN, *views))


def _write(bench: Bench, held: HeldOut, found: Refinement, answers: Answers) -> None:
    """refined.json last: it says that the rest is whole."""
    from photobench.explore import drawing

    name = f"{found.base}{SUFFIX}"
    place, write = folder(bench, name), bench.workspace.write
    forget_evaluations(place)
    said = _out_of_part(held, answers, found, name).to_bytes()
    write(place / ANSWERS, said)
    picture = drawing.reliability("reliability", {"": {"before": found.before, "after": found.after}})
    write(place / "reliability.png", picture.png())
    write(place / FILE, json.dumps(replace(found, answers=fingerprint(said)).to_json(), indent=1, ensure_ascii=False))


def _out_of_part(held: HeldOut, answers: Answers, found: Refinement, name: str) -> Predictions:
    """As the base's, where a photo was asked; the others keep what the base says of them, tempered alike."""
    said = held.predictions
    whole = found.apply(said, name)
    joint_NK, decided_N = whole.joint_NK.copy(), whole.classes()
    paths = held.manifest.frame["path"].iloc[told_rows(held.manifest, said, held.split)]
    places = pd.Index(said.paths).get_indexer(pd.Index(paths))
    joint_NK[places], decided_N[places] = answers.probs_NK, answers.classes_N
    return replace(whole, joint_NK=joint_NK, decided_N=decided_N)
