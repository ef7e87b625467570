"""What every layout may have: a sample submission, and names that say who or what is in a photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from photobench.sources import aistages, groups
from photobench.sources.clues import Clue
from photobench.words import count, examples

TABLES = {".csv", ".tsv", ".parquet"}  # that are looked at without being named


def is_sample(path: Path) -> bool:
    return path.suffix.lower() == ".csv" and "submission" in path.stem.lower()


def find_sample(*places: Path) -> Path | None:
    """sample_submission.csv, eval/info.csv and their like."""
    for place in places:
        found = sorted(p for p in place.glob("*.csv") if is_sample(p))
        found += [p for p in (place / aistages.SAMPLE,) if p.is_file()]
        if found:
            return min(found, key=lambda p: ("sample" not in p.stem.lower(), p.name))
    return None


def guess_groups(
    source: dict[str, Any],
    paths: Sequence[str],
    depth: int,
    labels: Mapping[str, str],
    clues: list[Clue],
    warnings: list[str],
) -> None:
    proposal = groups.propose(paths, depth, labels)
    if proposal:
        source["group_pattern"] = proposal.pattern
        text = f"The path says who or what is in {count(proposal.num_photos, 'photo')}; such photos stay together."
        clues.append(Clue(text, "likely" if proposal.sure == "likely" else "guess", proposal.evidence))
    else:
        warnings.append(
            "Groups are unknown: if several photos show the same person or object, scores will look better "
            "than they are. Set source.group_column or source.group_pattern."
        )
    altered = groups.augmented(paths)
    if altered:
        warnings.append(
            f"{count(len(altered), 'photo looks', 'photos look')} like an altered copy of another by name "
            f"({examples(altered)}); which one cannot be told, so copies may fall on both sides of the split."
        )
