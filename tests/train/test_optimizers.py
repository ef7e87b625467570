"""Every optimiser that can be named takes a step under every kind of schedule, and the others are refused by name."""

from __future__ import annotations

import warnings

import pytest
import torch

from photobench.errors import ConfigError
from photobench.train.options import TrainOptions
from photobench.train.schedule import Schedule, make_optimizer
from photobench.vision import zoo


@pytest.mark.parametrize("name", zoo.optimizer_names())
def test_each_takes_steps_and_is_saved(name: str) -> None:
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(16, 3)
    )
    before = [p.detach().clone() for p in model.parameters()]
    options = TrainOptions(optimizer=name, lr=1e-2, schedule="one_cycle", epochs=2)
    with (
        warnings.catch_warnings(),
        torch.compiler.set_stance("force_eager"),
    ):  # kron compiles its steps, which takes a minute
        warnings.simplefilter("ignore")  # of libraries, about their own ways
        optimizer = make_optimizer(model, options)
        schedule = Schedule(optimizer, options, steps_per_epoch=2)
        for _ in range(3):
            loss = torch.nn.functional.cross_entropy(model(torch.randn(4, 3, 4, 4)), torch.tensor([0, 1, 2, 0]))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            schedule.step()
    assert any(not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    optimizer.load_state_dict(optimizer.state_dict())


@pytest.mark.parametrize(
    ("name", "why"), [("adahessian", "second derivatives"), ("bnbadamw8bit", "bitsandbytes"), ("fusedlamb", "apex")]
)
def test_one_that_cannot_work_here_says_why(name: str, why: str) -> None:
    if name != "adahessian" and torch.cuda.is_available():
        pytest.skip("may work where there is a card")
    assert name not in zoo.optimizer_names()
    with pytest.raises(ConfigError, match=rf'The optimizer "{name}" cannot work here: .*{why}'):
        make_optimizer(torch.nn.Linear(2, 2), TrainOptions(optimizer=name))


def test_the_search_for_nothing_names_the_list() -> None:
    with pytest.raises(ConfigError, match=r"and \d+ more: photobench list optimizers\.$"):
        make_optimizer(torch.nn.Linear(2, 2), TrainOptions(optimizer="qqqqqq"))
