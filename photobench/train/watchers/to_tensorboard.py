"""TensorBoard files in the run's folder. The only module that imports TensorBoard."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from torch.utils.tensorboard import SummaryWriter

from photobench.learning import Standing
from photobench.train.watchers.watcher import Beginning, Watcher


class TensorBoard(Watcher):
    """Scalars by their names in the history, and pictures, against the epoch. To look at them: tensorboard --logdir runs"""

    def begin(self, beginning: Beginning, kept: str) -> str:
        folder = beginning.folder / "tensorboard"
        _wait_for_a_later_name(folder)
        self._writer = SummaryWriter(str(folder), purge_step=beginning.told + 1)
        return ""

    def epoch(self, row: dict[str, float], standing: Standing) -> None:
        for key, value in row.items():
            if key != "epoch":
                self._writer.add_scalar(key, value, int(row["epoch"]))
        self._writer.flush()

    def picture(self, name: str, pixels_HWC: np.ndarray, epoch: int) -> None:
        self._writer.add_image(name, pixels_HWC, epoch, dataformats="HWC")

    def end(self, status: str) -> None:
        self._writer.close()


def _wait_for_a_later_name(folder: Path) -> None:
    """Until the clock shows another second than the name of the newest file of events.

    TensorBoard reads the files of a run in the order of their names: the second of their start, then numbers without leading
    zeros. Of two that were started in one second, 10 would be read before 9, and what goes on before what it goes on from.
    """
    seconds = [int(file.name.split(".")[3]) for file in folder.glob("events.out.tfevents.*")]
    if seconds and max(seconds) == int(time.time()):
        time.sleep(1 - time.time() % 1)
