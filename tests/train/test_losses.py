"""What is known of an epoch's losses before all of them were looked at."""

from __future__ import annotations

import math

import pytest
import torch

from photobench.train.losses import Diverged, LossWatch


def test_the_mean_is_known_from_the_first_step_on_and_never_an_invented_zero() -> None:
    watch = LossWatch(0, 0.0)
    assert watch.mean() is None
    means = []
    for loss in (4.0, 2.0, 3.0):
        watch.add(torch.tensor(loss), 1)
        means.append(watch.mean())
    assert means == [4.0, 3.0, 3.0]


def test_what_was_done_before_a_stop_counts() -> None:
    assert LossWatch(4, 8.0).mean() == 2.0


def test_a_loss_that_is_no_number_is_named_by_its_step() -> None:
    watch = LossWatch(3, 3.0)
    watch.add(torch.tensor(1.0), 1)
    with pytest.raises(Diverged, match="nan in step 5"):
        watch.add(torch.tensor(math.nan), 1)
