"""What every way to combine must do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from photobench.ensemble import METHODS, Fitted, Known, combined
from photobench.records import Attribute, ClassSpace, Predictions
from tests.ensemble.answers import answers

SPACE = ClassSpace((Attribute("colour", ("red", "green", "blue")),))
SKILLS = (1.0, 2.0, 1.6)


def said(known: Known, reasons: dict[int, str] | None = None) -> list[Predictions]:
    """A prediction per member; photo n of the first is broken where `reasons` has it."""
    paths = [f"{number}.jpg" for number in range(len(known.truth_N))]
    parts = [Predictions(paths, one.astype(np.float32), SPACE, run=f"m{n}") for n, one in enumerate(known.probs_MNK)]
    broken = [(reasons or {}).get(number, "") for number in range(len(paths))]
    joint_NK = parts[0].joint_NK.copy()
    joint_NK[[bool(reason) for reason in broken]] = np.nan
    return [replace(parts[0], joint_NK=joint_NK, reasons=broken), *parts[1:]]


def fit(name: str, known: Known) -> Fitted:
    return METHODS.build(name).fit(known, 0)


def ask(name: str, fitted: Fitted, parts: list[Predictions]) -> Predictions:
    return combined(METHODS.build(name), fitted, [parts[number] for number in fitted.asked()], name)


@pytest.mark.parametrize("name", METHODS.names())
def test_rows_are_probabilities_and_better_than_chance(name: str) -> None:
    known, others = answers(SKILLS), answers(SKILLS, seed=1)
    found = ask(name, fit(name, known), said(others))
    assert found.run == name
    np.testing.assert_allclose(found.joint_NK.sum(axis=1), 1, atol=1e-5)
    assert (found.joint_NK >= 0).all()
    assert (found.classes() == others.truth_N).mean() > 0.6


@pytest.mark.parametrize("name", METHODS.names())
def test_the_order_of_the_members_does_not_matter(name: str) -> None:
    known, others = answers(SKILLS), answers(SKILLS, seed=1)
    turned = [2, 0, 1]
    one = ask(name, fit(name, known), said(others))
    other = ask(name, fit(name, known.members(turned)), said(others.members(turned)))
    np.testing.assert_allclose(one.joint_NK, other.joint_NK, atol=1e-4)


@pytest.mark.parametrize("name", METHODS.names())
def test_one_member_gives_itself(name: str) -> None:
    known = answers((1.5,))
    found = ask(name, fit(name, known), said(known))
    np.testing.assert_allclose(found.joint_NK, known.probs_MNK[0], atol=1e-6)


@pytest.mark.parametrize("name", METHODS.names())
def test_a_photo_that_one_cannot_read_keeps_its_reason(name: str) -> None:
    known = answers(SKILLS)
    parts = said(known, {4: "not a photo"})
    fitted = Fitted.from_json({**fit(name, known).to_json(), "weights": [0.5, 0.25, 0.25]})  # all are asked
    found = ask(name, fitted, parts)
    assert found.reasons[4] == "not a photo"
    assert np.isnan(found.joint_NK[4]).all()
    assert np.isfinite(np.delete(found.joint_NK, 4, axis=0)).all()


@pytest.mark.parametrize("name", METHODS.names())
def test_a_photo_is_told_the_same_whatever_else_is_asked(name: str) -> None:
    """So no label of a photo that is asked about, and no other photo, can be read: neither is an argument, and the batch does not show."""
    known, others = answers(SKILLS), answers(SKILLS, seed=1)
    fitted = fit(name, known)
    whole = ask(name, fitted, said(others))
    alone = ask(name, fitted, said(others.rows(np.arange(len(others.truth_N)) == 7)))
    np.testing.assert_allclose(alone.joint_NK[0], whole.joint_NK[7], atol=1e-7)


@pytest.mark.parametrize("name", METHODS.names())
def test_json_keeps_what_was_fitted(name: str) -> None:
    known, others = answers(SKILLS), answers(SKILLS, seed=1)
    fitted = fit(name, known)
    again = Fitted.from_json(fitted.to_json())
    assert np.array_equal(ask(name, again, said(others)).joint_NK, ask(name, fitted, said(others)).joint_NK)


@pytest.mark.parametrize("name", METHODS.names())
def test_the_seed_decides(name: str) -> None:
    known = answers(SKILLS)
    assert np.array_equal(fit(name, known).weights_M, fit(name, known).weights_M)
