"""What tests ask of a guess."""

from __future__ import annotations

from pathlib import Path

from photobench.sources.clues import Guess
from photobench.sources.manifest import build_manifest


def build(found: Guess):
    return build_manifest(found.source_options(), found.attribute_options(), Path("/nowhere"))


def how_sure(found: Guess, part: str) -> str:
    return next(clue.sure for clue in found.clues if part in clue.text)
