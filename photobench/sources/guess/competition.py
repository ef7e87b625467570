"""The photos of the AI Stages competition, from any of its folders."""

from __future__ import annotations

from pathlib import Path

from photobench.sources import aistages
from photobench.sources.clues import Clue, Guess
from photobench.sources.reading import read_table
from photobench.words import count


def home_of_aistages(photos: Path) -> Path | None:
    """The folder that holds train/ and eval/, also when train/ or train/images was given."""
    homes = [photos]
    if photos.name == "train":
        homes.append(photos.parent)
    if photos.name == "images" and photos.parent.name == "train":
        homes.append(photos.parent.parent)
    return next((home for home in homes if aistages.recognises(home)), None)


def guess_aistages(home: Path) -> Guess:
    sample = home / aistages.SAMPLE
    source = {"kind": "aistages", "photos": home.as_posix()}
    attributes = [a.model_dump(mode="json", exclude_defaults=True) for a in aistages.ATTRIBUTES]
    people = len(read_table(home / aistages.TRAIN_TABLE))
    clues = [
        Clue(
            "This is the AI Stages mask competition: mask × gender × age, 18 classes.",
            "certain",
            f"{aistages.TRAIN_TABLE} with {count(people, 'person', 'people')}, and train/images",
        ),
        Clue("All photos of a person stay together.", "certain", "a folder per person"),
    ]
    warnings = []
    if sample.is_file():
        clues.append(Clue(f"{aistages.SAMPLE} is the sample submission.", "certain"))
    else:
        warnings.append(f"There is no {aistages.SAMPLE}, so nothing is to be predicted.")
    return Guess("aistages", source, attributes, sample if sample.is_file() else None, tuple(clues), tuple(warnings))
