"""Better options, looked for: many cheap trainings with other options, then the best few in full beside the project as it is.

tune/<study>/
  trials.csv        a row per trial
  finals.csv        a row per training in full
  *.png, *.csv      what mattered, as figures
  tune.json         all that was said; written last
  claims/           who does which trial
"""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from photobench import config
from photobench.errors import ConfigError, GivenUp, Interrupted, PhotobenchError, WorkspaceError
from photobench.learning import Verdict
from photobench.parallel import num_processes
from photobench.progress import say
from photobench.tune.study import Search, Turn, forget_search, open_search
from photobench.tune.trials import FINISHED, GIVEN_UP, RUNNING, Trial, ranking
from photobench.words import count, examples
from photobench.workflow.bench import Bench
from photobench.workflow.models.apart import train_apart
from photobench.workflow.models.training import check_before_work
from photobench.workflow.photos.preparing import prepare
from photobench.workflow.search.finals import answers_of, train_finalists
from photobench.workflow.search.searching import Cheaper, Searched, as_trial, cheaper, same_for_all, searched
from photobench.workflow.search.tuned import Tuned, conclude
from photobench.workflow.search.words_of_trials import TrialLines, then_in_full
from photobench.workspace import Claim
from photobench.workspace.studies import StudyDatabase, study_database

MOST_FOLDS = 100
"""As split.folds has it."""
POLL_S = 1.0
"""Between two looks at what other processes are doing."""
LEAST_SEARCH = 0.5
"""Share of --timeout that the search has at the least, however long the trainings in full will take."""


def tune(
    bench: Bench, trials: int = 30, timeout_s: float | None = None, study: str | None = None, anew: bool = False,
    folds: int = 0,
) -> Tuned:  # fmt: skip
    """Search, then compare the best with the project as it is. What was tried is kept: the next call goes on, several may run at once.

    Args:
        trials: of the study in all, by whomever they were made.
        timeout_s: for this call; the trial in hand then stops after its epoch, and the next call goes on with it.
        study: tune.study where it is None.
        anew: forget what was tried under this name.
        folds: compare the best and the project once more, each by so many fold models.

    Raises:
        ConfigError: the space has mistakes (all are named), or a number makes no sense.
        PhotobenchError: the study was made with other photos, another space or other options.
        DatabaseError: the database cannot be reached.
        Interrupted: Ctrl-C; the next call goes on from there.
    """
    _check(trials, timeout_s, folds)
    if study is not None:
        bench = replace(bench, project=bench.project.changed({"tune": {"study": study}}, "--study"))
    bench = replace(bench, purpose="tune")
    found, database = searched(bench), study_database(bench.options.tune.storage, bench.workspace.database)
    with bench.workspace.sharing("photobench tune"):
        with bench.workspace.lock("photobench tune"):
            check_before_work(bench)
            cheap = cheaper(bench.options)
            begun = _Begun(bench, found, cheap, *_opened(bench, found, cheap, database, anew, trials))
        started = time.monotonic()
        _search(begun, trials, lambda: _deadline(begun, started, timeout_s, trials))
        finals = train_finalists(bench, begun.search, begun.claims)
        return conclude(bench, begun.search, finals, cheap, trials, folds, begun.data)


@dataclass(frozen=True)
class _Begun:
    """A search in this process."""

    bench: Bench
    found: Searched
    cheap: Cheaper
    search: Search
    claims: Path
    data: str
    """The fingerprint of the photos, labels and split."""

    def claim(self, number: int) -> Claim | None:
        return self.bench.workspace.claim(self.claims / f"trial-{number}.lock")


def _check(trials: int, timeout_s: float | None, folds: int) -> None:
    if num_processes() > 1:
        raise ConfigError(
            [
                "photobench tune is not started by torchrun: start the command itself once per device; they share the trials."
            ]
        )
    mistakes = [
        f"--trials {trials}: there must be 2 or more, the project as it is and another one." if trials < 2 else "",
        f"--timeout {timeout_s:g}: should be more than 0." if timeout_s is not None and timeout_s <= 0 else "",
        f"--folds {folds}: there must be 2 to {MOST_FOLDS} folds." if folds and not 2 <= folds <= MOST_FOLDS else "",
    ]
    if any(mistakes):
        raise ConfigError([one for one in mistakes if one])


def _opened(
    bench: Bench, found: Searched, cheap: Cheaper, database: StudyDatabase, anew: bool, limit: int
) -> tuple[Search, Path, str]:
    """The study, once it is sure that its trials can be compared with those to come; `limit` trials in all are asked for.

    Raises:
        PhotobenchError: it is of other photos, another space, other options; nothing is changed.
    """
    options = bench.options.tune
    claims = bench.workspace.tune / options.study / "claims"
    manifest = prepare(as_trial(bench, {}, cheap)).manifest
    about = {
        "data": manifest.fingerprint(),
        "space": {key: repr(dimension) for key, dimension in found.space.items()},
        "options": same_for_all(bench, found.space),
    }
    if anew:
        _check_unclaimed(bench, claims)
        forget_search(database, options.study)
    epochs = cheap.epochs(bench.options.train)
    place = f"{socket.gethostname()}:{bench.workspace.root}"
    search, was = open_search(
        database, options.study, about, found.space, found.default, options.pruner, epochs, options.seed, place
    )
    differs = _differences(was, about)
    if differs:
        raise PhotobenchError(
            f'The study "{options.study}" in {database.shown} was made with {differs}, so its trials cannot be compared with new ones. '
            "Begin another one beside it: --study NAME. Or forget it and begin again: --anew"
        )
    _say_beginning(bench, found, cheap, search, database, limit)
    return search, claims, manifest.fingerprint()


def _check_unclaimed(bench: Bench, claims: Path) -> None:
    for path in sorted(claims.glob("*.lock")):
        claim = bench.workspace.claim(path)
        if claim is None:
            raise WorkspaceError(f"Another process is at {path.stem} of this study: stop it before --anew.")
        claim.release()


def _differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """`"other photos, labels or another split"`, or the keys that differ with both values; empty where all is the same."""
    if was["data"] != now["data"]:
        return "other photos, labels or another split"
    if was["space"] != now["space"]:
        keys = sorted({*was["space"], *now["space"]})
        other = [key for key in keys if was["space"].get(key) != now["space"].get(key)]
        return f"another tune.space ({', '.join(other)})"
    old, new = was["options"], now["options"]
    other = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    named = [f"{key} = {config.shown(old.get(key))}, now {config.shown(new.get(key))}" for key in other]
    return examples(named, between="; ")


def _say_beginning(
    bench: Bench, found: Searched, cheap: Cheaper, search: Search, database: StudyDatabase, limit: int
) -> None:
    options, tried = bench.options, search.trials()
    say(
        f'tune: study "{search.name}" in {database.shown}: {count(len(found.space), "option")} may change, {", ".join(found.space)}'
    )
    for note in found.notes:
        say(f"note: {note}")
    if tried:
        ended = sum(trial.status != RUNNING for trial in tried)
        say(f"tune: going on: {count(ended, 'trial')} {'has' if ended == 1 else 'have'} ended")
    if not cheap.is_whole:
        train, size_px = options.train, options.model.size_px
        say(
            f"tune: a trial has {cheap.epochs(train)} of {train.epochs} epochs, on photos of {cheap.side_px(size_px)} of {size_px} px: "
            f"about {cheap.factor:.0f} times fewer pixels{then_in_full(options.tune.finalists, max(limit, len(tried)))}"
        )


def _deadline(begun: _Begun, started: float, timeout_s: float | None, limit: int) -> float:
    """Until when trials are trained: what is left then is for the trainings in full."""
    if timeout_s is None:
        return float("inf")
    seconds = [t.seconds for t in begun.search.trials() if t.status == FINISHED]
    full = 0.0 if begun.cheap.is_whole or not seconds else max(seconds) * begun.cheap.factor
    finals = full * (min(begun.bench.options.tune.finalists, limit - 1) + 1)
    return started + max(timeout_s * LEAST_SEARCH, timeout_s - finals)


def _search(begun: _Begun, limit: int, deadline_now: Callable[[], float]) -> None:
    """Train trials until there are enough of them, or the time is up; and wait for those of other processes."""
    lines, waiting = TrialLines(limit, begun.found.default), False
    while time.monotonic() < (deadline := deadline_now()):
        with begun.bench.workspace.lock("photobench tune"):
            turn = begun.search.next(limit, begun.claim)
        if isinstance(turn, Turn):
            with turn.claim:
                _train_trial(begun, turn, lines, deadline)
        elif turn == "wait":
            if not waiting:
                say("tune: waiting for the trials of other processes")
            waiting = True
            time.sleep(POLL_S)
        else:
            if turn == "exhausted":
                say("tune: every combination of tune.space was tried")
            return
    say("tune: the time of --timeout is up; the same command goes on")


def _train_trial(begun: _Begun, turn: Turn, lines: TrialLines, deadline: float) -> None:
    search, trial = begun.search, turn.trial
    started = time.monotonic()
    lines.begin(turn)
    jury = _Jury(search, trial, deadline)
    score: float | None = None
    try:
        with search.alive(trial.number):
            tried = as_trial(begun.bench, trial.changes, begun.cheap)
            record = train_apart(tried, ("valid",), jury)
        metric = begun.bench.options.train.metric
        facts: dict[str, Any] = {"run": record.name, "epochs": len(record.history)}
        if math.isfinite(record.metrics[metric]):
            status, score = FINISHED, record.metrics[metric]
            facts["answers"] = answers_of(tried, record)
        else:
            status, facts = GIVEN_UP, {**facts, "why": f"its {metric} is no number"}
    except GivenUp:
        status, facts = GIVEN_UP, {"epochs": jury.epoch}
    except Interrupted:
        if time.monotonic() < deadline:
            raise
        return
    except PhotobenchError as error:
        if trial.is_default or isinstance(error, WorkspaceError):
            raise
        status, facts = GIVEN_UP, {"why": " ".join(str(error).split())}
    _end(begun, trial, status, score, {**facts, "seconds": trial.seconds + time.monotonic() - started})
    lines.end(search.trials(), trial.number, deadline)


def _end(begun: _Begun, trial: Trial, status: str, score: float | None, facts: Mapping[str, Any]) -> None:
    """Tell what came of it, then remove what is large: a kill between the two leaves a run that is whole."""
    begun.search.note(trial.number, **facts)
    begun.search.tell(trial.number, status, score)
    with begun.bench.workspace.lock("photobench tune"):
        _tidy(begun)


def _tidy(begun: _Begun) -> None:
    """Of the trials of this workspace only those keep their weights that are the training in full of one of the best, or the project's."""
    from photobench.train.run import slim

    workspace, trials = begun.bench.workspace, begun.search.trials()
    best = [t for t in ranking(trials) if not t.is_default][: begun.bench.options.tune.finalists]
    kept = {t.run for t in trials if begun.cheap.is_whole and (t.is_default or t in best)}
    ours = {t.run for t in trials if t.status != RUNNING} - kept
    for record in workspace.list_runs():
        if record.purpose != "tune":
            continue
        if record.name in ours and record.status == "finished":
            slim(workspace, record, "tried")
        elif record.status in ("pruned", "failed") and (workspace.root / record.folder / "checkpoint.pt").exists():
            slim(workspace, record, record.status)


class _Jury:
    """Tells the search of every epoch, and the training what the search says of it. The project as it is runs to its end."""

    def __init__(self, search: Search, trial: Trial, deadline: float):
        self._search, self._trial, self._deadline = search, trial, deadline
        self._is_silent, self.epoch = False, 0

    def __call__(self, epoch: int, score: float) -> Verdict:
        self.epoch = epoch
        hopeless = self._hopeless(epoch, score)
        if time.monotonic() > self._deadline:
            return Verdict.PAUSE
        return Verdict.GIVE_UP if hopeless and not self._trial.is_default else Verdict.GO_ON

    def _hopeless(self, epoch: int, score: float) -> bool:
        try:
            return self._search.report(self._trial.number, epoch, score)
        except WorkspaceError as error:  # hours of training are worth more than one number
            if not self._is_silent:
                say(f"tune: {error}")
            self._is_silent = True
            return False
