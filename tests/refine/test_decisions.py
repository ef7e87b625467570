from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from sklearn.metrics import f1_score

from photobench.records import Attribute, ClassSpace
from photobench.refine.decisions import RULES, Decision, most_probable, rules
from photobench.refine.expected import FEWEST_TRUE, expected_rule

TWO = ClassSpace((Attribute("x", ("a", "b")), Attribute("y", ("p", "q"))))
ONE = ClassSpace((Attribute("label", ("a", "b", "c")),))


def told(num: int, seed: int = 0, rare: float = 0.06) -> tuple[np.ndarray, np.ndarray]:
    """Honest probabilities of three classes, of which one is rare and hard to see."""
    rng = np.random.default_rng(seed)
    probs_NK = rng.dirichlet([2.0, 1.5, 6 * rare], num)
    truth_N = (probs_NK.cumsum(axis=1) < rng.random((num, 1))).sum(axis=1)
    return probs_NK, truth_N


def macro_f1(truth_N: np.ndarray, answers_N: np.ndarray) -> float:
    return f1_score(truth_N, answers_N, average="macro", zero_division=0)


def expected_f1(probs_NV: np.ndarray, answers_N: np.ndarray) -> float:
    """The macro-F1 to be expected of these answers."""
    said_NV = np.eye(probs_NV.shape[1])[answers_N]
    both_V = said_NV.sum(axis=0) + np.maximum(probs_NV.sum(axis=0), FEWEST_TRUE)
    return float((2 * (said_NV * probs_NV).sum(axis=0) / both_V).mean())


@pytest.mark.parametrize("seed", range(6))
def test_the_expected_rule_is_the_best_of_all_answers_to_a_few_photos(seed: int) -> None:
    probs_NK = np.random.default_rng(seed).dirichlet([1.0, 0.8, 0.4], 8)
    weights, offsets = expected_rule(probs_NK)
    ours = expected_f1(probs_NK, (probs_NK * weights - offsets).argmax(axis=1))
    best = max(expected_f1(probs_NK, np.array(answers)) for answers in product(range(3), repeat=8))
    assert ours >= 0.98 * best
    assert ours >= expected_f1(probs_NK, probs_NK.argmax(axis=1))


def test_without_labels_it_says_the_rare_class_sooner_and_gains_on_other_photos() -> None:
    probs_NK, truth_N = told(4000)
    rule = RULES.build("expected-f1", probs_NK=probs_NK[:2000], truth_N=np.zeros(2000, int), space=ONE)
    asked, truth_N = probs_NK[2000:], truth_N[2000:]
    answers_N = rule.classes(asked, ONE)
    assert (answers_N == 2).sum() > (asked.argmax(axis=1) == 2).sum()
    assert macro_f1(truth_N, answers_N) > macro_f1(truth_N, asked.argmax(axis=1)) + 0.02


def test_it_looks_at_no_label() -> None:
    probs_NK, truth_N = told(300)
    first, second = (
        RULES.build("expected-f1", probs_NK=probs_NK, truth_N=t, space=ONE).to_json() for t in (truth_N, truth_N * 0)
    )
    assert first == second


def test_each_label_by_itself_may_compose_another_class_than_the_most_probable() -> None:
    probs_NK = np.array([[0.3, 0.3, 0.4, 0.0], [0.7, 0.1, 0.1, 0.1]])
    assert most_probable(TWO).classes(probs_NK, TWO).tolist() == [2, 0]
    alone = RULES.build("each-label", probs_NK=probs_NK, truth_N=np.zeros(2, int), space=TWO)
    assert alone.classes(probs_NK, TWO).tolist() == [0, 0]


@pytest.mark.parametrize("name", RULES.names())
def test_every_rule_is_kept_as_json_and_answers_with_a_class(name: str) -> None:
    rng = np.random.default_rng(0)
    probs_NK, truth_N = rng.dirichlet(np.ones(4), 60), rng.integers(4, size=60)
    rule = RULES.build(name, probs_NK=probs_NK, truth_N=truth_N, space=TWO)
    again = Decision.from_json(rule.to_json())
    answers_N = rule.classes(probs_NK, TWO)
    assert ((answers_N >= 0) & (answers_N < 4)).all()
    np.testing.assert_array_equal(again.classes(probs_NK, TWO), answers_N)
    assert len(rule.classes(probs_NK[:0], TWO)) == 0


def test_one_label_needs_no_rule_for_each() -> None:
    assert rules(ONE) == ["most-probable", "expected-f1", "thresholds"]
    assert rules(TWO) == RULES.names()
