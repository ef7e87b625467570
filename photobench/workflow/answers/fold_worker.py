"""A process that trains folds for another one, which holds the workspace: `python -m photobench.workflow.answers.fold_worker NUMBER OF`.

It reads a line of JSON for each fold from standard input, says what a training says, and then what came of it, a line of JSON after OUTCOME. Where
its input ends it does too: at once, or with the step in which it is.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from photobench import config
from photobench.config import Layer
from photobench.errors import Interrupted, PhotobenchError
from photobench.parallel import num_cores
from photobench.progress import say
from photobench.project import Project, ProjectOptions
from photobench.workflow.answers.at_once import OUTCOME
from photobench.workflow.bench import Bench
from photobench.workspace import Workspace


def main(number: int, of: int) -> None:
    _take_share(number, of)
    jobs = _jobs()
    prepared: dict[Any, Any] = {}
    while (job := jobs.get()) is not None:
        say(OUTCOME + json.dumps(_train(job, prepared)))


def _take_share(number: int, of: int) -> None:
    """Of the cores, before torch counts them; and of the cards."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(num_cores()))
    size = max(len(cores) // of, 1)
    os.environ.setdefault("OMP_NUM_THREADS", str(size))
    if hasattr(os, "sched_setaffinity"):
        start = number * size % len(cores)
        os.sched_setaffinity(0, cores[start : start + size])
    import torch

    if torch.cuda.device_count() > 1:
        torch.cuda.set_device(number % torch.cuda.device_count())


def _jobs() -> SimpleQueue[dict[str, Any] | None]:
    """What is read, then None. A training that goes on meanwhile is told to stop, as Ctrl-C does."""
    jobs: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    lines = sys.stdin

    def read() -> None:
        for line in lines:
            jobs.put(json.loads(line))
        jobs.put(None)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=read, daemon=True).start()
    return jobs


def _train(job: dict[str, Any], prepared: dict[Any, Any]) -> dict[str, str]:
    from photobench.workflow.models.apart import train_apart
    from photobench.workflow.photos.preparing import prepare

    layers = [Layer(origin, values) for origin, values in job["layers"]]
    project = Project(config.resolve(ProjectOptions, layers), Path(job["root"]), layers)
    bench = Bench(Workspace(job["workspace"]), project, job["purpose"], prepared)
    try:
        with bench.workspace.helping("photobench train --folds"):
            with contextlib.redirect_stderr(io.StringIO()):  # the process that holds the workspace has said it
                prepare(bench)
            return {"run": train_apart(bench, ("valid", "test")).name}
    except Interrupted:
        return {"failed": "stopped, and kept"}
    except PhotobenchError as error:
        return {"failed": str(error)}


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(int(sys.argv[1]), int(sys.argv[2]))
