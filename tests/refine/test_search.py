from __future__ import annotations

import numpy as np
import pytest

from photobench.records import Attribute, ClassSpace, Predictions
from photobench.refine.outcome import Refinement
from photobench.refine.search import HARDLY, HONEST, NOT_ELSEWHERE, SAME, SEARCHES, WITHIN, WORSE, refine
from photobench.refine.told import PLAIN, Measure, Told
from photobench.refine.words import sentences
from photobench.refine.words import told as in_words

SPACE = ClassSpace((Attribute("label", ("a", "b", "c")),))
MEASURE = Measure("macro_f1", 60, 0.95, 0)


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def told(num: int = 900, seed: int = 0, bias: float = 0.0, sharpness: float = 1.0) -> Told:
    """Three photos of a person. Views: `good` errs otherwise than the plain one, `same` does not, `blind` sees nothing, `lucky` is noise."""
    rng = np.random.default_rng(seed)
    groups_N = np.repeat(np.arange(num // 3), 3)
    truth_N = rng.choice(3, num // 3, p=[0.5, 0.4, 0.1])[groups_N]
    signal = np.eye(3)[truth_N] * 1.6 + [0, 0, -bias]

    def seen(noise: float) -> np.ndarray:
        return softmax(sharpness * (signal + rng.normal(0, noise, (num, 3))))

    plain = seen(1.3)
    blind = softmax(sharpness * rng.normal(0, 3, (num, 3)))
    views = {PLAIN: plain, "good": seen(1.3), "same": plain, "blind": blind}
    return Told(views, truth_N, groups_N, num // 3, SPACE)


def test_a_view_that_errs_otherwise_is_taken_and_one_that_sees_nothing_is_refused() -> None:
    found, answers = refine("base", told(), ("good", "same", "blind"), MEASURE)
    tried = {one.name: one for one in found.tried}
    assert found.chosen.views == (PLAIN, "good")
    assert (tried["same"].why, tried["blind"].why) == (SAME, WORSE)
    assert found.gain.low > 0
    assert len(answers.classes_N) == 900


def test_too_sure_probabilities_are_tempered_and_the_order_stays() -> None:
    data = told(sharpness=3.0)
    found, answers = refine("base", data, (), MEASURE)
    assert found.chosen.temperatures is not None
    assert found.chosen.temperatures.values[0] > 1.5
    assert found.after.ece.value < 0.5 * found.before.ece.value
    assert found.loss_after < found.loss_before
    np.testing.assert_allclose(answers.probs_NK.sum(axis=1), 1)


def test_a_rare_class_that_is_said_too_late_gets_a_rule() -> None:
    found, _ = refine("base", told(1800, bias=2.0), (), MEASURE)
    assert not found.chosen.decision.is_plain
    assert found.gain.low > 0


def test_of_noise_nothing_is_kept_and_the_answers_stay() -> None:
    kept = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        views = {name: rng.dirichlet(np.ones(3), 150) for name in (PLAIN, "v", "w")}
        data = Told(views, rng.integers(3, size=150), np.arange(150), 150, SPACE)
        found, answers = refine("base", data, ("v", "w"), MEASURE)
        if found.chosen.changes_answers:
            kept += 1
        else:
            np.testing.assert_array_equal(answers.classes_N, views[PLAIN].argmax(axis=1))
            assert {one.why for one in found.tried if one.part != "temperatures"} <= {
                WITHIN,
                WORSE,
                SAME,
                NOT_ELSEWHERE,
            }
    assert kept <= 1


def test_nothing_is_chosen_on_the_groups_that_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from photobench.refine import search

    data, seen = told(300), []
    rows_of = {row.tobytes(): group for row, group in zip(data.plain_NK, data.groups_N, strict=True)}
    original = search._Search.everything

    def spy(self: object, some: Told) -> object:
        seen.append({rows_of[row.tobytes()] for row in some.plain_NK})
        return original(self, some)  # type: ignore[arg-type]

    monkeypatch.setattr(search._Search, "everything", spy)
    calls: list[int] = []
    refine("base", data, ("good",), Measure("accuracy", 20, 0.95, 0), lambda: calls.append(1))
    assert len(calls) == SEARCHES
    everyone = set(range(100))
    asked = [everyone - groups for groups in seen[:-1]]
    assert set().union(*asked) == everyone
    assert sum(map(len, asked)) == len(everyone)
    assert seen[-1] == everyone


def test_what_is_kept_is_kept_as_json_and_answers_alike() -> None:
    data = told(900, bias=2.0, sharpness=2.0)
    found, _ = refine("base", data, ("good", "blind"), MEASURE)
    again = Refinement.from_json(found.to_json())
    joint_NK = data.seen(found.chosen.views).astype(np.float32)
    joint_NK[0] = np.nan
    said = Predictions([str(n) for n in range(900)], joint_NK, SPACE, ["broken"] + [""] * 899)
    first, second = (one.apply(said, "base-refined") for one in (found, again))
    np.testing.assert_array_equal(first.joint_NK, second.joint_NK)
    np.testing.assert_array_equal(first.classes(), second.classes())
    assert first.classes()[0] == -1
    assert (first.reasons[0], first.run) == ("broken", "base-refined")
    np.testing.assert_allclose(first.joint_NK[1:].sum(axis=1), 1, atol=1e-5)


def test_the_words_say_what_is_used_what_not_and_what_it_costs() -> None:
    from dataclasses import replace

    found, _ = refine("001-net", told(450, sharpness=6.0), ("good", "blind"), MEASURE)
    text = in_words(replace(found, looks=((PLAIN, 1), ("good", 1), ("blind", 4)), ms_per_look=2.0), "001-net-refined")
    assert "450 held-out photos in 150 groups" in text
    assert "5 ×" in text
    assert "no: it is worse" in text
    assert "The probabilities were too sure: " in text
    assert "It takes 2 times as long: 4.0 ms a photo in the model in place of 2.0." in text
    assert "photobench predict --run 001-net-refined" in text
    assert "nan" not in text


def test_labels_that_hang_together_have_rules_and_temperatures_of_their_own_and_a_mean_metric() -> None:
    rng = np.random.default_rng(0)
    space = ClassSpace((Attribute("x", ("a", "b")), Attribute("y", ("p", "q", "r"))))
    truth_NA = np.stack([rng.integers(2, size=400), rng.choice(3, 400, p=[0.6, 0.3, 0.1])], axis=1)
    x_NV = softmax(6 * np.eye(2)[truth_NA[:, 0]] + 6 * rng.normal(0, 1, (400, 2)))  # six times too sure
    y_NV = softmax(np.eye(3)[truth_NA[:, 1]] + rng.normal(0, 1, (400, 3)) - [0, 0, 1])
    data = Told({PLAIN: space.join([x_NV, y_NV])}, space.compose(truth_NA), np.arange(400) // 2, 200, space)
    found, answers = refine("base", data, (), Measure("attribute_macro_f1", 60, 0.95, 0))
    tried = [one.name for one in found.tried]
    assert [name for name in tried if name.startswith(("one for all", "per label"))] == [tried[0], tried[1]]
    assert {"each-label", "expected-f1-each-label", "thresholds-each-label"} <= set(tried)
    assert found.chosen.temperatures is not None
    assert found.chosen.temperatures.form == "per label"
    assert found.chosen.temperatures.values[0] > 3 * found.chosen.temperatures.values[1]
    assert found.loss_after < found.loss_before - 0.3
    if found.chosen.changes_answers:
        assert found.gain.low > 0
    assert len(answers.probs_NK) == 400


def test_temperatures_that_help_within_doubt_are_called_so() -> None:
    found, _ = refine("base", told(120, sharpness=1.15), (), MEASURE)
    used = next(one for one in found.tried if one.used)
    assert used.gain.low < 0 < used.gain.value and used.why == HARDLY
    assert found.after.ece.value > found.before.ece.value
    assert "does not get smaller" in sentences(found, "base-refined")[1]
    found, _ = refine("base", told(900, sharpness=3.0), (), MEASURE)
    assert next(one for one in found.tried if one.used).why == HONEST
