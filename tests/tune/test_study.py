"""A search in a real database: who does which trial, what is given up, and what outlives a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from photobench.config import Layer, Options, resolve
from photobench.errors import ConfigError, DatabaseError
from photobench.ledger.options import LedgerOptions
from photobench.tune.options import TuneOptions
from photobench.tune.space import Choice, Range, Space
from photobench.tune.study import Search, Turn, forget_search, open_search
from photobench.tune.trials import FINISHED, GIVEN_UP, RUNNING, rank_of_default
from photobench.workspace import Claim
from photobench.workspace.studies import study_database

SPACE: Space = {"train.lr": Range(1e-4, 1e-2, log=True), "augment.mix": Choice(("none", "cutmix"))}
DEFAULT = {"train.lr": 5e-4, "augment.mix": "none"}


def opened(folder: Path, space: Space = SPACE, pruner: str = "median", about: str = "a") -> Search:
    database = study_database("", folder / "photobench.db")
    return open_search(database, "tune", {"data": about}, space, DEFAULT, pruner, 4, 0, "here")[0]


def turn_of(search: Search, folder: Path, limit: int = 30) -> Turn:
    found = search.next(limit, lambda number: Claim.take(folder / f"trial-{number}.lock"))
    assert isinstance(found, Turn)
    return found


def done(search: Search, folder: Path, score: float) -> Turn:
    turn = turn_of(search, folder)
    for epoch in (1, 4):
        search.report(turn.trial.number, epoch, score * epoch / 4)
    search.tell(turn.trial.number, FINISHED, score)
    turn.claim.release()
    return turn


def test_the_first_trial_is_the_project_as_it_is_and_its_rank_is_told(tmp_path: Path) -> None:
    search = opened(tmp_path)
    assert dict(done(search, tmp_path, 0.5).trial.values) == DEFAULT
    for score in (0.7, 0.4):
        assert done(search, tmp_path, score).trial.changes
    assert [trial.is_default for trial in search.trials()] == [True, False, False]
    assert rank_of_default(search.trials()) == 2


def test_a_search_is_a_function_of_its_seed(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        search = opened(tmp_path / name)
        found.append([done(search, tmp_path / name, 0.1 * number).trial.values for number in range(3)])
    assert found[0] == found[1]


def test_a_trial_whose_process_has_died_is_the_next_one(tmp_path: Path) -> None:
    search = opened(tmp_path)
    done(search, tmp_path, 0.5)
    turn = turn_of(search, tmp_path)
    search.report(turn.trial.number, 1, 0.3)
    turn.claim.release()  # as the kernel does
    again = turn_of(opened(tmp_path), tmp_path)
    assert again.trial.number == turn.trial.number
    assert again.trial.values == turn.trial.values
    assert again.trial.history == {1: 0.3}
    assert [trial.status for trial in search.trials()] == [FINISHED, RUNNING]


def test_processes_at_once_have_different_trials_and_the_last_waits(tmp_path: Path) -> None:
    one, other = opened(tmp_path), opened(tmp_path)
    turns = [turn_of(search, tmp_path, limit=4) for search in (one, other, one, other)]
    assert [turn.trial.number for turn in turns] == [0, 1, 2, 3]
    assert len({repr(turn.trial.values) for turn in turns}) == 4
    claim = lambda number: Claim.take(tmp_path / f"trial-{number}.lock")  # noqa: E731
    assert one.next(4, claim) == "wait"
    for turn in turns:
        one.tell(turn.trial.number, FINISHED, 0.5)
        turn.claim.release()
    assert other.next(4, claim) == "done"


def test_no_combination_is_tried_twice_and_a_small_space_has_an_end(tmp_path: Path) -> None:
    search = opened(tmp_path, {"train.lr": Choice((5e-4, 1e-3)), "augment.mix": Choice(("none", "cutmix"))})
    seen = [repr(done(search, tmp_path, 0.5).trial.values) for _ in range(4)]
    assert len(set(seen)) == 4
    assert search.next(30, lambda number: Claim.take(tmp_path / f"trial-{number}.lock")) == "exhausted"


@pytest.mark.parametrize("pruner", ["median", "hyperband", "none"])
def test_a_hopeless_trial_is_given_up(tmp_path: Path, pruner: str) -> None:
    search = opened(tmp_path, pruner=pruner)
    for score in (0.8, 0.82, 0.84, 0.86):
        done(search, tmp_path, score)
    number = turn_of(search, tmp_path).trial.number
    told = [search.report(number, epoch, 0.01) for epoch in range(1, 5)]
    assert any(told) is (pruner != "none")
    search.tell(number, GIVEN_UP)
    assert search.trials()[-1].status == GIVEN_UP
    assert search.importance()


def test_a_study_keeps_what_it_is_about_until_it_is_forgotten(tmp_path: Path) -> None:
    opened(tmp_path)
    database = study_database("", tmp_path / "photobench.db")
    assert open_search(database, "tune", {"data": "b"}, SPACE, DEFAULT, "none", 4, 0, "here")[1] == {"data": "a"}
    forget_search(database, "tune")
    assert open_search(database, "tune", {"data": "b"}, SPACE, DEFAULT, "none", 4, 0, "here")[1] == {"data": "b"}


def test_a_database_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        DatabaseError,
        match=r"postgresql://me@localhost:1/photos cannot be reached .*connection refused. Is tune.storage right",
    ):
        study_database("postgresql://me@localhost:1/photos", tmp_path / "photobench.db")


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("postgresql://me:secret@host/photos", "set PGPASSWORD or write ~/.pgpass"),
        ("postgresql://me:$PGPASSWORD@host/photos", "set PGPASSWORD or write ~/.pgpass"),
        ("postgresql://me@host/photos?password=secret", "set PGPASSWORD or write ~/.pgpass"),
        ("mysql://host/photos", "is no address of a PostgreSQL database"),
        ("photos", "is no address of a PostgreSQL database"),
    ],
)
@pytest.mark.parametrize(("options", "name"), [(TuneOptions, "storage"), (LedgerOptions, "url")])
def test_a_shared_database_is_named_alike_and_without_its_password(
    options: type[Options], name: str, address: str, rule: str
) -> None:
    with pytest.raises(ConfigError, match=f"{name} .*{rule}") as refused:
        resolve(options, [Layer("photobench.toml", {name: address})])
    assert "secret" not in str(refused.value)
