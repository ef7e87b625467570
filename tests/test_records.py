from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.errors import PhotobenchError
from photobench.records import (
    Attribute,
    Checked,
    ClassSpace,
    Finding,
    Manifest,
    Predictions,
    Reason,
    RunRecord,
    averaged,
    findings_frame,
    fingerprint,
    joined,
    parquet_bytes,
)

MASKS = ClassSpace(
    (
        Attribute("mask", ("worn", "incorrect", "not worn")),
        Attribute("gender", ("male", "female")),
        Attribute("age", ("<30", "30-59", "60+")),
    )
)


def make_manifest(**columns: object) -> Manifest:
    frame = pd.DataFrame(
        {
            "path": ["a.jpg", "b.jpg", "c.jpg"],
            "mask": ["worn", "not worn", None],
            "gender": ["male", "female", None],
            "age": ["<30", "60+", None],
            "group": ["p1", "p2", "p3"],
            "split": ["train", "valid", "predict"],
            "bytes": [1, 2, 3],
            "mtime_ns": [1, 2, 3],
            "sha256": "",
            "width": 0,
            "height": 0,
            "reason": ["", "", ""],
        }
    )
    return Manifest(frame.assign(**columns), MASKS, Path("/photos"), has_groups=True, notes=("a note",))


def test_class_ids_are_those_of_the_competition() -> None:
    mask, gender, age = np.meshgrid(range(3), range(2), range(3), indexing="ij")
    codes = np.stack([mask.ravel(), gender.ravel(), age.ravel()], axis=1)
    assert (MASKS.compose(codes) == 6 * codes[:, 0] + 3 * codes[:, 1] + codes[:, 2]).all()
    assert (MASKS.decompose(np.arange(18)) == codes).all()
    assert MASKS.class_names[7] == "incorrect · male · 30-59"


def test_a_missing_code_makes_the_class_missing() -> None:
    assert MASKS.compose(np.array([[0, -1, 2]])).tolist() == [-1]
    assert MASKS.decompose(np.array([-1, 5])).tolist() == [[-1, -1, -1], [0, 1, 2]]


def test_marginals_of_independent_heads_come_back() -> None:
    rng = np.random.default_rng(0)
    heads = [rng.dirichlet(np.ones(size), 5) for size in MASKS.sizes]
    joint = MASKS.join(heads)
    assert joint.shape == (5, 18)
    for number, probs in enumerate(heads):
        assert np.allclose(MASKS.marginal(joint, number), probs)


def test_manifest_survives_the_disk(tmp_path: Path) -> None:
    manifest = make_manifest()
    (tmp_path / "m.parquet").write_bytes(manifest.to_bytes())
    again = Manifest.read(tmp_path / "m.parquet")
    assert again.fingerprint() == manifest.fingerprint()
    assert (again.notes, again.has_groups, again.root) == (("a note",), True, Path("/photos"))
    assert again.classes().tolist() == [0, 17, -1]


def test_manifest_fingerprints_change_with_what_they_cover() -> None:
    base = make_manifest()
    relabelled, rewritten = make_manifest(gender=["female", "female", None]), make_manifest(mtime_ns=[9, 2, 3])
    assert relabelled.files_fingerprint() == base.files_fingerprint()
    assert relabelled.fingerprint() != base.fingerprint()
    assert rewritten.files_fingerprint() != base.files_fingerprint()


def test_broken_photos_are_in_no_split() -> None:
    manifest = make_manifest(reason=["truncated", "", ""])
    assert manifest.rows("train").tolist() == []
    assert manifest.broken().to_dict("records") == [{"path": "a.jpg", "reason": "truncated"}]


def test_predictions_never_contradict_themselves() -> None:
    """The joint class wins where the separate argmaxes would compose another one."""
    space = ClassSpace((Attribute("a", ("x", "y")), Attribute("b", ("u", "v"))))
    joint = np.array([[0.4, 0.0, 0.3, 0.3]], dtype=np.float32)  # the marginals prefer y
    frame = Predictions(["p.jpg"], joint, space).to_frame()
    assert frame.loc[0, ["a", "b", "class"]].tolist() == ["x", "u", 0]
    assert frame.loc[0, "confidence"] == pytest.approx(0.4)
    assert frame.columns.tolist() == ["path", "a", "b", "class", "confidence", "a=x", "a=y", "b=u", "b=v", "reason"]
    assert frame.loc[0, "a=y"] == pytest.approx(0.6)


def test_a_broken_photo_is_a_row_without_a_label(tmp_path: Path) -> None:
    joint = np.array([[0.9, 0.1], [np.nan, np.nan]], dtype=np.float32)
    space = ClassSpace((Attribute("label", ("cat", "dog")),))
    predictions = Predictions(["a.jpg", "b.jpg"], joint, space, ["", "empty file"], "run-1")
    frame = predictions.to_frame()
    assert frame["label"].isna().tolist() == [False, True]
    assert frame["class"].isna().tolist() == [False, True]
    assert frame["reason"].tolist() == ["", "empty file"]
    (tmp_path / "p.parquet").write_bytes(predictions.to_bytes())
    again = Predictions.read(tmp_path / "p.parquet")
    assert again.reasons == predictions.reasons
    assert np.array_equal(again.joint_NK, joint, equal_nan=True)


def test_a_file_that_is_no_record_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "m.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(PhotobenchError, match="is damaged or no file of manifest"):
        Manifest.read(tmp_path / "m.parquet")


def test_fingerprint_tells_parts_apart() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_run_record_survives_json() -> None:
    record = RunRecord("001-x", "finished", "2026-01-01", "f", {"a": 1}, 0, "d", "runs/001-x", {"m": 0.5})
    assert RunRecord.from_json(record.to_json()) == record


SAYS = Reason("nearest", {"value": "female", "votes": 5, "share": 0.93, "is_group": True})


def finding(**changes: object) -> Finding:
    values = {"check": "labels", "kind": "wrong label", "path": "a.jpg", "attribute": "gender", "score": 0.9}
    values |= {"given": "male", "suggested": "female", "fix": "relabel", "evidence": "Nine of ten, <b>say</b>."}
    return Finding(**{**values, "related": ("b, c.jpg", 'd"e.jpg'), **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "value"), [("score", 1.2), ("score", float("nan")), ("fix", "delete")])
def test_a_finding_outside_the_schema_is_a_bug(name: str, value: object) -> None:
    with pytest.raises(ValueError, match="labels"):
        finding(**{name: value})


def test_what_a_check_found_survives_the_file(tmp_path: Path) -> None:
    checked = Checked(
        "labels",
        (finding(reasons=(SAYS, Reason("dark"))), finding(related=())),
        ("a note",),
        "",
        "It misses much.",
        "It cries wolf.",
    )
    (tmp_path / "labels.parquet").write_bytes(checked.to_bytes())
    assert Checked.read(tmp_path / "labels.parquet") == checked
    nothing = Checked("quality", skipped="There is no photo.")
    (tmp_path / "quality.parquet").write_bytes(nothing.to_bytes())
    assert Checked.read(tmp_path / "quality.parquet") == nothing


def test_findings_of_an_older_version_are_read(tmp_path: Path) -> None:
    """They have their evidence in English alone."""
    frame = findings_frame([finding()]).drop(columns="reasons")
    meta = {"check": "labels", "notes": [], "skipped": "", "misses": "", "false_alarms": ""}
    (tmp_path / "labels.parquet").write_bytes(parquet_bytes(frame, "photobench.findings", meta))
    assert Checked.read(tmp_path / "labels.parquet").findings == (finding(),)


def predictions_of(paths: list[str], *rows: list[float], run: str = "a") -> Predictions:
    return Predictions(paths, np.array(rows, np.float32), ClassSpace((Attribute("label", ("x", "y")),)), run=run)


def test_folds_side_by_side_say_which_held_a_photo_out(tmp_path: Path) -> None:
    both = joined([predictions_of(["a", "b"], [0.9, 0.1], [0.4, 0.6]), predictions_of(["c"], [0.2, 0.8])], "2 folds")
    assert both.paths == ["a", "b", "c"]
    assert both.fold_N.tolist() == [1, 1, 2]
    assert both.run == "2 folds"
    (tmp_path / "oof.parquet").write_bytes(both.to_bytes())
    again = Predictions.read(tmp_path / "oof.parquet")
    assert again.fold_N.tolist() == [1, 1, 2]
    assert np.array_equal(again.joint_NK, both.joint_NK)
    assert both.to_frame()["fold"].tolist() == [1, 1, 2]


def test_folds_that_overlap_are_refused() -> None:
    with pytest.raises(PhotobenchError, match=r"1 photo is held out by more than one fold \(b\)"):
        joined([predictions_of(["a", "b"], [1, 0], [1, 0]), predictions_of(["b", "c"], [1, 0], [1, 0])])


def test_models_are_averaged_photo_by_photo_whatever_their_order() -> None:
    mean = averaged(
        [predictions_of(["a", "b"], [1, 0], [0.4, 0.6]), predictions_of(["b", "a"], [0, 1], [0.5, 0.5])], "both"
    )
    np.testing.assert_allclose(mean.joint_NK, [[0.75, 0.25], [0.2, 0.8]], atol=1e-6)
    assert (mean.paths, mean.run) == (["a", "b"], "both")


def test_a_photo_that_one_model_could_not_read_keeps_its_reason() -> None:
    broken = replace(predictions_of(["a", "b"], [np.nan, np.nan], [0, 1]), reasons=["truncated", ""])
    mean = averaged([predictions_of(["a", "b"], [1, 0], [0, 1]), broken])
    assert mean.reasons == ["truncated", ""]
    assert np.isnan(mean.joint_NK[0]).all()
    assert mean.classes().tolist() == [-1, 1]


def test_models_that_were_asked_of_other_photos_are_not_averaged() -> None:
    for other in (["a", "c"], ["a", "a"]):
        with pytest.raises(PhotobenchError, match="not asked about the same photos"):
            averaged([predictions_of(["a", "b"], [1, 0], [1, 0]), predictions_of(other, [1, 0], [1, 0])])


def test_what_was_decided_is_the_class_and_the_probabilities_stay(tmp_path: Path) -> None:
    found = replace(predictions_of(["a", "b"], [0.6, 0.4], [0.9, 0.1]), decided_N=np.array([1, 0]))
    assert found.classes().tolist() == [1, 0]
    assert found.to_frame()["confidence"].to_numpy() == pytest.approx([0.4, 0.9])
    (tmp_path / "kept.parquet").write_bytes(found.to_bytes())
    again = Predictions.read(tmp_path / "kept.parquet")
    assert again.classes().tolist() == [1, 0]
    np.testing.assert_array_equal(again.joint_NK, found.joint_NK)
    assert averaged([found, found]).classes().tolist() == [0, 0]
