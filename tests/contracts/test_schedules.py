"""What every schedule must do, and every sampler."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from photobench.errors import ConfigError
from photobench.train.options import TrainOptions
from photobench.train.sampling import SAMPLERS, epoch_order
from photobench.train.schedule import SCHEDULES, Schedule, make_optimizer


def rates(schedule: str, epochs: int = 4, steps: int = 10, **options: object) -> list[float]:
    chosen = TrainOptions(schedule=schedule, epochs=epochs, lr=0.1, **options)
    optimizer = make_optimizer(torch.nn.Linear(2, 2), chosen)
    scheduler = Schedule(optimizer, chosen, steps)
    found = []
    for _ in range(epochs * steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize("schedule", SCHEDULES.names())
@pytest.mark.parametrize(("epochs", "steps"), [(4, 10), (1, 1), (2, 1), (30, 3)])
def test_rates_stay_between_zero_and_the_peak(schedule: str, epochs: int, steps: int) -> None:
    found = rates(schedule, epochs, steps)
    assert all(0 <= rate <= 0.1 + 1e-9 for rate in found)
    assert max(found) > 0


@pytest.mark.parametrize("schedule", SCHEDULES.names())
def test_it_begins_low_and_reaches_the_peak(schedule: str) -> None:
    found = rates(schedule)
    assert found[0] < 0.03
    assert max(found) == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize("schedule", ["cosine", "linear", "one_cycle", "step"])
def test_it_ends_low(schedule: str) -> None:
    assert rates(schedule)[-1] < 0.011


def test_restarts_begin_again() -> None:
    found = rates("restarts", epochs=7, cycles=3)
    assert sum(after > before * 3 for before, after in pairwise(found[10:])) == 2


def test_an_optimizer_of_timm_trains() -> None:
    model = torch.nn.Linear(2, 2)
    optimizer = make_optimizer(model, TrainOptions(optimizer="lion", lr=0.01, weight_decay=0.3))
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.3, 0.0]
    before = model.weight.detach().clone()
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    assert not torch.equal(before, model.weight)


def test_a_misspelt_optimizer_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match='no optimizer "adamm"'):
        make_optimizer(torch.nn.Linear(2, 2), TrainOptions(optimizer="adamm"))


CLASSES = np.repeat([0, 1, 2], [80, 15, 5])
GROUPS = np.array([f"person{number % 7 if number < 90 else 9}" for number in range(100)])


@pytest.mark.parametrize("sampler", SAMPLERS.names())
def test_an_epoch_has_as_many_photos_as_there_are(sampler: str) -> None:
    weights = SAMPLERS.get(sampler).build(CLASSES, GROUPS)
    order = epoch_order(100, weights, np.random.default_rng(0))
    assert order.shape == (100,)
    assert order.min() >= 0
    assert order.max() < 100
    assert np.array_equal(order, epoch_order(100, weights, np.random.default_rng(0)))
    assert not np.array_equal(order, epoch_order(100, weights, np.random.default_rng(1)))


@pytest.mark.parametrize(
    ("sampler", "labels", "shares"),
    [
        ("shuffle", CLASSES, [0.80, 0.15, 0.05]),
        ("class_balanced", CLASSES, [1 / 3] * 3),
        ("class_root", CLASSES, [0.590, 0.256, 0.148]),
        ("group_balanced", np.unique(GROUPS, return_inverse=True)[1], [1 / 8] * 8),
    ],
)
def test_what_it_balances(sampler: str, labels: np.ndarray, shares: list[float]) -> None:
    weights = SAMPLERS.get(sampler).build(CLASSES, GROUPS)
    drawn = np.concatenate([epoch_order(100, weights, np.random.default_rng(seed)) for seed in range(200)])
    assert np.bincount(labels[drawn]) / len(drawn) == pytest.approx(shares, abs=0.015)
