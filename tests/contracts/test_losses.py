"""What every loss must do."""

from __future__ import annotations

import pytest
import torch

from photobench.vision.loss import LOSSES, HeadsLoss


@pytest.mark.parametrize("name", LOSSES.names())
def test_right_is_better_than_wrong_and_gradients_flow(name: str) -> None:
    loss = HeadsLoss(name, 0.05)
    codes = torch.tensor([[0, 2], [1, 0]])
    right = [torch.tensor([[4.0, 0.0], [0.0, 4.0]]), torch.tensor([[0.0, 0.0, 4.0], [4.0, 0.0, 0.0]])]
    wrong = [-head for head in right]
    assert loss(right, codes) < loss(wrong, codes)
    logits = [head.clone().requires_grad_() for head in wrong]
    loss(logits, codes).backward()
    assert all(head.grad is not None and head.grad.abs().sum() > 0 for head in logits)


@pytest.mark.parametrize("name", LOSSES.names())
def test_heads_add_up(name: str) -> None:
    loss = HeadsLoss(name, 0.0)
    head = torch.tensor([[1.0, 2.0, 0.5]])
    code = torch.tensor([[1]])
    assert loss([head, head], code.repeat(1, 2)) == pytest.approx(2 * loss([head], code).item())
