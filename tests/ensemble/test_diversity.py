from __future__ import annotations

import numpy as np
import pytest

from photobench.ensemble import Diversity, Known, diversity


def known(*classes: list[int]) -> Known:
    """A member per list of classes; the truth is 0."""
    return Known(np.eye(2)[np.array(classes)], np.zeros(len(classes[0]), dtype=int), np.arange(len(classes[0])))


def test_mistakes_that_go_together_and_those_that_do_not() -> None:
    found = diversity(known([1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0]))
    assert found.disagreement_MM[0].tolist() == [0, 0, 1, 0.5]
    assert found.errors_MM[0] == pytest.approx([1, 1, -1, 0])


def test_who_makes_no_mistake_has_none_that_go_together() -> None:
    found = diversity(known([0, 0, 0], [1, 0, 0]))
    assert np.isnan(found.errors_MM[0, 1])
    again = Diversity.from_json(found.to_json())
    assert np.isnan(again.errors_MM[0, 1])
    assert again.disagreement_MM[0, 1] == pytest.approx(1 / 3)
