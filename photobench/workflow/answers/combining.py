"""Answerers → an ensemble: every way to combine them is tried on photos that none of them learned from, and the one worth its cost is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from photobench import __version__
from photobench.data.split import clusters_of
from photobench.ensemble import (
    METHODS,
    EnsembleRecord,
    Fitted,
    Known,
    Member,
    Tried,
    chosen,
    combined,
    diversity,
    known_answers,
    try_all,
)
from photobench.ensemble.averaging import Models
from photobench.ensemble.choose import LIKELY, ONE_ERROR, parts_of
from photobench.ensemble.known import METRIC
from photobench.ensemble.methods import equal_weights
from photobench.ensemble.record import Way
from photobench.ensemble.soup import Members, Mixed, cross_chosen, greedy_soup
from photobench.errors import ConfigError, PhotobenchError, unknown
from photobench.paired import standing
from photobench.progress import say
from photobench.records import Predictions, RunRecord, aligned, fingerprint
from photobench.workflow.answers.answerer import Answerer, EachModel
from photobench.workflow.answers.answering import finder
from photobench.workflow.answers.choosing_members import find_members
from photobench.workflow.answers.ensembles import (
    OOF,
    PICTURE,
    PREFIX,
    RECORD,
    Ensemble,
    answers_key,
    drawing,
    records_of,
)
from photobench.workflow.answers.souping import Kitchen, why_no_soup
from photobench.workflow.answers.told_by_folds import FEWEST_ASKED
from photobench.workflow.bench import Bench
from photobench.workflow.models.held_out import HeldOut
from photobench.workspace import now

FORM = 2
"""Of what is kept: what has another one is made anew."""
BEST, SOUP = "best", "soup"
"""The way is chosen; the way that asks one model of averaged weights, and so is no function of the members' answers."""


def ensemble(bench: Bench, members: Sequence[str] = (), method: str = BEST) -> Ensemble:
    """The best combination of answerers, or a given one, measured on photos that neither they nor it learned from. Kept, as a run is.

    Args:
        members: names; none are all complete sets of folds of today's data, or else all finished runs with the validation photos of the
            latest one.
        method: a name of METHODS, "soup", or "best".

    Raises:
        ConfigError: there is no such method.
        PhotobenchError: fewer than two members, or they cannot be compared: other classes, photos, labels or test photos.
    """
    if method not in (BEST, SOUP):
        _check_method(method)
    team = Team(bench, find_members(bench, members))
    key = fingerprint(__version__, method, team.key, bench.options.evaluate.model_dump())
    for record in records_of(bench):
        if record.made_of == key:
            say(f"ensemble: {record.name} is up to date")
            return Ensemble(bench, record, finder(bench))
    with bench.workspace.lock("photobench ensemble"), bench.stage("ensemble"):
        return _made(bench, team, method, key)


def _models(each: EachModel) -> Models:
    """Without the photos that a model could not read."""
    said = aligned(each.said)
    return Models(np.stack([one.joint_NK[said[0].ok()] for one in said]).astype(np.float64), each.together)


def _check_method(name: str) -> None:
    if name not in METHODS.names():
        raise ConfigError([unknown("way to combine", name, [BEST, SOUP, *METHODS.names()])])


@dataclass(frozen=True)
class Team:
    """Answerers that can be compared, and what they say of the photos that all of them held out."""

    bench: Bench
    members: list[Answerer]

    @cached_property
    def held(self) -> list[HeldOut]:
        return [member.held_out() for member in self.members]

    @cached_property
    def parts(self) -> list[Predictions]:
        """Of the same photos in the same order."""
        return aligned([held.predictions for held in self.held])

    @cached_property
    def rows(self) -> np.ndarray:
        """Of these photos in the manifest of the first member."""
        row_of = {path: row for row, path in enumerate(self.held[0].manifest.frame["path"])}
        return np.array([row_of[path] for path in self.parts[0].paths], dtype=np.int64)

    @cached_property
    def is_known(self) -> np.ndarray:
        """Which of these photos every member could read and have a class."""
        return self.parts[0].ok() & (self.held[0].manifest.classes()[self.rows] >= 0)

    @cached_property
    def models(self) -> list[Models]:
        """Of each member, how far its models are apart; empty where that is not known of all, or each is one model."""
        found = [_models(one) for member in self.members if (one := member.each_model())]
        known = [one for one in found if one.probs_RUK.shape[1] >= FEWEST_ASKED]
        return known if len(known) == len(self.members) else []

    @cached_property
    def known(self) -> Known:
        """What is said of those photos: what a combination may be fitted to."""
        manifest = self.held[0].manifest
        known = known_answers(self.parts, manifest.classes()[self.rows], clusters_of(manifest)[self.rows])
        if not len(known.truth_N):
            raise PhotobenchError(
                "No photo could be read by all members, so nothing can be measured. Check the folder of the photos."
            )
        return known.with_noise(self.models, self.bench.options.evaluate.seed) if self.models else known

    @property
    def how_sure(self) -> float:
        """The confidence with which a combination has to be better than the best member. More where new photos are told by more models than these:
        what that makes of a gain is estimated, or not even known."""
        if self.models:
            return LIKELY
        return self.bench.options.evaluate.confidence if any(len(one.runs) > 1 for one in self.members) else ONE_ERROR

    def told_by(self, kitchen: Kitchen) -> Mixed:
        """What soups of these members say of the known photos."""

        def told(members: Members) -> np.ndarray:
            said = aligned([*self.parts, kitchen.held_out(members)])[-1]
            return said.joint_NK[self.is_known].astype(np.float64)

        return told

    @property
    def key(self) -> str:
        """Changes when a member, an answer, a label or a group does."""
        said = [[member.name, answers_key(h.predictions)] for member, h in zip(self.members, self.held, strict=True)]
        noise = [fingerprint(one.probs_RUK.tolist(), one.together) for one in self.models]
        return fingerprint(FORM, said, noise, self.known.truth_N.tolist(), self.known.clusters_N.tolist())


def _made(bench: Bench, team: Team, method: str, key: str) -> Ensemble:
    options, known = bench.options.evaluate, team.known
    souped = _souped(team, method) if method in (BEST, SOUP) else None
    say(
        f"ensemble: {', '.join(member.name for member in team.members)}: every way is fitted to some photos and measured on others"
    )
    more = {SOUP: souped.probs_NK} if souped else {}
    tried = try_all(known, options.bootstraps, options.confidence, options.seed, more)
    taken = chosen(known, tried, team.how_sure) if method == BEST else _named(tried, method)
    fitted = {name: METHODS.build(name).fit(known, options.seed) for name in METHODS.names()}
    if souped:
        fitted[SOUP] = equal_weights(known.num_members, souped.members)
    mixed = souped.kitchen.kept(souped.members) if souped and taken.name == SOUP else []
    record = _record(bench, team, tried, fitted, mixed, key, method, taken.name)
    found = Ensemble(bench, record, finder(bench))
    bench.workspace.write(
        found.folder / OOF, _held_out_answers(team, taken, fitted[taken.name], record.name).to_bytes()
    )
    bench.workspace.write(found.folder / PICTURE, drawing(record).png())
    bench.workspace.write(found.folder / RECORD, json.dumps(record.to_json(), indent=1, ensure_ascii=False))
    return found


def _named(tried: Sequence[Tried], name: str) -> Tried:
    return next(one for one in tried if one.name == name)


@dataclass(frozen=True)
class _Souped:
    """A soup of these members, and what soups say of the known photos (N, K), each chosen by other photos."""

    kitchen: Kitchen
    members: Members
    probs_NK: np.ndarray


def _souped(team: Team, method: str) -> _Souped | None:
    """None where the weights cannot be averaged, or a mean of them is worse than the best member.

    Raises:
        PhotobenchError: they cannot be, and nothing else will do.
    """
    why = why_no_soup(team.bench, team.members)
    if why and method == SOUP:
        raise PhotobenchError(
            f"The weights of these members cannot be averaged: {why}. Choose another way: --method best"
        )
    if why:
        return None
    kitchen = Kitchen(team.bench, team.members)
    told, known = team.told_by(kitchen), team.known
    members = greedy_soup(known, told)
    if len(members) == 1 and method == BEST:
        say(
            f"ensemble: no soup: the weights of {team.members[members[0]].name}, averaged with those of another, are worse"
        )
        return None
    return _Souped(kitchen, members, cross_chosen(known, told, parts_of(known, team.bench.options.evaluate.seed)))


def _record(bench: Bench, team: Team, tried: Sequence[Tried], fitted: dict[str, Fitted], mixed: Sequence[RunRecord], key: str,
            asked: str, method: str) -> EnsembleRecord:  # fmt: skip
    options, known = bench.options.evaluate, team.known
    members = tuple(
        Member(
            member.name,
            tuple(run.name for run in member.runs),
            answers_key(held.predictions),
            standing(known.sample(probs_NK), options.bootstraps, options.confidence, options.seed)[METRIC],
            member.ms_per_photo(),
        )
        for member, held, probs_NK in zip(team.members, team.held, known.probs_MNK, strict=True)
    )
    costs = {name: sum(members[number].ms for number in one.asked()) for name, one in fitted.items()}
    if SOUP in fitted:
        costs[SOUP] = members[fitted[SOUP].asked()[0]].ms  # one model of their form answers
    return EnsembleRecord(
        name=f"{PREFIX}{_next_number(bench):03d}-{method}", method=method, asked=asked, members=members,
        fitted=fitted[method], tried=tuple(Way(one.name, one.score, one.gain, costs[one.name], one.expected) for one in tried),
        diversity=diversity(known), num_photos=len(known.truth_N), num_groups=len(np.unique(known.clusters_N)), made_of=key,
        created=now(), soup=tuple(record.name for record in mixed) if method == SOUP else (),
    )  # fmt: skip


def _held_out_answers(team: Team, taken: Tried, fitted: Fitted, name: str) -> Predictions:
    """Of every photo that the members were asked about; those whose class is known by a combination that was fitted to others."""
    first = team.parts[0]
    if taken.name == SOUP:
        said = replace(first, joint_NK=np.full_like(first.joint_NK, np.nan), run=name)
    else:
        said = combined(METHODS.build(taken.name), fitted, [team.parts[number] for number in fitted.asked()], name)
    joint_NK = said.joint_NK.copy()
    joint_NK[team.is_known] = taken.probs_NK
    return replace(said, joint_NK=joint_NK)


def _next_number(bench: Bench) -> int:
    numbers = [path.name.split("-")[0] for path in bench.workspace.ensembles.glob("*-*")]
    return max((int(number) for number in numbers if number.isdigit()), default=0) + 1
