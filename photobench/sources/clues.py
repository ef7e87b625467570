"""What `photobench init` understood of a pile of photos, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Clue:
    """One thing understood, as a sentence; how sure; and what it was understood from."""

    text: str
    sure: Literal["certain", "likely", "guess"]
    evidence: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.sure}: {self.evidence})" if self.evidence else f"{self.text} ({self.sure})"


@dataclass(frozen=True)
class Guess:
    """A project file's beginning: the values that differ from the defaults, with absolute paths."""

    kind: str
    source: dict[str, Any]
    attributes: list[dict[str, Any]]
    sample: Path | None = None  # the sample submission
    clues: tuple[Clue, ...] = ()
    warnings: tuple[str, ...] = field(default=())
