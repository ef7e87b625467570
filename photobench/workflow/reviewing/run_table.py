"""All runs for a page that stays open: the table of `photobench runs`, read again when something changed, and comparisons that are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from photobench.compare.table import RunLine, highest
from photobench.evaluation import Figure
from photobench.records import fingerprint
from photobench.workflow.bench import Bench
from photobench.workflow.reviewing.photos import ReviewPhotos
from photobench.workflow.reviewing.run_differences import told
from photobench.workflow.reviewing.words import NO_RUN, NOT_FINISHED, TOO_MANY_RUNS, Refused
from photobench.workflow.runs.comparing import compare
from photobench.workflow.runs.listing import glance_at_runs, is_unmeasured, list_runs

MOST_COMPARED = 20
"""With one reference."""
MOST_KEPT = 40
"""Comparisons, those that were asked for last."""
MEASURES = ("runs/*/evaluation-valid.json", "folds/*/evaluation.json", "ensembles/*/*.json", "refined/*/*.json")


class RunTable:
    """Of one workspace. It may be asked from several threads: whoever comes second makes the same again."""

    def __init__(self, bench: Bench, photos: ReviewPhotos):
        self._bench, self._photos = bench, photos
        self._lines: dict[bool, tuple[str, list[RunLine]]] = {}
        self._kept: OrderedDict[tuple[str, ...], Mapping[str, Any]] = OrderedDict()

    def version(self) -> str:
        """Another one after every change that the table shows. It takes milliseconds."""
        space = self._bench.workspace  # where nobody works, what is said to be running has stopped
        return fingerprint(space.runs_version(), space.is_in_use(), list(self._measures()))

    def _measures(self) -> Iterator[tuple[str, int]]:
        for pattern in MEASURES:
            for path in sorted(self._bench.workspace.root.glob(pattern)):
                yield path.as_posix(), path.stat().st_mtime_ns

    def lines(self, every: bool = False) -> tuple[str, list[RunLine]]:
        """The table and its version; with `every` also folds and what was trained for a check."""
        version = self.version()
        if every not in self._lines or self._lines[every][0] != version:
            self._lines[every] = version, glance_at_runs(self._bench, every)
        return self._lines[every]

    def measure(self, every: bool = False) -> None:
        """The intervals that lack, as `photobench runs` does it."""
        list_runs(self._bench, every)

    def to_json(self, every: bool = False) -> dict[str, Any]:
        """As `docs/review-api.md` has it."""
        version, lines = self.lines(every)
        best = highest(lines)
        return {
            "version": version,
            "runs": [_line(line) for line in lines],
            "best": best.name if best else None,
            "unmeasured": sum(map(is_unmeasured, lines)),
            "hidden": 0 if every else len(self.lines(every=True)[1]) - len(lines),
            "confidence": self._bench.options.evaluate.confidence,
        }

    def compared(self, first: str, others: Sequence[str]) -> Mapping[str, Any]:
        """Each of the others against the first, on the photos that all of them held out.

        Raises:
            PhotobenchError: there is no such run, it is not finished, there are too many, or what `compare` refuses.
        """
        names = (first, *others)
        known = {line.name: line for line in self.lines(every=True)[1]}
        _check(names, known)
        key = tuple(repr(known[name]) for name in names)  # as long as the lines are the same, so are the answers
        if key not in self._kept:
            self._kept[key] = told(compare(self._bench, names), self._photos)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _check(names: Sequence[str], known: Mapping[str, RunLine]) -> None:
    for name in names:
        if name not in known:
            raise Refused(NO_RUN(name=name))
        if known[name].status:
            raise Refused(NOT_FINISHED(name=name, status=known[name].status))
    if len(names) - 1 > MOST_COMPARED:
        raise Refused(TOO_MANY_RUNS(num=len(names) - 1, most=MOST_COMPARED))


def _line(line: RunLine) -> dict[str, Any]:
    return {key: _plain(value) for key, value in vars(line).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Figure):
        return value.to_json()
    return None if value != value else value
