"""A search that is kept in a database, so that it outlives its processes and several can share it. The only module that imports Optuna.

A trial belongs to the process that holds its claim, a lock of the kernel: it is free the moment that process dies, and the next one to come
goes on with that very trial. What other machines hold is known by their heartbeat in the database.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

import optuna
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback, fail_stale_trials
from optuna.trial import FrozenTrial, TrialState

from photobench.errors import PhotobenchError, WorkspaceError
from photobench.tune.space import Choice, Range, Space, num_combinations
from photobench.tune.trials import FINISHED, GIVEN_UP, IMPOSSIBLE, RUNNING, Trial
from photobench.workspace import Claim
from photobench.workspace.studies import StudyDatabase, patiently

optuna.logging.set_verbosity(optuna.logging.ERROR)

HEARTBEAT_S, GRACE_S = 20, 180
"""How often a process that shares a database says that it lives, and after how long a silence its trial is given to another."""
DRAWS = 40
"""Times that values are drawn anew because they were tried already."""
READY_S = 10.0
STATUS = {TrialState.COMPLETE: FINISHED, TrialState.PRUNED: GIVEN_UP, TrialState.RUNNING: RUNNING}
ClaimOf = Callable[[int], Claim | None]


@dataclass(frozen=True)
class Turn:
    """A trial that is this process's to train, until its claim is released."""

    trial: Trial
    claim: Claim
    is_resumed: bool
    """Its process has died, or was stopped."""


Next = Turn | Literal["wait", "done", "exhausted"]


class Search:
    """The trials of one study, and who does the next."""

    def __init__(self, study: optuna.Study, space: Space, seed: int, place: str, is_shared: bool):
        self._study, self._space, self._seed, self._place, self._is_shared = study, space, seed, place, is_shared

    @property
    def name(self) -> str:
        return self._study.study_name

    def trials(self) -> list[Trial]:
        """Those that count, by their number."""
        with _errors():
            frozen = self._study.get_trials(deepcopy=False)
        return [self._seen(one) for one in frozen if one.state in STATUS]

    def next(self, limit: int, claim_of: ClaimOf) -> Next:
        """The trial to do now: one whose process has died, or a new one; "wait" while only others have some, "done" after `limit`."""
        with _errors():
            if self._is_shared:
                fail_stale_trials(self._study)
            frozen = self._study.get_trials(deepcopy=False)
            for one in frozen:
                if self._may_be_ours(one) and (claim := claim_of(one.number)):
                    return Turn(self._seen(one), claim, True)
            counted = [one for one in frozen if one.state in STATUS]
            waiting = any(one.state is TrialState.WAITING for one in frozen)
            different = {repr(sorted(self._values(one).items())) for one in counted}
            exhausted = not waiting and len(different) >= num_combinations(self._space)
            if len(counted) < limit and not exhausted and (turn := self._new(limit, claim_of)):
                return turn
            if any(one.state is TrialState.RUNNING for one in counted):
                return "wait"
            return "done" if len(counted) >= limit else "exhausted"

    def report(self, number: int, epoch: int, score: float) -> bool:
        """Keep the score of an epoch, from 1 on. Returns whether the trial is worth no more, or was given to another machine."""
        with _errors():
            trial = self._live(number)  # which passes over what it heard before
            try:
                trial.report(score, epoch - 1)
            except optuna.exceptions.UpdateFinishedTrialError:
                return True
            return bool(trial.should_prune())

    def note(self, number: int, **facts: Any) -> None:
        """Keep what is known of a trial: its run, its seconds."""
        with _errors(), suppress(optuna.exceptions.UpdateFinishedTrialError):
            for key, value in facts.items():
                self._live(number).set_user_attr(key, value)

    def tell(self, number: int, status: str, score: float | None = None) -> None:
        """End a trial. One that another process has ended, after a long silence of this one, stays as it is."""
        state = TrialState.COMPLETE if status == FINISHED else TrialState.PRUNED
        with _errors(), suppress(ValueError):
            self._study.tell(number, score if state is TrialState.COMPLETE else None, state=state)

    @contextmanager
    def alive(self, number: int) -> Iterator[None]:
        """Let other machines know that the trial is being trained."""
        ended = threading.Event()
        beating = threading.Thread(target=self._beat, args=(self._live(number)._trial_id, ended), daemon=True)
        if self._is_shared:
            beating.start()
        try:
            yield
        finally:
            ended.set()

    def importance(self) -> dict[str, float]:
        """How much each option mattered for the score, in sum 1, the most important first; empty with too few finished trials."""
        finished = [one for one in self.trials() if one.status == FINISHED]
        if len(finished) < 4 or len({one.score for one in finished}) < 2:
            return {}
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=self._seed)
        with _errors():
            found = optuna.importance.get_param_importances(self._study, evaluator=evaluator)
        return {key: float(value) for key, value in found.items()}

    def _beat(self, trial_id: int, ended: threading.Event) -> None:
        while True:
            with suppress(Exception):  # a database that does not answer now may answer the next time
                self._study._storage.record_heartbeat(trial_id)  # type: ignore[attr-defined]
            if ended.wait(HEARTBEAT_S):
                return

    def _live(self, number: int) -> optuna.Trial:
        return optuna.Trial(self._study, self._study.get_trials(deepcopy=False)[number]._trial_id)

    def _may_be_ours(self, one: FrozenTrial) -> bool:
        """It runs, or did, in this workspace: its claim says which."""
        place = one.user_attrs.get("place", "")
        return one.state is TrialState.RUNNING and (not self._is_shared or place == self._place)

    def _new(self, limit: int, claim_of: ClaimOf) -> Turn | None:
        """A new trial with values that nobody has tried; None where none was found, or another process took its claim."""
        for draw in range(DRAWS):
            asked = self._study.ask()
            claim = claim_of(asked.number)
            asked.set_user_attr("place", self._place)
            self._study.sampler = self._sampler(asked.number, draw)
            for key, dimension in self._space.items():
                _suggest(asked, key, dimension)
            if self._is_shared:
                self._study._storage.record_heartbeat(asked._trial_id)  # type: ignore[attr-defined]
            frozen = self._study.get_trials(deepcopy=False)
            mine = frozen[asked.number]
            is_one_too_many = (
                sum(one.state in STATUS for one in frozen[: asked.number]) >= limit
            )  # two machines at once
            if claim and not is_one_too_many and not any(self._is_twin(mine, one) for one in frozen):
                return Turn(self._seen(mine), claim, False)
            self._study.tell(asked.number, state=TrialState.FAIL)
            if claim:
                claim.release()
            if is_one_too_many:
                break
        return None

    def _is_twin(self, mine: FrozenTrial, one: FrozenTrial) -> bool:
        return one.number != mine.number and one.state in STATUS and self._values(one) == self._values(mine)

    def _sampler(self, number: int, draw: int) -> optuna.samplers.BaseSampler:
        """Alone, a search is a function of its seed; after a few draws of what was tried already, chance decides."""
        seed = (self._seed * 100_003 + number * 101 + draw) % 2**31
        if draw > DRAWS // 4:
            return optuna.samplers.RandomSampler(seed=seed)
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=8, constant_liar=True)

    def _seen(self, one: FrozenTrial) -> Trial:
        facts = one.user_attrs
        history = {step + 1: value for step, value in sorted(one.intermediate_values.items())}
        is_default = bool(facts.get("default"))
        return Trial(
            one.number,
            IMPOSSIBLE if facts.get("why") else STATUS[one.state],
            self._values(one),
            one.value if one.state is not TrialState.RUNNING else None,
            is_default,
            facts.get("epochs") or len(history),
            facts.get("seconds", 0.0),
            facts.get("run", ""),
            facts.get("place", ""),
            facts.get("why", ""),
            history,
            facts.get("answers", ""),
        )

    def _values(self, one: FrozenTrial) -> dict[str, Any]:
        exact = bool(one.user_attrs.get("default"))
        return {
            key: one.params[key] if exact else dimension.rounded(one.params[key])
            for key, dimension in self._space.items()
            if key in one.params
        }


def open_search(
    database: StudyDatabase, name: str, about: Mapping[str, Any], space: Space, default: Mapping[str, Any], pruner: str,
    max_epochs: int, seed: int, place: str,
) -> tuple[Search, dict[str, Any]]:  # fmt: skip
    """The study of this name, made where there is none, with the project's own values as its first trial.

    Args:
        about: what has to be the same for every trial: kept with a new study.
        max_epochs: of a trial.

    Returns:
        The search, and what it is about: another thing than `about` where the study is of another time.

    Raises:
        DatabaseError: the database cannot be used.
    """
    with _errors(), database.errors():
        storage = _storage(database)
        chosen = _pruner(pruner, max_epochs)
        try:
            study = optuna.create_study(storage=storage, study_name=name, direction="maximize", pruner=chosen)
        except optuna.exceptions.DuplicatedStudyError:
            study = optuna.load_study(study_name=name, storage=storage, pruner=chosen)
            _wait_until_ready(study)
        if "about" not in study.user_attrs:  # new, or its maker was killed
            if not study.get_trials(deepcopy=False):
                study.enqueue_trial(dict(default), user_attrs={"default": True})
            study.set_user_attr("about", dict(about))
        return Search(study, space, seed, place, database.is_shared), study.user_attrs["about"]


def forget_search(database: StudyDatabase, name: str) -> None:
    """Delete a study and all its trials, where there is one."""
    with _errors(), database.errors(), suppress(KeyError):
        optuna.delete_study(study_name=name, storage=_storage(database))


def _storage(database: StudyDatabase) -> RDBStorage:
    beat = {"heartbeat_interval": HEARTBEAT_S, "grace_period": GRACE_S,
            "heartbeat_stale_trial_callback": RetryHeartbeatStaleTrialCallback()} if database.is_shared else {}  # fmt: skip
    url = database.url.replace("{", "{{").replace("}", "}}")  # Optuna takes it for a template
    return patiently(lambda: RDBStorage(url, engine_kwargs=dict(database.engine), **beat))  # type: ignore[arg-type]


def _wait_until_ready(study: optuna.Study) -> None:
    """Another process may be making it at this moment."""
    deadline = time.monotonic() + READY_S
    while "about" not in study.user_attrs and time.monotonic() < deadline:
        time.sleep(0.2)


def _pruner(name: str, max_epochs: int) -> optuna.pruners.BasePruner:
    if name == "hyperband" and max_epochs > 1:
        return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=max_epochs, reduction_factor=3)
    if name == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=max_epochs // 4)
    return optuna.pruners.NopPruner()


def _suggest(trial: optuna.Trial, key: str, dimension: Range | Choice) -> None:
    if isinstance(dimension, Choice):
        trial.suggest_categorical(key, dimension.values)
    elif dimension.whole:
        step = int(dimension.step or 1)
        trial.suggest_int(key, int(dimension.low), int(dimension.high), step=step, log=dimension.log)
    else:
        trial.suggest_float(key, dimension.low, dimension.high, step=dimension.step, log=dimension.log)


@contextmanager
def _errors() -> Iterator[None]:
    """Optuna's troubles with its database, as a sentence; its warnings of experiments are kept quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except optuna.exceptions.StorageInternalError as error:
            cause = error.__cause__ or error
            raise WorkspaceError(
                f"The database of the search cannot be used now ({' '.join(str(cause).split())[:200]}). Nothing is lost: "
                "the same command goes on when it can."
            ) from error
        except optuna.exceptions.OptunaError as error:
            raise PhotobenchError(f"The search cannot go on: {error}.") from error
