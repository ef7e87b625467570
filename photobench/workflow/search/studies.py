"""The runs that searches need: what is removed with them would be trained anew, or change what a search says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from photobench.records import RunRecord
from photobench.tune.trials import FINISHED
from photobench.workflow.bench import Bench
from photobench.workspace import read_json

PURPOSE = "tune"


def needed_by_studies(bench: Bench, records: Sequence[RunRecord]) -> dict[str, str]:
    """Why a run is needed by a search, by its name. A search whose folder is gone needs nothing."""
    found: dict[str, str] = {}
    for folder in sorted(path for path in bench.workspace.tune.glob("*") if path.is_dir()):
        for name, why in (*_concluded(folder), *_under_way(folder, records)):
            found.setdefault(name, why)
    here = {record.name for record in records}  # a shared search has trials of other machines
    return {name: why for name, why in found.items() if name in here}


def _concluded(folder: Path) -> Iterator[tuple[str, str]]:
    """What its last conclusion stands on, the most important first."""
    if not (folder / "tune.json").exists():
        return
    study, about = folder.name, read_json(folder / "tune.json", dict)
    if about.get("best"):
        yield about["best"], f"the best of the search {study}"
    yield from ((row["run"], f"trained in full for the search {study}") for row in about["finals"])
    yield from ((name, f"a fold of the search {study}") for name in about.get("folds", ()))
    trials = (row for row in about["trials"] if row["status"] == FINISHED)
    yield from ((row["run"], f"a trial of the search {study}, on which its luck is measured") for row in trials)


def _under_way(folder: Path, records: Sequence[RunRecord]) -> Iterator[tuple[str, str]]:
    """What was trained since then, or before the first one: the search goes on with it."""
    done = folder / "tune.json"
    since = datetime.fromtimestamp(done.stat().st_mtime, UTC) if done.exists() else datetime.min.replace(tzinfo=UTC)
    for record in records:
        mine = record.purpose == PURPOSE and record.config.get("tune", {}).get("study") == folder.name
        if mine and record.status not in ("pruned", "failed") and datetime.fromisoformat(record.created) > since:
            yield record.name, f"the search {folder.name} is not over: photobench tune goes on with it"
