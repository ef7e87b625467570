"""The plan: who is photographed how, and what the tables say, before anything is drawn."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from photobench.sources.demo.labels import AGES, FEMALE, GENDERS, MALE, MASKS, PHOTOS, age_band, class_id
from photobench.sources.demo.people import EVAL, TRAIN, Defects, Person, mistype_age, plant_defects, sample_people

# Of a twin's photos; the others are new photos of the same person.
COPIED = ("mask1", "mask2", "incorrect_mask", "normal")


@dataclass(frozen=True)
class PhotoJob:
    """One file to write."""

    path: str  # relative to the demo's root
    mask: int
    key: tuple[int, ...]  # seeds the photo
    home_seed: int | None  # room and clothes shared by the person's photos, or None
    finish: str = ""  # a key of FINISHES, or nothing


@dataclass(frozen=True)
class PersonJob:
    """The files of one person; the unit of work of a process."""

    person: Person
    photos: tuple[PhotoJob, ...]


def plan_train(seed: int, num_people: int) -> tuple[list[PersonJob], list[dict], list[dict]]:
    """Jobs, the rows of train.csv, and the rows of the truth."""
    people, defects, rows = _believed(seed, num_people)
    jobs, truth = [], []
    for index, person in enumerate(people):
        photos = _plan_entry(index, person, defects)
        folder = f"train/images/{rows[index]['path']}"
        jobs.append(PersonJob(person, tuple(replace(p, path=f"{folder}/{p.path}") for p in photos.values())))
        truth += [_truth_row(index, stem, photo, people, rows, defects) for stem, photo in photos.items()]
    return jobs, rows, truth


def _believed(seed: int, num_people: int) -> tuple[list[Person], Defects, list[dict]]:
    people = sample_people(seed, TRAIN, num_people)
    defects = plant_defects(seed, people)
    for twin, first in defects.twin_of.items():
        people[twin] = people[first]
    return people, defects, [_believed_row(index, person, defects) for index, person in enumerate(people)]


def rarest_label(seed: int, num_people: int) -> tuple[str, int]:
    """The gender or age that the fewest people have in train.csv, and how many they are: there can be no more folds."""
    _, _, rows = _believed(seed, num_people)
    known = Counter([row["gender"] for row in rows] + [AGES[age_band(row["age"])] for row in rows])
    return min(((name, known[name]) for name in (*GENDERS.values(), *AGES.values())), key=lambda one: one[1])


def plan_eval(seed: int, num_people: int) -> tuple[list[PersonJob], list[dict]]:
    """Jobs and the answers, in the shuffled order of the sample submission."""
    jobs, answers = [], []
    for index, person in enumerate(sample_people(seed, EVAL, num_people)):
        photos = []
        for stem, photo in _plan_photos(person).items():
            name = hashlib.sha1(f"photobench demo {seed} {index} {stem}".encode()).hexdigest() + ".jpg"
            photos.append(replace(photo, path=f"eval/images/{name}"))
            labels = {"mask": MASKS[photo.mask], "gender": GENDERS[person.gender], "age": person.age}
            answers.append({"ImageID": name, "ans": class_id(photo.mask, person.gender, person.age), **labels})
        jobs.append(PersonJob(person, tuple(photos)))
    # Names are hashes: their order is as good as shuffled, and the same everywhere.
    return jobs, sorted(answers, key=lambda answer: answer["ImageID"])


def _plan_photos(person: Person) -> dict[str, PhotoJob]:
    """The person's seven photos by stem, free of defects. Half of the people are seen in one room with the same clothes."""
    rng = np.random.default_rng((*person.key, 0))
    home_seed = int(rng.integers(2**31)) if rng.random() < 0.5 else None
    endings = rng.choice([".jpg", ".jpeg", ".png"], p=[0.97, 0.02, 0.01], size=len(PHOTOS))
    return {
        stem: PhotoJob(stem + str(ending), mask, (*person.key, number), home_seed)
        for number, ((stem, mask), ending) in enumerate(zip(PHOTOS.items(), endings, strict=True), start=1)
    }


def _plan_entry(index: int, person: Person, defects: Defects) -> dict[str, PhotoJob]:
    """The photos of one row of train.csv, by the stem of their file, with the defects that they get."""
    clean = _plan_photos(person)
    photos = {}
    for stem, photo in clean.items():
        shown = clean[defects.swapped.get((index, stem), stem)]
        photos[stem] = replace(shown, path=photo.path, finish=defects.finish.get((index, stem), ""))
        if index in defects.twin_of:
            changes = {"finish": "recompressed"} if stem in COPIED else {"key": (*photo.key, 1), "home_seed": None}
            photos[stem] = replace(photos[stem], **changes)
    return photos


def _believed_row(index: int, person: Person, defects: Defects) -> dict[str, Any]:
    """A row of train.csv: what the owner of the data set believes."""
    gender = GENDERS[1 - person.gender if index in defects.wrong_gender else person.gender]
    age = mistype_age(person.age) if index in defects.wrong_age else person.age
    name = f"{index + 1:06d}"
    return {"id": name, "gender": gender, "race": "Asian", "age": age, "path": f"{name}_{gender}_Asian_{age}"}


def _truth_row(
    index: int, stem: str, photo: PhotoJob, people: list[Person], rows: list[dict], defects: Defects
) -> dict[str, Any]:
    person, row = people[index], rows[index]
    first = defects.twin_of.get(index)
    original = rows[first] if first is not None else {"id": "", "path": ""}
    copied = first is not None and stem in COPIED
    given_gender = FEMALE if row["gender"] == "female" else MALE
    return {
        "photo": f"{row['path']}/{photo.path}",
        "id": row["id"],
        "mask": MASKS[photo.mask],
        "gender": GENDERS[person.gender],
        "age": person.age,
        "true_class": class_id(photo.mask, person.gender, person.age),
        "given_class": class_id(PHOTOS[stem], given_gender, row["age"]),
        "defect": _defect_name(index, stem, defects),
        "same_person_as": original["id"],
        "copy_of": f"{original['path']}/{_plan_photos(person)[stem].path}" if copied else "",
    }


def _defect_name(index: int, stem: str, defects: Defects) -> str:
    if index in defects.wrong_gender:
        return "wrong gender"
    if index in defects.wrong_age:
        return "wrong age"
    if index in defects.twin_of:
        return "person twice"
    if (index, stem) in defects.swapped:
        return "swapped"
    return defects.finish.get((index, stem), "")
