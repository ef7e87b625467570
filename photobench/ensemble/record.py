"""What is kept of an ensemble: JSON, and nothing that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from photobench.ensemble.diversity import Diversity
from photobench.ensemble.methods import Fitted
from photobench.evaluation import Figure


@dataclass(frozen=True)
class Member:
    """Who is in it: a name, its runs, the fingerprint of its answers when the ensemble was made, its macro-F1, and milliseconds per photo."""

    name: str
    runs: tuple[str, ...]
    answers: str
    score: Figure
    ms: float

    def to_json(self) -> dict[str, Any]:
        plain = {"name": self.name, "runs": list(self.runs), "answers": self.answers, "ms": self.ms}
        return {**plain, "score": self.score.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Member:
        score = Figure.from_json(data["score"])
        return cls(data["name"], tuple(data["runs"]), data["answers"], score, float(data["ms"]))


@dataclass(frozen=True)
class Way:
    """A way to combine as it was tried: macro-F1 on photos that it was not fitted to, how much more than the best member has (None for
    that one), and milliseconds per photo. `expected`: how much more on new photos, where each member is the mean of several models; None where that
    is not known, or the same."""

    method: str
    score: Figure
    gain: Figure | None
    ms: float
    expected: Figure | None = None

    def to_json(self) -> dict[str, Any]:
        gain, expected = (one.to_json() if one else None for one in (self.gain, self.expected))
        return {"method": self.method, "score": self.score.to_json(), "gain": gain, "ms": self.ms, "expected": expected}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Way:
        gain, expected = (Figure.from_json(one) if one else None for one in (data["gain"], data.get("expected")))
        return cls(data["method"], Figure.from_json(data["score"]), gain, float(data["ms"]), expected)


@dataclass(frozen=True)
class EnsembleRecord:
    """An ensemble: its members, the way in which they are combined, every way that was tried, and how different the members are.

    `soup`: of the way "soup", the runs of averaged weights that answer in the place of the members that have a weight.
    `made_of`: changes when anything does that it was made from.
    """

    name: str
    method: str
    asked: str
    """The way that was asked for; "best" where it was chosen."""
    members: tuple[Member, ...]
    fitted: Fitted
    tried: tuple[Way, ...]
    diversity: Diversity
    num_photos: int
    num_groups: int
    made_of: str
    created: str
    soup: tuple[str, ...] = ()

    @property
    def way(self) -> Way:
        """That in which they are combined."""
        return next(one for one in self.tried if one.method == self.method)

    @property
    def alone(self) -> Member:
        """The first that counts: the only one where the way is "single"."""
        return self.members[self.fitted.asked()[0]]

    def to_json(self) -> dict[str, Any]:
        return {
            **{key: getattr(self, key) for key in PLAIN},
            "members": [one.to_json() for one in self.members],
            "fitted": self.fitted.to_json(),
            "tried": [one.to_json() for one in self.tried],
            "diversity": self.diversity.to_json(),
            "soup": list(self.soup),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> EnsembleRecord:
        return cls(
            **{key: data[key] for key in PLAIN},
            members=tuple(Member.from_json(one) for one in data["members"]),
            fitted=Fitted.from_json(data["fitted"]),
            tried=tuple(Way.from_json(one) for one in data["tried"]),
            diversity=Diversity.from_json(data["diversity"]),
            soup=tuple(data["soup"]),
        )


PLAIN = ("name", "method", "asked", "num_photos", "num_groups", "made_of", "created")
