from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from photobench.records import Attribute, ClassSpace
from photobench.train.options import TrainOptions
from photobench.train.teacher import Teacher, make_teacher

SPACE = ClassSpace((Attribute("mask", ("worn", "not")), Attribute("age", ("young", "old", "older"))))
JOINT_NK = np.random.default_rng(0).dirichlet(np.ones(6), 4).astype(np.float32)


def spec(head: str) -> SimpleNamespace:
    return SimpleNamespace(space=SPACE, head=head)


@pytest.mark.parametrize("head", ["attributes", "joint"])
@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_who_says_what_the_teacher_says_has_nothing_to_learn_from_it(head: str, temperature: float) -> None:
    heads = [SPACE.marginal(JOINT_NK, number) for number in range(2)] if head == "attributes" else [JOINT_NK]
    logits = [torch.from_numpy(np.log(one[[2, 0]])).requires_grad_() for one in heads]
    teacher = Teacher(JOINT_NK, spec(head), 1.0, temperature)  # type: ignore[arg-type]
    loss = teacher(logits, torch.tensor([2, 0]), torch.tensor(9.0))
    assert loss.item() == pytest.approx(0, abs=1e-5)
    loss.backward()
    assert max(float(one.grad.abs().max()) for one in logits) < 1e-5  # type: ignore[union-attr]


def test_the_labels_keep_their_share() -> None:
    teacher = Teacher(JOINT_NK, spec("joint"), 0.25, 2.0)  # type: ignore[arg-type]
    logits, rows = [torch.zeros(2, 6)], torch.tensor([1, 3])
    said = torch.from_numpy(JOINT_NK[[1, 3]]) ** 0.5
    said = said / said.sum(dim=1, keepdim=True)
    apart = (said * (said.log() - np.log(1 / 6))).sum(dim=1).mean()
    assert float(teacher(logits, rows, torch.tensor(2.0))) == pytest.approx(
        0.75 * 2 + 0.25 * 4 * float(apart), abs=1e-5
    )


def test_without_a_teacher_there_is_none() -> None:
    assert make_teacher(None, spec("joint"), TrainOptions()) is None  # type: ignore[arg-type]
