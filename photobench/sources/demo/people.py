"""Who is in the photos, and which mistakes are planted in them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from photobench.sources.demo.arrays import Rng
from photobench.sources.demo.labels import FEMALE, MALE, PHOTOS
from photobench.sources.demo.look import Look, sample_look

TRAIN, EVAL, DEFECTS = 1, 2, 3  # streams of random numbers: a change in one leaves the others as they were


@dataclass(frozen=True)
class Person:
    """Who is in the photos: `key` seeds the look, so that two entries with one key are one person."""

    key: tuple[int, ...]
    gender: int
    age: int  # years

    def look(self) -> Look:
        return sample_look(np.random.default_rng(self.key), self.gender, self.age)


def sample_people(seed: int, stream: int, num: int) -> list[Person]:
    """People in the competition's proportions: 60 % women; 46 % under 30, 45 % up to 59, many of them in their 50s, 9 % older."""
    rng = np.random.default_rng((seed, stream))
    num_old = max(1, round(0.09 * num))
    num_young = round(0.46 * num)
    bands = [
        _sample_young(rng, num_young),
        _sample_middle(rng, max(0, num - num_young - num_old)),
        _sample_old(rng, num_old),
    ]
    traits = [trait for ages in bands for trait in zip(ages, _sample_genders(rng, len(ages)), strict=True)][:num]
    order = rng.permutation(len(traits))
    return [Person((seed, stream, i), int(traits[j][1]), int(traits[j][0])) for i, j in enumerate(order)]


def _sample_young(rng: Rng, num: int) -> np.ndarray:
    return 18 + (12 * rng.beta(1.2, 1.7, num)).astype(int)


def _sample_middle(rng: Rng, num: int) -> np.ndarray:
    return np.where(rng.random(num) < 0.35, rng.integers(30, 47, num), rng.integers(47, 60, num))


def _sample_old(rng: Rng, num: int) -> np.ndarray:
    return 60 + (13 * rng.beta(1.1, 1.5, num)).astype(int)


def _sample_genders(rng: Rng, num: int) -> np.ndarray:
    """60 % women, exactly, so that no age band loses a gender by chance."""
    return rng.permutation(np.where(np.arange(num) < round(0.6 * num), FEMALE, MALE))


# --- the planted defects ----------------------------------------------------------------------------------------------------------


@dataclass
class Defects:
    """What is wrong on purpose. People are given by their index, photos by (index, stem); none has two defects."""

    wrong_gender: set[int] = field(default_factory=set)
    wrong_age: set[int] = field(default_factory=set)
    twin_of: dict[int, int] = field(default_factory=dict)  # the second entry of a person -> the first
    swapped: dict[tuple[int, str], str] = field(default_factory=dict)  # photo -> the stem whose picture it holds
    finish: dict[tuple[int, str], str] = field(default_factory=dict)  # photo -> a key of FINISHES


def plant_defects(seed: int, people: list[Person]) -> Defects:
    """Choose who gets which defect. At 150 people 29 of the 1,050 labels become wrong, 2.8 %."""
    rng, num = np.random.default_rng((seed, DEFECTS)), len(people)
    queue = [int(i) for i in rng.permutation(num)]
    defects = Defects()
    # An age is mistyped by 30 years, which must land in another band and still be an adult's.
    typable = [i for i in queue if people[i].age < 30 or people[i].age >= 48]
    defects.wrong_age = set(typable[: _share(num, 150)])
    queue = [i for i in queue if i not in defects.wrong_age]
    defects.wrong_gender = {queue.pop() for _ in range(_share(num, 75))}
    defects.twin_of = {queue.pop(): queue.pop() for _ in range(_share(num, 75))}
    defects.swapped = _choose_swaps(rng, queue[: _share(num, 38)])
    defects.finish = _choose_finishes(rng, queue, set(defects.swapped), num_dark=_share(num, 38))
    return defects


def _share(num_people: int, one_in: int) -> int:
    return max(1, round(num_people / one_in))


def _choose_swaps(rng: Rng, owners: list[int]) -> dict[tuple[int, str], str]:
    """Two files of a person that bear each other's name; every third pair involves a worn mask."""
    swapped: dict[tuple[int, str], str] = {}
    for count, owner in enumerate(owners):
        first = "incorrect_mask" if count % 3 != 2 else f"mask{rng.integers(1, 6)}"
        swapped |= {(owner, first): "normal", (owner, "normal"): first}
    return swapped


def _choose_finishes(
    rng: Rng, owners: list[int], taken: set[tuple[int, str]], num_dark: int
) -> dict[tuple[int, str], str]:
    free = [(owner, stem) for owner in owners for stem in PHOTOS if (owner, stem) not in taken]
    finishes = ["truncated", "empty", "not an image"] + ["dark"] * num_dark
    chosen = rng.choice(len(free), size=len(finishes), replace=False)
    return {free[i]: finish for i, finish in zip(chosen, finishes, strict=True)}


def mistype_age(age: int) -> int:
    """The age as its owner wrote it down: 30 years too many or too few."""
    return age + 30 if age < 30 else age - 30
