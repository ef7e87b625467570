"""When compiling is tried, kept, and how that is said: figures in, a sentence out."""

from __future__ import annotations

import pytest

from photobench.train.payback import Payback, Remaining

LONG = Remaining(batches=10_000, per_epoch=1_000, epoch=3, plain_s=0.109, loader_s=0.02)


def test_little_work_is_not_worth_a_try() -> None:
    few = Remaining(batches=40, per_epoch=20, epoch=1, plain_s=0.109, loader_s=0)
    assert (
        few.why_not()
        == "not compiled: 40 batches are left, which take 4.4 s: compiling would take longer than it saves"
    )
    assert not LONG.why_not()


def test_a_model_that_waits_for_its_loader_is_not_worth_a_try() -> None:
    waiting = Remaining(batches=10_000, per_epoch=1_000, epoch=1, plain_s=0.109, loader_s=0.12)
    assert "the loader gives a batch in 120 ms and the model takes 109 ms" in waiting.why_not()


def test_what_is_saved_must_exceed_what_compiling_took() -> None:
    faster = Payback(LONG, compiled_s=0.083, compiling_s=48)
    assert faster.pays
    assert faster.told(asked=False) == (
        True,
        "compiled: a batch takes 83 ms compiled, 109 ms as it is (1.31 × as fast); compiling took 48 s, which is earned back in epoch 4",
    )
    dear = Payback(LONG, compiled_s=0.083, compiling_s=300)
    assert not dear.pays
    assert "of which 4 min 20 s would be earned back" in dear.told(asked=False)[1]


def test_no_more_is_saved_than_until_the_loader_has_the_next_batch() -> None:
    bound = Payback(Remaining(10_000, 1_000, 1, plain_s=0.109, loader_s=0.108), compiled_s=0.05, compiling_s=48)
    assert bound.saved_s == pytest.approx(0.001)
    assert not bound.pays


def test_a_difference_within_the_noise_is_none() -> None:
    assert not Payback(LONG, compiled_s=0.108, compiling_s=1).pays


def test_what_was_asked_for_is_kept_and_told_as_it_is() -> None:
    slower = Payback(LONG, compiled_s=0.12, compiling_s=137)
    assert slower.told(asked=True)[0]
    assert slower.told(asked=True)[1].endswith(
        "(0.91 × as fast); compiling took 2 min 17 s, of which nothing is earned back"
    )
    assert slower.told(asked=False)[1].startswith("not compiled: ")
