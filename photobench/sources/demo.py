"""The demo data set: drawn people in the layout of the "AI Stages" mask competition, with planted mistakes and the truth beside.

    root/demo.json                                    the parameters; its presence means 'complete'
    root/train/train.csv                              id, gender, race, age, path: one row a person, as their owner believes it
    root/train/images/000001_female_Asian_45/         mask1 to mask5, incorrect_mask, normal
    root/eval/info.csv, root/eval/images/             anonymous photos of other people, and the sample submission
    root/truth/train.csv, root/truth/eval.csv         what training must never read: true classes and planted defects

A class is 6 × mask + 3 × gender + age band: worn, incorrect, not worn; male, female; under 30, 30 to 59, from 60.
"""

from __future__ import annotations

import csv
import hashlib
import json
import multiprocessing
import multiprocessing.connection
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from photobench.errors import ConfigError, SourceError
from photobench.sources import faces
from photobench.sources.faces import FEMALE, INCORRECT, MALE, NOT_WORN, WORN, Rng

FORMAT = 1  # raise it whenever the same seed would render another data set
MARKER = "demo.json"
GENDERS = {MALE: "male", FEMALE: "female"}
MASKS = {WORN: "worn", INCORRECT: "incorrect", NOT_WORN: "not worn"}
PHOTOS = {f"mask{i}": WORN for i in range(1, 6)} | {"incorrect_mask": INCORRECT, "normal": NOT_WORN}
COPIED = (
    "mask1",
    "mask2",
    "incorrect_mask",
    "normal",
)  # of a twin's photos; the others are new photos of the same person
TRAIN, EVAL, DEFECTS = 1, 2, 3  # streams of random numbers: a change in one leaves the others as they were
MIN_PEOPLE = 6  # fewer have no room for one defect of each kind
STALE_S = 3600  # a half-made folder untouched for so long belongs to a killed run

Progress = Callable[[int, int], None]


def make_demo(
    root: Path,
    *,
    num_people: int = 150,
    num_eval_people: int = 60,
    seed: int = 0,
    size_px: tuple[int, int] = (384, 512),
    progress: Progress | None = None,
) -> None:
    """Render the demo data set into `root`, 7 photos a person; does nothing where the same one is already there.

    The same arguments give the same bytes. The folder appears under its name only when it is complete. `size_px` is (width,
    height) and `progress(done, total)` is told after each person, in photos. Worker processes are started, so a script that calls
    this needs the usual `if __name__ == "__main__":`.

    Raises ConfigError for impossible arguments, and SourceError when something else is at `root` or it cannot be written.
    """
    root = Path(root)
    _check_arguments(num_people, num_eval_people, seed, size_px)
    parameters = {
        "format": FORMAT,
        "num_people": num_people,
        "num_eval_people": num_eval_people,
        "seed": seed,
        "size_px": list(size_px),
    }
    if _is_made(root, parameters):
        return
    train, rows, truth = _plan_train(seed, num_people)
    evaluation, answers = _plan_eval(seed, num_eval_people)
    try:
        with _appearing(root) as partial_root:
            _write_tables(partial_root, rows, truth, answers)
            _render_all(partial_root, [*train, *evaluation], size_px, progress)
            (partial_root / MARKER).write_text(json.dumps(parameters, indent=2) + "\n")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"The demo cannot be written to {root}: {reason}. Choose another folder.") from error


def class_id(mask: int, gender: int, age: int) -> int:
    """The competition's class, 0 to 17; `age` in years."""
    return 6 * mask + 3 * gender + _age_band(age)


def _age_band(age: int) -> int:
    return int(age >= 30) + int(age >= 60)


def _check_arguments(num_people: int, num_eval_people: int, seed: int, size_px: tuple[int, int]) -> None:
    width, height = size_px
    mistakes = []
    if num_people < MIN_PEOPLE:
        mistakes.append(f"num_people is {num_people}; the planted defects need {MIN_PEOPLE} or more.")
    if num_eval_people < 1:
        mistakes.append(f"num_eval_people is {num_eval_people}; give 1 or more.")
    if seed < 0:
        mistakes.append(f"seed is {seed}; give 0 or more.")
    if min(width, height) < 48 or width * 2 < height:
        mistakes.append(
            f"size_px is {width} × {height}; give 48 or more a side, and a width of at least half the height."
        )
    if mistakes:
        raise ConfigError(mistakes)


# --- the folder: all or nothing -------------------------------------------------------------------------------------------------


def _is_made(root: Path, parameters: Mapping[str, Any]) -> bool:
    """Whether this very demo is at `root`; raises SourceError where anything else is."""
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return False
    remedy = "Choose another folder, or remove this one first."
    try:
        found = json.loads((root / MARKER).read_text())
    except (OSError, ValueError):
        raise SourceError(f"{root} exists already and is not a demo data set. {remedy}") from None
    if found != parameters:
        raise SourceError(
            f"{root} holds a demo made with other parameters ({_differences(found, parameters)}). {remedy}"
        )
    return True


def _differences(found: Any, wanted: Mapping[str, Any]) -> str:
    found = found if isinstance(found, dict) else {}
    return ", ".join(f"{k} {found.get(k)}, not {v}" for k, v in wanted.items() if found.get(k) != v) or "unknown ones"


@contextmanager
def _appearing(root: Path) -> Iterator[Path]:
    """A sibling folder to fill, which takes the name `root` at the end and vanishes on any failure."""
    root = root.absolute()
    root.parent.mkdir(parents=True, exist_ok=True)
    for leftover in root.parent.glob(f".{root.name}.*.partial"):
        if time.time() - leftover.stat().st_mtime > STALE_S:
            shutil.rmtree(leftover, ignore_errors=True)
    partial_root = root.parent / f".{root.name}.{os.getpid()}.partial"
    partial_root.mkdir()
    try:
        yield partial_root
        if root.exists():
            root.rmdir()  # only an empty folder was let through
        partial_root.rename(root)
    except BaseException:
        shutil.rmtree(partial_root, ignore_errors=True)
        raise


# --- the people -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Who is in the photos: `key` seeds the look, so that two entries with one key are one person."""

    key: tuple[int, ...]
    gender: int
    age: int  # years

    def look(self) -> faces.Look:
        return faces.sample_look(np.random.default_rng(self.key), self.gender, self.age)


def _sample_people(seed: int, stream: int, num: int) -> list[Person]:
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


def _plant_defects(seed: int, people: list[Person]) -> Defects:
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


def _mistype_age(age: int) -> int:
    return age + 30 if age < 30 else age - 30


# --- the plan: who is photographed how, and what the tables say --------------------------------------------------------------------


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


def _plan_photos(person: Person) -> dict[str, PhotoJob]:
    """The person's seven photos by stem, free of defects. Half of the people are seen in one room with the same clothes."""
    rng = np.random.default_rng((*person.key, 0))
    home_seed = int(rng.integers(2**31)) if rng.random() < 0.5 else None
    endings = rng.choice([".jpg", ".jpeg", ".png"], p=[0.97, 0.02, 0.01], size=len(PHOTOS))
    return {
        stem: PhotoJob(stem + str(ending), mask, (*person.key, number), home_seed)
        for number, ((stem, mask), ending) in enumerate(zip(PHOTOS.items(), endings, strict=True), start=1)
    }


def _plan_train(seed: int, num_people: int) -> tuple[list[PersonJob], list[dict], list[dict]]:
    """Jobs, the rows of train.csv, and the rows of the truth."""
    people = _sample_people(seed, TRAIN, num_people)
    defects = _plant_defects(seed, people)
    for twin, first in defects.twin_of.items():
        people[twin] = people[first]
    rows = [_believed_row(index, person, defects) for index, person in enumerate(people)]
    jobs, truth = [], []
    for index, person in enumerate(people):
        photos = _plan_entry(index, person, defects)
        folder = f"train/images/{rows[index]['path']}"
        jobs.append(PersonJob(person, tuple(replace(p, path=f"{folder}/{p.path}") for p in photos.values())))
        truth += [_truth_row(index, stem, photo, people, rows, defects) for stem, photo in photos.items()]
    return jobs, rows, truth


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
    age = _mistype_age(person.age) if index in defects.wrong_age else person.age
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


def _plan_eval(seed: int, num_people: int) -> tuple[list[PersonJob], list[dict]]:
    """Jobs and the answers, in the shuffled order of the sample submission."""
    jobs, answers = [], []
    for index, person in enumerate(_sample_people(seed, EVAL, num_people)):
        photos = []
        for stem, photo in _plan_photos(person).items():
            name = hashlib.sha1(f"photobench demo {seed} {index} {stem}".encode()).hexdigest() + ".jpg"
            photos.append(replace(photo, path=f"eval/images/{name}"))
            labels = {"mask": MASKS[photo.mask], "gender": GENDERS[person.gender], "age": person.age}
            answers.append({"ImageID": name, "ans": class_id(photo.mask, person.gender, person.age), **labels})
        jobs.append(PersonJob(person, tuple(photos)))
    # Names are hashes: their order is as good as shuffled, and the same everywhere.
    return jobs, sorted(answers, key=lambda answer: answer["ImageID"])


# --- writing ----------------------------------------------------------------------------------------------------------------------


def _write_tables(root: Path, rows: list[dict], truth: list[dict], answers: list[dict]) -> None:
    _write_csv(root / "train" / "train.csv", rows)
    _write_csv(root / "eval" / "info.csv", [{"ImageID": a["ImageID"], "ans": 0} for a in answers])
    _write_csv(root / "truth" / "train.csv", truth)
    _write_csv(root / "truth" / "eval.csv", answers)


def _write_csv(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _render_all(root: Path, jobs: list[PersonJob], size_px: tuple[int, int], progress: Progress | None) -> None:
    total = sum(len(job.photos) for job in jobs)
    work, done = partial(_render_person, root, size_px), 0
    with _mapper(len(jobs)) as run:
        for num_written in run(work, jobs):
            done += num_written
            if progress is not None:
                progress(done, total)


@contextmanager
def _mapper(num_jobs: int) -> Iterator[Callable[..., Iterable[int]]]:
    """`map` over worker processes, or in this one where there is too little to do to pay for starting them."""
    num_cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    num_workers = min(num_cpus, num_jobs // 8, 16)
    if num_workers < 2:
        yield map
        return
    # spawn: a fork of a process in which torch or OpenCV threads run can hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(num_workers, mp_context=context, initializer=_start_worker)
    try:
        yield pool.map
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_worker() -> None:
    """One thread a process; Ctrl-C is the parent's to handle; and no worker outlives a parent that was killed."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _render_person(root: Path, size_px: tuple[int, int], job: PersonJob) -> int:
    """Write the photos of one person; returns their number."""
    look = job.person.look()
    for photo in job.photos:
        path = root / photo.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_take_photo(look, photo, size_px))
    return len(job.photos)


def _take_photo(look: faces.Look, photo: PhotoJob, size_px: tuple[int, int]) -> bytes:
    rng = np.random.default_rng(photo.key)
    shot = faces.sample_shot(rng, look, photo.mask, photo.home_seed)
    if photo.finish == "dark":
        shot = faces.darken(shot)
    pixels = faces.render(look, shot, size_px)
    data = _encode(pixels, Path(photo.path).suffix, quality=int(rng.integers(70, 95)))
    return FINISHES[photo.finish](data) if photo.finish in FINISHES else data


def _encode(pixels: np.ndarray, suffix: str, quality: int) -> bytes:
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1] if suffix == ".png" else [cv2.IMWRITE_JPEG_QUALITY, quality]
    return cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)[1].tobytes()


def _recompress(data: bytes) -> bytes:
    """What a messenger makes of a photo: a little cropped, a little brighter, saved again with more loss."""
    pixels = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
    height, width = pixels.shape[:2]
    edge = max(1, height // 60)
    pixels = cv2.resize(pixels[edge:-edge, edge:-edge], (width, height), interpolation=cv2.INTER_AREA)
    pixels = cv2.convertScaleAbs(pixels, alpha=1.04, beta=3)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tobytes()


FINISHES: dict[str, Callable[[bytes], bytes]] = {
    "recompressed": _recompress,
    "truncated": lambda data: data[: len(data) * 2 // 5],
    "empty": lambda data: b"",
    "not an image": lambda data: b"<!DOCTYPE html><title>403 Forbidden</title>\n",
}
