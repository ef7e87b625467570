"""The files of events, as TensorBoard reads them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary.writer import event_file_writer

from photobench.train.watchers.to_tensorboard import TensorBoard
from tests.contracts.test_watchers import beginning, told


def test_what_goes_on_is_read_after_what_it_goes_on_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ninth and the tenth file of a process, begun at once: their names alone are in the wrong order."""
    monkeypatch.setattr(event_file_writer, "_global_uid", event_file_writer.AtomicCounter(9))
    told(TensorBoard(), beginning(tmp_path, 0), range(1, 3), "interrupted")
    told(TensorBoard(), replace(beginning(tmp_path, 1), told=1), range(2, 5), "finished")
    events = EventAccumulator(str(beginning(tmp_path, 2).folder / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("train_loss")] == [1, 2, 3, 4]
