"""The ensemble that a run is part of: who is in it, which ways were tried, and whether it is worth it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class CombinedInputs:
    """What the report shows of an ensemble. Tables are their heads and rows of texts; `picture` is an SVG document of ours."""

    name: str
    verdict: str
    about: str
    member_heads: Sequence[str]
    members: Sequence[Sequence[str]]
    way_heads: Sequence[str]
    ways: Sequence[Sequence[str]]
    diversity: str
    picture: str
