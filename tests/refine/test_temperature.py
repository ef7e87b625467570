from __future__ import annotations

import numpy as np
import pytest

from photobench.metrics import log_loss
from photobench.records import Attribute, ClassSpace
from photobench.refine.temperature import Temperatures, fit_temperatures, lost

ONE = ClassSpace((Attribute("label", ("a", "b", "c")),))
TWO = ClassSpace((Attribute("x", ("a", "b", "c")), Attribute("y", ("p", "q"))))


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def drawn(num: int, size: int, temperature: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are too sure by a temperature, and the truth."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (num, size))
    truth_N = (softmax(logits).cumsum(axis=1) < rng.random((num, 1))).sum(axis=1)
    return softmax(logits * temperature), truth_N


def test_the_temperature_that_was_put_in_is_found() -> None:
    probs_NK, truth_N = drawn(20_000, 3, 2.5, 0)
    found = fit_temperatures(probs_NK, truth_N, ONE, "one")
    assert found.values[0] == pytest.approx(2.5, rel=0.05)
    assert log_loss(truth_N, found.apply(probs_NK, ONE)) < log_loss(truth_N, probs_NK)


def test_each_label_has_its_own_and_the_other_is_left_alone() -> None:
    (x_NV, x_N), (y_NV, y_N) = drawn(20_000, 3, 2.5, 1), drawn(20_000, 2, 0.6, 2)
    joint_NK, truth_N = TWO.join([x_NV, y_NV]), TWO.compose(np.stack([x_N, y_N], axis=1))
    found = fit_temperatures(joint_NK, truth_N, TWO, "per label")
    assert found.values == pytest.approx((2.5, 0.6), rel=0.06)
    tempered = found.apply(joint_NK, TWO)
    alone = fit_temperatures(x_NV, x_N, ONE, "one").apply(x_NV, ONE)
    np.testing.assert_allclose(TWO.marginal(tempered, 0), alone, atol=2e-3)
    np.testing.assert_array_equal(tempered.argmax(axis=1), joint_NK.argmax(axis=1))
    np.testing.assert_allclose(tempered.sum(axis=1), 1)


@pytest.mark.parametrize("form", ["one", "per label"])
def test_one_is_as_it_was_and_a_certain_answer_stays_a_number(form: str) -> None:
    rng = np.random.default_rng(0)
    joint_NK = rng.dirichlet(np.full(6, 0.3), 50)
    joint_NK[0] = [1, 0, 0, 0, 0, 0]
    same = Temperatures(form, (1.0,) * (1 if form == "one" else 2))  # type: ignore[arg-type]
    np.testing.assert_allclose(same.apply(joint_NK, TWO), joint_NK, atol=1e-9)
    found = fit_temperatures(joint_NK, np.zeros(50, int) + 5, TWO, form)  # type: ignore[arg-type]
    assert np.isfinite(found.apply(joint_NK, TWO)).all()
    assert Temperatures.from_json(found.to_json()) == found


def test_the_loss_of_photos_is_that_of_the_metrics() -> None:
    probs_NK, truth_N = drawn(100, 3, 1.0, 3)
    assert lost(probs_NK, truth_N).mean() == pytest.approx(log_loss(truth_N, probs_NK))
