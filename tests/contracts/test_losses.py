"""What every loss must do."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from photobench.vision.loss import LOSSES, HeadsLoss, class_weights
from photobench.vision.options import LossOptions

COUNTS = [torch.tensor([90, 10]), torch.tensor([50, 40, 10])]


def heads_loss(name: str, counts: list[torch.Tensor] = COUNTS, **options: object) -> HeadsLoss:
    return HeadsLoss(LossOptions(name=name, **options), counts)


@pytest.mark.parametrize("weights", ["none", "balanced", "effective"])
@pytest.mark.parametrize("name", LOSSES.names())
def test_right_is_better_than_wrong_and_gradients_flow(name: str, weights: str) -> None:
    loss = heads_loss(name, class_weights=weights)
    codes = torch.tensor([[0, 2], [1, 0]])
    right = [torch.tensor([[4.0, 0.0], [0.0, 4.0]]), torch.tensor([[0.0, 0.0, 4.0], [4.0, 0.0, 0.0]])]
    wrong = [-head for head in right]
    assert loss(right, codes) < loss(wrong, codes)
    logits = [head.clone().requires_grad_() for head in wrong]
    loss(logits, codes).backward()
    assert all(head.grad is not None and head.grad.abs().sum() > 0 for head in logits)


@pytest.mark.parametrize("name", LOSSES.names())
def test_heads_add_up(name: str) -> None:
    head, code = torch.tensor([[1.0, 2.0, 0.5]]), torch.tensor([[1]])
    once, twice = heads_loss(name, COUNTS[1:]), heads_loss(name, [COUNTS[1], COUNTS[1]])
    assert twice([head, head], code.repeat(1, 2)) == pytest.approx(2 * once([head], code).item())


@pytest.mark.parametrize("name", LOSSES.names())
def test_it_is_finite_where_the_model_is_sure_and_wrong(name: str) -> None:
    logits = torch.tensor([[80.0, -80.0]], requires_grad=True)
    loss = heads_loss(name, COUNTS[:1])([logits], torch.tensor([[1]]))
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("name", LOSSES.names())
def test_the_model_can_be_trained_to_the_labels(name: str) -> None:
    """Free logits end at the labels: no loss prefers another answer."""
    codes = torch.tensor([[0], [1], [2], [2]])
    logits = torch.zeros(4, 3, requires_grad=True)
    loss, optimizer = heads_loss(name, COUNTS[1:]), torch.optim.Adam([logits], lr=0.3)
    for _ in range(60):
        optimizer.zero_grad()
        loss([logits], codes).backward()
        optimizer.step()
    assert (logits.argmax(dim=1) == codes[:, 0]).all()


def test_without_its_lever_each_is_cross_entropy() -> None:
    torch.manual_seed(0)
    logits, codes = torch.randn(16, 3), torch.randint(0, 3, (16, 1))
    plain = functional.cross_entropy(logits, codes[:, 0], label_smoothing=0.05)
    for name, lever in (("focal", "gamma"), ("logit_adjusted", "tau")):
        assert heads_loss(name, COUNTS[1:], **{lever: 0.0})([logits], codes) == pytest.approx(plain.item(), abs=1e-6)
    assert heads_loss("bootstrapped", COUNTS[1:], beta=1.0)([logits], codes) == pytest.approx(plain.item(), abs=1e-6)


def test_two_bands_off_is_worse_than_one() -> None:
    loss = heads_loss("ordinal", COUNTS[1:])
    one = loss([torch.tensor([[0.0, 5.0, 0.0]])], torch.tensor([[0]]))
    two = loss([torch.tensor([[0.0, 0.0, 5.0]])], torch.tensor([[0]]))
    assert two > one + 0.5


def test_a_rare_class_gets_a_margin() -> None:
    loss = heads_loss("logit_adjusted", COUNTS[:1])
    even = [torch.zeros(1, 2)]
    assert loss(even, torch.tensor([[1]])) > loss(even, torch.tensor([[0]]))


@pytest.mark.parametrize(("kind", "ratio"), [("balanced", 9.0), ("effective", 6.2)])
def test_class_weights_are_one_on_average_over_the_photos(kind: str, ratio: float) -> None:
    weights = class_weights(kind, COUNTS[0])
    assert weights is not None
    assert float(weights[1] / weights[0]) == pytest.approx(ratio, rel=0.05)


def test_only_the_chosen_values_are_smoothed() -> None:
    """One attribute's values, or joint classes that hold one."""
    logits = torch.tensor([[1.0, 2.0, 0.5]])
    values = [[("young",), ("middle",), ("old",)]]
    options = LossOptions(label_smoothing=0.3, smoothed=("middle", "old"))
    chosen = HeadsLoss(options, COUNTS[1:], values)
    plain, smooth = (
        heads_loss("cross_entropy", COUNTS[1:], label_smoothing=0.0),
        heads_loss("cross_entropy", COUNTS[1:], label_smoothing=0.3),
    )
    for code, same in ((0, plain), (1, smooth), (2, smooth)):
        codes = torch.tensor([[code]])
        assert chosen([logits], codes) == same([logits], codes)
    joint = HeadsLoss(options, COUNTS[1:], [[("f", "young"), ("f", "middle"), ("m", "young")]])
    assert joint([logits], torch.tensor([[1]])) == smooth([logits], torch.tensor([[1]]))
    assert joint([logits], torch.tensor([[2]])) == plain([logits], torch.tensor([[2]]))


def test_smoothing_is_that_of_pytorch() -> None:
    logits, codes = torch.randn(16, 3), torch.randint(0, 3, (16, 1))
    mine = heads_loss("cross_entropy", COUNTS[1:], label_smoothing=0.2)([logits], codes)
    assert torch.isclose(mine, functional.cross_entropy(logits, codes[:, 0], label_smoothing=0.2))
