"""Folds trained at the same time, each in a process of its own with a share of the cores, or a card of its own.

Threads of one training wait for each other in every layer of a small model, and hardly get on where other programs want the cores too.
Whoever calls holds the workspace meanwhile, and trains afterwards whatever is not finished then: what fails here fails there, in its own words.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from photobench.errors import ConfigError, Interrupted
from photobench.parallel import num_cores, num_processes
from photobench.progress import say
from photobench.records import RunRecord
from photobench.train.signals import STOPPING
from photobench.words import count, duration, listed
from photobench.workflow.bench import Bench
from photobench.workflow.models.training import asked_for

WORKER = "photobench.workflow.answers.fold_worker"
OUTCOME = "\x1e"
"""Before the JSON of what came of a fold, which no other line has."""
LOOK_S = 0.2
"""Between two looks at whether a run has begun."""


def check_jobs(jobs: int) -> None:
    """Raises ConfigError where so many at once cannot be."""
    if jobs < 1:
        raise ConfigError([f"--jobs {jobs}: at least one fold is trained at a time."])
    if jobs > 1 and num_processes() > 1:
        raise ConfigError(
            [
                f"--jobs {jobs} divides the folds among processes, and torchrun the photos of each step: leave one of them out."
            ]
        )


def train_at_once(benches: Sequence[Bench], jobs: int) -> None:
    """Train these folds so many at a time, which the caller does one by one where nothing is won.

    One that would be the last, alone, is left too: it may have all the cores.

    Args:
        benches: one per fold, prepared. Their workspace is held by the caller.

    Raises:
        Interrupted: Ctrl-C; each training that was going on has finished its step, and is kept.
    """
    folds = [_Fold(bench, asked_for(bench).key) for bench in benches]
    todo = [fold for fold in folds if not fold.is_done]
    jobs = min(jobs, len(todo))
    todo = todo[: len(todo) - (len(todo) % jobs == 1)] if jobs > 1 else []
    if not todo:
        return
    cores = max(num_cores() // jobs, 1)
    say(f"train: {jobs} folds at a time, each with {count(cores, 'core')}")
    started = time.monotonic()
    try:
        with _Workers(jobs) as workers:
            workers.train(todo)
    except KeyboardInterrupt:
        raise Interrupted(_how_far(folds)) from None
    todo[0].bench.took("train", time.monotonic() - started)


@dataclass(frozen=True)
class _Fold:
    bench: Bench
    key: str
    """RunRecord.fingerprint."""

    def __str__(self) -> str:
        split = self.bench.options.split
        again = f", division {split.repeat + 1}" if split.repeat else ""
        return f"fold {split.fold}{again}"

    @property
    def run(self) -> RunRecord | None:
        """The training of it that was begun last, or that is finished."""
        runs = [record for record in self.bench.workspace.list_runs() if record.fingerprint == self.key]
        return next((record for record in runs if record.status == "finished"), runs[-1] if runs else None)

    @property
    def has_begun(self) -> bool:
        return self.run is not None

    @property
    def is_done(self) -> bool:
        run = self.run
        return run is not None and run.status == "finished"


def _how_far(folds: Sequence[_Fold]) -> str:
    """Said at the end of a stop: which folds go on with the next call, and which are done."""
    done = [str(fold) for fold in folds if fold.is_done]
    going = [fold.run for fold in folds if fold.run and not fold.is_done]
    where = f" {listed([f'in epoch {len(run.history) + 1} of {run.name}' for run in going])}" if going else ""
    whole = f"; done: {listed(done, 10)}" if done else ""
    return f"Stopped{where}{whole}. The same command goes on from there."


class _Worker:
    """A process that trains what it is given, one after the other. Each line of it comes through `heard`; None at its end."""

    def __init__(self, number: int, jobs: int, heard: SimpleQueue[tuple[_Worker, str | None]]):
        self.fold: _Fold | None = None
        """What it trains now."""
        self.started = 0.0
        package = str(Path(__file__).parents[3])
        path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [sys.executable, "-m", WORKER, str(number), str(jobs)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
            start_new_session=True,  # Ctrl-C reaches it through here, once
            env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(heard,), daemon=True).start()

    def _listen(self, heard: SimpleQueue[tuple[_Worker, str | None]]) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            heard.put((self, line.rstrip("\n")))
        heard.put((self, None))

    def give(self, fold: _Fold) -> None:
        self.fold, self.started, bench = fold, time.monotonic(), fold.bench
        job: dict[str, Any] = {
            "workspace": str(bench.workspace.root.resolve()),
            "root": str(bench.project.root.resolve()),
            "layers": [[layer.origin, layer.values] for layer in bench.project.layers],
            "purpose": bench.purpose,
        }
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):  # it is gone, which is heard, too
            self._process.stdin.write(json.dumps(job, default=str) + "\n")
            self._process.stdin.flush()

    def dismiss(self) -> None:
        """Nothing more comes: it ends, after the step in which it is."""
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def wait(self) -> None:
        self._process.wait()


class _Workers:
    """So many processes, dismissed at the end, whatever the end is."""

    def __init__(self, jobs: int):
        self._heard: SimpleQueue[tuple[_Worker, str | None]] = SimpleQueue()
        self._all = [_Worker(number, jobs, self._heard) for number in range(jobs)]
        self._free = deque(self._all)
        self._failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is KeyboardInterrupt:
            say(f"\n{STOPPING}")
        for worker in self._all:
            worker.dismiss()
        for worker in self._all:
            worker.wait()

    def train(self, folds: Sequence[_Fold]) -> None:
        waiting: deque[_Fold] = deque(folds)
        latest: _Fold | None = None
        while any(worker.fold for worker in self._all) or (waiting and not self._failed):
            may_begin = self._free and not self._failed and (latest is None or latest.has_begun)
            if waiting and may_begin:  # one after the other: the first fold has the first number
                latest = waiting.popleft()
                self._free.popleft().give(latest)
            self._hear()

    def _hear(self) -> None:
        try:
            worker, line = self._heard.get(timeout=LOOK_S)
        except Empty:
            return
        if line is None:
            self._lost(worker)
        elif worker.fold is not None:
            said, _, outcome = line.partition(OUTCOME)
            if said:
                self._repeat(worker.fold, said)
            if outcome:
                self._ended(worker, worker.fold, json.loads(outcome))

    def _repeat(self, fold: _Fold, text: str) -> None:
        note = text.removeprefix("note: ")
        for line in [text] if note == text else fold.bench.new_notes([note]):
            say(f"{fold} │ {line}")

    def _ended(self, worker: _Worker, fold: _Fold, outcome: dict[str, str]) -> None:
        if "failed" in outcome:
            self._failed = True
            say(f"{fold} │ {outcome['failed']}")
        else:
            say(f"{fold} │ {outcome['run']} is done after {duration(time.monotonic() - worker.started)}")
        worker.fold = None
        self._free.append(worker)

    def _lost(self, worker: _Worker) -> None:
        """A process that ends before it is dismissed; it may have had nothing to do yet."""
        self._failed, worker.fold = True, None
        if worker in self._free:
            self._free.remove(worker)
