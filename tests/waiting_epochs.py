"""A training that ends its epochs when it is allowed to: when there is a file `go-1` in the run's folder, and so on."""

from __future__ import annotations

import time

from photobench.train.loop import Trainer

end_epoch = Trainer._end_epoch


def wait(self: Trainer) -> None:
    while not (self.run.folder / f"go-{self.state.epoch + 1}").exists():
        time.sleep(0.02)
    end_epoch(self)


def begin() -> None:
    """From here on it waits."""
    Trainer._end_epoch = wait  # type: ignore[method-assign]
