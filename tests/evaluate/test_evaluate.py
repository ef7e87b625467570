"""Evaluation: alignment, figures, the record, the tables."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from photobench.errors import PhotobenchError
from photobench.evaluate import EvaluateOptions, details, evaluate, table, worst_mistakes
from photobench.evaluation import CLASS_NAMES, METRIC_NAMES, Evaluation
from photobench.records import ClassSpace, Manifest, Predictions
from tests.evaluate.people import AGE, FEW, GENDER, MASK, SPACE, manifest_of, predictions_of, project


def test_figures_are_those_of_scikit_learn() -> None:
    manifest, predictions = project()
    found = evaluate(manifest, predictions, "valid", FEW)
    truth, predicted, joint = manifest.classes(), predictions.classes(), predictions.joint_NK

    pairs = [(found.joint, truth, predicted, joint)]
    codes, said = manifest.codes(), SPACE.decompose(predicted)
    for i, a in enumerate(SPACE.attributes):
        pairs.append((found.attributes[a.name], codes[:, i], said[:, i], predictions.marginal(i)))
    for scores, t, p, probs in pairs:
        values = {name: figure.value for name, figure in scores.metrics.items()}
        assert values["accuracy"] == pytest.approx(sk.accuracy_score(t, p), abs=1e-12)
        for name, theirs in (
            ("f1", sk.f1_score),
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
        ):
            wanted = theirs(t, p, average="macro", zero_division=0)
            assert values[f"macro_{name}"] == pytest.approx(wanted, abs=1e-12)
        each = [sk.roc_auc_score(t == k, probs[:, k]) for k in np.unique(t)]
        assert values["auc"] == pytest.approx(np.mean(each), abs=1e-12)
        np.testing.assert_array_equal(scores.confusion, sk.confusion_matrix(t, p, labels=range(len(scores.names))))
        assert [row.support for row in scores.per_class] == np.bincount(t, minlength=len(scores.names)).tolist()


def test_one_attribute_is_computed_once() -> None:
    manifest, predictions = project(space=ClassSpace((MASK,)))
    found = evaluate(manifest, predictions, "valid", FEW)
    assert found.joint is found.attributes["mask"]
    assert found.joint.names == ["worn", "wrong", "none"]


def test_no_bootstraps_and_one_group_have_no_intervals() -> None:
    manifest, predictions = project()
    found = evaluate(manifest, predictions, "valid", EvaluateOptions(bootstraps=0))
    assert all(np.isnan(f.low) for f in found.joint.metrics.values())
    manifest, predictions = project(num_groups=1)
    found = evaluate(manifest, predictions, "valid", FEW)
    assert all(np.isnan(f.low) for f in found.joint.metrics.values())


def test_a_class_of_one_person_and_a_perfect_score_have_no_interval() -> None:
    truth = np.repeat([0, 0, 0, 1, 1, 2], 7)
    space = ClassSpace((MASK,))
    joint = np.eye(3)[truth] * 0.9 + 0.05
    joint[0] = joint[8] = joint[40]  # two photos of "worn" are taken for "none"
    found = evaluate(manifest_of(truth, space), predictions_of(joint, space), "valid", FEW).joint
    worn, wrong, none = found.per_class
    assert np.isfinite(worn.recall.low)
    assert wrong.recall.value == 1
    assert np.isnan(wrong.recall.low)
    assert none.recall.value == 1
    assert all(np.isnan(getattr(none, key).low) for key in CLASS_NAMES)


def test_an_absent_class_is_undefined() -> None:
    truth = np.repeat([0, 1], 14)
    space = ClassSpace((MASK,))
    joint = np.eye(3)[truth]
    found = evaluate(manifest_of(truth, space), predictions_of(joint, space), "valid", FEW)
    row = found.to_json()["joint"]["per_class"][2]
    nothing = {"value": None, "low": None, "high": None}
    assert row == {"name": "none", "support": 0, **dict.fromkeys(CLASS_NAMES, nothing)}
    assert found.joint.metrics["macro_f1"].value == 1


def test_the_same_seed_gives_the_same_intervals() -> None:
    manifest, predictions = project()
    first, second = (evaluate(manifest, predictions, "valid", FEW).to_json() for _ in range(2))
    other = evaluate(manifest, predictions, "valid", EvaluateOptions(bootstraps=50, seed=1)).to_json()
    assert first == second != other


def test_the_order_of_photos_does_not_matter() -> None:
    manifest, predictions = project()
    order = np.random.default_rng(0).permutation(len(predictions))
    shuffled = Predictions([predictions.paths[i] for i in order], predictions.joint_NK[order], SPACE, run="001-tiny")
    assert (
        evaluate(manifest, shuffled, "valid", FEW).to_json() == evaluate(manifest, predictions, "valid", FEW).to_json()
    )


def test_json_goes_there_and_back() -> None:
    manifest, predictions = project(num_groups=6)
    found = evaluate(manifest, predictions, "valid", FEW)
    text = json.dumps(found.to_json(), allow_nan=False)
    assert Evaluation.from_json(json.loads(text)).to_json() == found.to_json()

    data = json.loads(text)
    assert list(data) == [
        "run", "split", "num_photos", "num_groups", "num_left_out", "has_groups", "joint", "attributes",
    ]  # fmt: skip
    assert list(data["attributes"]) == ["mask", "gender", "age"]
    assert list(data["joint"]) == ["names", "metrics", "per_class", "confusion", "reliability"]
    assert list(data["joint"]["metrics"]) == list(METRIC_NAMES)
    assert list(data["joint"]["per_class"][0]) == ["name", "support", "precision", "recall", "f1", "auc"]
    assert np.array(data["joint"]["confusion"]).sum() == data["num_photos"] == 42


def test_unreadable_and_unlabelled_photos_are_left_out_and_counted() -> None:
    manifest, predictions = project()
    frame = manifest.frame.copy()
    frame.loc[0, "reason"] = "truncated"
    frame.loc[1, "age"] = None
    joint, reasons = predictions.joint_NK.copy(), [""] * len(predictions)
    joint[2], reasons[2] = np.nan, "not an image"
    frame.loc[3, "split"] = "train"
    manifest = Manifest(frame, SPACE, manifest.root, has_groups=True)
    keep = [i for i in range(len(predictions)) if i != 0]  # nobody predicts what cannot be read
    broken = Predictions([predictions.paths[i] for i in keep], joint[keep], SPACE, [reasons[i] for i in keep])
    found = evaluate(manifest, broken, "valid", FEW)
    assert (found.num_photos, found.num_left_out) == (len(predictions) - 4, 3)


class TestMistakesOfTheCaller:
    def test_photos_without_a_prediction(self) -> None:
        manifest, predictions = project()
        some = Predictions(predictions.paths[5:], predictions.joint_NK[5:], SPACE)
        with pytest.raises(PhotobenchError, match=r"5 of 280 photos .* p0000.jpg, p0001.jpg, p0002.jpg, and 2 more"):
            evaluate(manifest, some, "valid", FEW)

    def test_photos_predicted_twice(self) -> None:
        manifest, predictions = project()
        joint = np.concatenate([predictions.joint_NK, predictions.joint_NK[:1]])
        twice = Predictions([*predictions.paths, "p0000.jpg"], joint, SPACE)
        with pytest.raises(PhotobenchError, match=r"more than once: p0000.jpg"):
            evaluate(manifest, twice, "valid", FEW)

    def test_other_classes(self) -> None:
        manifest, _ = project()
        _, predictions = project(space=ClassSpace((AGE, GENDER, MASK)))
        with pytest.raises(PhotobenchError, match="not those of the project"):
            evaluate(manifest, predictions, "valid", FEW)

    def test_an_empty_split(self) -> None:
        manifest, predictions = project()
        with pytest.raises(PhotobenchError, match=r'no photo in the split "test". There is: valid \(280\)'):
            evaluate(manifest, predictions, "test", FEW)

    def test_a_split_without_labels(self) -> None:
        manifest, predictions = project()
        manifest = manifest.with_columns(mask=None)
        with pytest.raises(PhotobenchError, match="None of the 280 photos"):
            evaluate(manifest, predictions, "valid", FEW)

    def test_nothing_could_be_predicted(self) -> None:
        manifest, predictions = project()
        joint = np.full_like(predictions.joint_NK, np.nan)
        broken = Predictions(predictions.paths, joint, SPACE, ["truncated"] * len(predictions))
        with pytest.raises(PhotobenchError, match="could be predicted: truncated"):
            evaluate(manifest, broken, "valid", FEW)


def test_worst_mistakes_are_the_surest() -> None:
    space = ClassSpace((GENDER, MASK))
    truth = np.array([0, 1, 2, 3])
    joint = np.full((4, 6), 0.02)
    joint[0, 0] = 0.9  # right
    joint[1, [0, 1]] = 0.6, 0.3
    joint[2, [5, 2]] = 0.9, 0.02
    joint[3, [0, 3]] = 0.6, 0.1
    found = worst_mistakes(manifest_of(truth, space), predictions_of(joint, space), "valid", limit=10)
    wanted = pd.DataFrame({
        "path": ["p0002.jpg", "p0003.jpg", "p0001.jpg"],
        "truth": ["male · none", "female · worn", "male · wrong"],
        "predicted": ["female · none", "male · worn", "male · worn"],
        "wrong": ["gender", "gender", "mask"],
        "prob_truth": [0.02, 0.1, 0.3],
        "confidence": [0.9, 0.6, 0.6],
    })  # fmt: skip
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)
    assert len(worst_mistakes(manifest_of(truth, space), predictions_of(joint, space), "valid", limit=1)) == 1
    assert worst_mistakes(manifest_of(truth[:1], space), predictions_of(joint, space), "valid", 5).empty


def test_the_table_is_aligned_plain_text() -> None:
    manifest, predictions = project()
    lines = table(evaluate(manifest, predictions, "valid", FEW)).splitlines()
    assert lines[0] == '001-tiny on "valid": 280 photos in 40 groups'
    assert lines[1].split() == ["classes", "accuracy", "macro-F1", "interval", "AUC"]
    assert [line.split()[0] for line in lines[2:]] == ["mask", "gender", "age", "all"]
    assert len({line.rindex(" ") for line in lines[1:]}) == 1


def test_the_details_have_every_metric_and_class() -> None:
    manifest, predictions = project()
    text = details(evaluate(manifest, predictions, "valid", FEW))
    for word in (
        "accuracy",
        "macro_precision",
        "macro_recall",
        "auc",
        "precision",
        "recall",
        "f1",
        "wrong",
        "female",
    ):
        assert word in text
    assert re.search(r"\d\.\d{3} \(\d\.\d{3}-\d\.\d{3}\)", text)


def test_a_handful_of_groups_gives_no_interval() -> None:
    manifest, predictions = project(num_groups=4)
    found = evaluate(manifest, predictions, "valid", FEW).joint.metrics
    assert all(np.isnan(figure.low) for figure in found.values())


def test_the_table_of_one_attribute_without_intervals() -> None:
    manifest, predictions = project(space=ClassSpace((MASK,)), has_groups=False)
    text = table(evaluate(manifest, predictions, "valid", EvaluateOptions(bootstraps=0)))
    assert len(text.splitlines()) == 3
    assert "groups" not in text
    assert "–" in text


def test_pinned_figures() -> None:
    manifest, predictions = project(num_groups=30, seed=1)
    found = evaluate(manifest, predictions, "valid", EvaluateOptions(bootstraps=200)).joint.metrics
    for name, figure in found.items():
        assert (figure.value, figure.low, figure.high) == pytest.approx(PINNED[name], abs=1e-6)


PINNED = {
    "accuracy": (0.561905, 0.499962, 0.625316),
    "macro_f1": (0.497775, 0.431817, 0.570738),
    "macro_precision": (0.482514, 0.418687, 0.551432),
    "macro_recall": (0.570392, 0.49333, 0.662571),
    "auc": (0.924496, 0.879014, 0.966188),
}
