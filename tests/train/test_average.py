from __future__ import annotations

import torch

from photobench.train.average import moving_average


def test_it_follows_slowly_and_gives_the_weights_back() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.BatchNorm1d(1))
    torch.nn.init.zeros_(model[0].weight)
    average = moving_average(model, 0.9)
    torch.nn.init.ones_(model[0].weight)
    for _ in range(200):
        average.update()
    with torch.no_grad():
        model[0].weight.fill_(5.0)
    with average.in_place():
        assert abs(model[0].weight.item() - 1.0) < 1e-3
    assert model[0].weight.item() == 5.0


def test_early_on_it_remembers_little() -> None:
    model = torch.nn.Linear(1, 1)
    torch.nn.init.zeros_(model.weight)
    average = moving_average(model, 0.9999)
    torch.nn.init.ones_(model.weight)
    for _ in range(20):
        average.update()
    assert average.average["weight"].item() > 0.8


def test_its_state_goes_on() -> None:
    model = torch.nn.Linear(2, 2)
    first, second = moving_average(model, 0.9), moving_average(model, 0.9)
    torch.nn.init.ones_(model.weight)
    first.update()
    second.load_state(first.state())
    for average in (first, second):
        average.update()
    assert torch.equal(first.average["weight"], second.average["weight"])
