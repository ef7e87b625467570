"""Intervals by resampling groups."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from photobench import bootstrap, metrics
from photobench.bootstrap import Sample
from photobench.evaluate import EvaluateOptions, evaluate
from photobench.records import ClassSpace
from tests.evaluate.people import GENDER, SPACE, manifest_of, predictions_of, project


def test_resampling_is_that_of_a_plain_loop() -> None:
    """The same multiplicities, photo by photo with scikit-learn."""
    manifest, predictions = project(num_groups=12, seed=3)
    truth, predicted, probs = manifest.classes(), predictions.classes(), predictions.joint_NK.round(1)
    groups = np.repeat(np.arange(12), 7)
    sample = Sample(truth, predicted, probs, groups, 12)
    fast = bootstrap.resample(sample, 25, seed=5)
    weights_GB = np.concatenate(list(bootstrap.multiplicities(12, 25, 5, bootstrap.chunk_size(sample))), axis=1)

    assert weights_GB.shape == (12, 25)
    assert (weights_GB.sum(axis=0) == 12).all()
    for b in range(25):
        rows = np.repeat(np.arange(len(truth)), weights_GB[groups, b].astype(int))
        t, p = truth[rows], predicted[rows]
        assert fast["accuracy"][b] == pytest.approx(sk.accuracy_score(t, p), abs=1e-12)
        wanted = sk.f1_score(t, p, average="macro", zero_division=0)
        assert fast["macro_f1"][b] == pytest.approx(wanted, abs=1e-12)
        for k in range(SPACE.num_classes):
            occurs = (t == k).any() or (p == k).any()
            assert np.isfinite(fast["class_f1"][b, k]) == occurs
            if 0 < (t == k).sum() < len(t):
                wanted = sk.roc_auc_score(t == k, probs[rows, k])
                assert fast["class_auc"][b, k] == pytest.approx(wanted, abs=1e-12)
            else:
                assert np.isnan(fast["class_auc"][b, k])
        assert fast["auc"][b] == pytest.approx(np.nanmean(fast["class_auc"][b]), abs=1e-12)


def test_leaving_one_out_is_a_sample_without_the_group() -> None:
    manifest, predictions = project(num_groups=9, seed=4)
    truth, predicted, probs = manifest.classes(), predictions.classes(), predictions.joint_NK
    groups = np.repeat(np.arange(9), 7)
    without = bootstrap.leave_one_out(Sample(truth, predicted, probs, groups, 9))
    assert without is not None
    for g in range(9):
        keep = groups != g
        wanted = sk.f1_score(truth[keep], predicted[keep], average="macro", zero_division=0)
        assert without["macro_f1"][g] == pytest.approx(wanted, abs=1e-12)
        auc = metrics.macro(metrics.roc_auc(truth[keep], probs[keep]))
        assert without["auc"][g] == pytest.approx(auc, abs=1e-12)


def test_chunks_do_not_change_the_draws() -> None:
    once = np.concatenate(list(bootstrap.multiplicities(30, 20, 1, size=256)), axis=1)
    pieces = np.concatenate(list(bootstrap.multiplicities(30, 20, 1, size=3)), axis=1)
    np.testing.assert_array_equal(once, pieces)


def test_auc_of_a_huge_sample_uses_fewer_resamplings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "AUC_BUDGET", 1)
    monkeypatch.setattr(bootstrap, "FEWEST_AUC", 7)
    manifest, predictions = project(num_groups=5)
    groups = np.repeat(np.arange(5), 7)
    sample = Sample(manifest.classes(), predictions.classes(), predictions.joint_NK, groups, 5)
    found = bootstrap.resample(sample, 20, 0)
    assert np.isfinite(found["auc"]).tolist() == [True] * 7 + [False] * 13
    assert np.isfinite(found["macro_f1"]).all()


class TestInterval:
    def test_by_hand(self) -> None:
        """Percentiles around the value, widened where the jackknife says more."""
        resampled = np.linspace(0.3, 0.7, 401)[:, None]
        value = np.array([0.6])
        low, high = bootstrap.interval(value, resampled, None, 0.95)
        assert (low[0], high[0]) == pytest.approx((0.41, 0.79))
        double = 2 * resampled.std()
        left_out = np.array([[0.5 - double], [0.5 + double]])  # standard error: double
        low, high = bootstrap.interval(value, resampled, left_out, 0.95)
        assert (low[0], high[0]) == pytest.approx((0.22, 0.98))

    def test_quantiles_leave_undefined_out(self) -> None:
        rng = np.random.default_rng(0)
        values = rng.random((50, 6))
        values[rng.random((50, 6)) < 0.3] = np.nan
        values[:, 5] = np.nan
        ours = bootstrap._quantiles(values, 0.025, 0.5)
        np.testing.assert_allclose(ours[0][:5], np.nanquantile(values[:, :5], 0.025, axis=0))
        np.testing.assert_allclose(ours[1][:5], np.nanquantile(values[:, :5], 0.5, axis=0))
        assert np.isnan(ours[0][5])

    def test_holds_the_value_and_stays_within_0_and_1(self) -> None:
        rng = np.random.default_rng(1)
        resampled = np.clip(rng.normal(0.97, 0.05, (200, 30)), 0, 1)
        value = np.linspace(0.8, 1.0, 30)
        low, high = bootstrap.interval(value, resampled, rng.random((20, 30)), 0.9)
        assert (low >= 0).all()
        assert (low <= value).all()
        assert (value <= high).all()
        assert (high <= 1).all()

    def test_covers_the_accuracy_of_groups(self) -> None:
        """300 samples of 40 groups; photos of a group are right or wrong together."""
        rng = np.random.default_rng(2)
        held = 0
        for seed in range(300):
            right = np.repeat(rng.random(40) < 0.7, 5)
            sample = Sample(np.zeros(200, int), (~right).astype(int), np.full((200, 2), 0.5),
                            np.repeat(np.arange(40), 5), 40)  # fmt: skip
            value = np.array(right.mean())
            resampled = bootstrap.resample(sample, 200, seed)["accuracy"]
            left_out = bootstrap.leave_one_out(sample)
            assert left_out is not None
            low, high = bootstrap.interval(value, resampled, left_out["accuracy"], 0.95)
            held += bool(low <= 0.7 <= high)
        assert 0.91 <= held / 300 <= 0.98


def test_groups_make_intervals_wider_than_photos() -> None:
    rng = np.random.default_rng(0)
    right = np.repeat(rng.random(60) < 0.7, 7)
    space = ClassSpace((GENDER,))
    truth = rng.integers(0, 2, 420)
    joint = np.eye(2)[np.where(right, truth, 1 - truth)] * 0.8 + 0.1
    widths = []
    for has_groups in (True, False):
        manifest = manifest_of(truth, space, has_groups)
        found = evaluate(manifest, predictions_of(joint, space), "valid", EvaluateOptions())
        widths.append(found.joint.metrics["accuracy"].high - found.joint.metrics["accuracy"].low)
        assert found.num_groups == (60 if has_groups else 420)
    assert widths[0] == pytest.approx(widths[1] * np.sqrt(7), rel=0.1)
