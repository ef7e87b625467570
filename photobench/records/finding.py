"""A suspicion: what a check of the audit has to say of a photo. One schema for all checks, so that every page can show any of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd

from photobench.records.parquet import parquet_bytes, read_parquet

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
    new: bool = False  # the list that the check made before did not have it

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 1:
            raise ValueError(f"{self.check}: score {self.score} of {self.path} is not in [0, 1]")
        if self.fix not in FIXES:
            raise ValueError(f"{self.check}: {self.fix!r} is none of {', '.join(FIXES)}")


COLUMNS = [field.name for field in fields(Finding)]


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """A row per finding; `related` as JSON, so that CSV and Parquet hold it too."""
    rows = [{**asdict(finding), "related": json.dumps(finding.related, ensure_ascii=False)} for finding in findings]
    return pd.DataFrame(rows, columns=COLUMNS)


def findings_of(frame: pd.DataFrame) -> list[Finding]:
    """The findings of such a table."""
    frame = frame if "new" in frame else frame.assign(new=False)  # a table of an earlier version
    columns = {name: frame[name].tolist() for name in COLUMNS}  # by column: of 100,000 rows that is 3 s less
    columns["related"] = [tuple(json.loads(text)) if text != "[]" else () for text in columns["related"]]
    return [Finding(*row) for row in zip(*columns.values(), strict=True)]


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
