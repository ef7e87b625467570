"""What tests ask of a guess."""

from __future__ import annotations

from pathlib import Path

from photobench.sources.clues import Guess
from photobench.sources.manifest import build_manifest
from photobench.sources.options import AttributeOptions, SourceOptions


def build(found: Guess):
    attributes = tuple(AttributeOptions.model_validate(one) for one in found.attributes)
    return build_manifest(SourceOptions.model_validate(found.source), attributes, Path("/nowhere"))


def how_sure(found: Guess, part: str) -> str:
    return next(clue.sure for clue in found.clues if part in clue.text)
