"""What may be written as a search space, and what is said of what may not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from photobench.errors import ConfigError
from photobench.tune.options import TuneOptions
from photobench.tune.space import Choice, Range, num_combinations, parse, with_defaults

DEFAULT = {"train.lr": 5e-4, "train.epochs": 12, "augment.mix": "none"}


def test_a_range_and_a_choice() -> None:
    written = {"train.lr": {"low": 1e-5, "high": 1e-2, "log": True}, "augment.mix": ["none", "cutmix"]}
    space = parse(written, DEFAULT)
    assert space == {"train.lr": Range(1e-5, 1e-2, log=True), "augment.mix": Choice(("none", "cutmix"))}
    assert num_combinations({"augment.mix": space["augment.mix"]}) == 2
    assert num_combinations(space) == float("inf")


def test_an_option_of_whole_numbers_is_searched_in_whole_numbers() -> None:
    space = parse({"train.epochs": {"low": 4, "high": 12, "step": 4}}, DEFAULT)
    assert num_combinations(space) == 3
    assert space["train.epochs"].rounded(8) == 8


def test_a_number_from_a_range_has_three_digits_and_stays_inside() -> None:
    assert Range(0.0, 1.0).rounded(0.123456) == 0.123
    assert Range(0.12345, 1.0).rounded(0.123450001) == 0.12345


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (0.1, "write a range as"),
        (["none"], "two or more different"),
        (["none", "none"], "two or more different"),
        ({"low": 1}, "needs low and high"),
        ({"low": 1, "high": "2"}, "needs low and high"),
        ({"low": 2, "high": 1}, "low has to be less"),
        ({"low": 0, "high": 1, "log": True}, "low has to be more than 0"),
        ({"low": 1, "high": 2, "hihg": 3}, 'Did you mean "high"'),
        ({"low": 1, "high": 2, "step": 5}, "has step = 5"),
        ({"low": 1, "high": 2, "step": 0.5, "log": True}, "leave out one of them"),
    ],
)
def test_a_mistake_in_the_form_is_told(form: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse({"train.lr": form}, DEFAULT)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        parse({"train.lr": 1, "augment.mix": []}, DEFAULT)
    assert len(raised.value.mistakes) == 2


def test_the_space_is_widened_for_the_projects_own_values() -> None:
    space, widened = with_defaults({"train.lr": Range(1e-3, 1e-2), "augment.mix": Choice(("mixup", "cutmix"))}, DEFAULT)
    assert space["train.lr"] == Range(5e-4, 1e-2)
    assert space["augment.mix"] == Choice(("none", "mixup", "cutmix"))
    assert widened == ["train.lr", "augment.mix"]
    with pytest.raises(ConfigError, match="no logarithm"):
        with_defaults({"x": Range(1e-3, 1, log=True)}, {"x": 0.0})


@pytest.mark.parametrize("study", ["", "../out", "a b", ".hidden"])
def test_a_study_names_a_folder(study: str) -> None:
    with pytest.raises(ValidationError, match="names a folder, too: begin with a letter or a digit"):
        TuneOptions(study=study)
