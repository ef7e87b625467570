"""A suspicion: what a check of the audit has to say of a photo. One schema for all checks, so that every page can show any of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from photobench.records.parquet import parquet_bytes, read_parquet
from photobench.records.sentence import Reason

FIXES = ("relabel", "exclude", "group", "look")
"""What a finding proposes: another label, to leave the photo out, that it is of another group, or only that a person looks."""


@dataclass(frozen=True)
class Finding:
    """One suspicion about one photo."""

    check: str  # which check says so: "labels"
    kind: str  # what it found, in a word or two: "wrong label", "exact copy", "dark"
    path: str  # the photo in the manifest
    attribute: str  # the label in question; empty where it is about the photo
    score: float  # in [0, 1]: how probable it is that something is wrong; comparable within a check
    given: str  # the label as it stands; empty without an attribute
    suggested: str  # what `fix` would set: the label, the group; empty for "exclude" and "look"
    fix: str  # of FIXES
    evidence: str  # one or two sentences that a person can check
    related: tuple[str, ...] = ()  # other photos that the evidence speaks of, the most telling first
    cluster: str = ""  # findings of one cluster belong together: copies of each other, say
    reasons: tuple[Reason, ...] = ()  # of which `evidence` is the English; none in files of an older version
    new: bool = False  # the list that the check made before did not have it

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 1:
            raise ValueError(f"{self.check}: score {self.score} of {self.path} is not in [0, 1]")
        if self.fix not in FIXES:
            raise ValueError(f"{self.check}: {self.fix!r} is none of {', '.join(FIXES)}")


COLUMNS = [one.name for one in fields(Finding)]


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """A row per finding; `related` and `reasons` as JSON, so that CSV and Parquet hold them too."""
    findings = list(findings)
    columns: dict[str, list[Any]] = {name: [getattr(finding, name) for finding in findings] for name in COLUMNS}
    columns["related"] = [_packed(paths) for paths in columns["related"]]
    columns["reasons"] = [_packed([vars(reason) for reason in reasons]) for reasons in columns["reasons"]]
    return pd.DataFrame(columns, columns=COLUMNS)


def findings_of(frame: pd.DataFrame) -> list[Finding]:
    """The findings of such a table."""
    older = {"reasons": "[]", "new": False}  # what tables of earlier versions do not have
    frame = frame.assign(**{name: value for name, value in older.items() if name not in frame})
    columns = {name: frame[name].tolist() for name in COLUMNS}  # by column: of 100,000 rows that is 3 s less
    columns["related"] = [tuple(_unpacked(text)) for text in columns["related"]]
    columns["reasons"] = [tuple(Reason(**one) for one in _unpacked(text)) for text in columns["reasons"]]
    return [Finding(*row) for row in zip(*columns.values(), strict=True)]


def _packed(items: Sequence[Any]) -> str:
    return json.dumps(items, ensure_ascii=False)


def _unpacked(text: str) -> list[Any]:
    return json.loads(text) if text != "[]" else []


@dataclass(frozen=True)
class Checked:
    """What one check of the audit found, the most suspicious first, and what a person must know of it."""

    check: str
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()  # of the whole data set, such as how many labels are wrong in all
    skipped: str = ""  # why the check could not be made; empty where it was
    misses: str = ""  # which real problems it does not see
    false_alarms: str = ""  # what it wrongly reports

    def to_bytes(self) -> bytes:
        """Parquet, with everything but the findings in its metadata."""
        meta = {"check": self.check, "notes": self.notes, "skipped": self.skipped}
        meta |= {"misses": self.misses, "false_alarms": self.false_alarms}
        return parquet_bytes(findings_frame(self.findings), "photobench.findings", meta)

    @classmethod
    def read(cls, path: Path) -> Checked:
        frame, meta = read_parquet(path, "photobench.findings")
        return cls(**{**meta, "findings": tuple(findings_of(frame)), "notes": tuple(meta["notes"])})
