"""A command whose steps of training take their time, so that it can be stopped in the middle of an epoch.

To be imported before the command, or run in its place: `torchrun -m tests.train.slow_steps train ...`
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from photobench.train.step import Learner

STEP_S, LIMIT_S = 0.2, 200
step = Learner.step


def slow(self: Learner, *batch: Any) -> Any:
    time.sleep(STEP_S)
    return step(self, *batch)


def wait_for_epoch_2(workspace: Path) -> None:
    """Returns after a few steps of it, in whatever process it is trained."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline and not list(workspace.glob("runs/*/history.csv")):
        time.sleep(0.02)
    time.sleep(2.5 * STEP_S)


def begin() -> None:
    """From here on steps are slow."""
    Learner.step = slow  # type: ignore[method-assign]


if __name__ == "__main__":
    from photobench.cli import main

    begin()
    main()
