from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.errors import PhotobenchError
from photobench.records import Attribute, Checked, ClassSpace, Finding, Manifest, Predictions, RunRecord, fingerprint

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
    with pytest.raises(PhotobenchError, match="is not a manifest of photobench"):
        Manifest.read(tmp_path / "m.parquet")


def test_fingerprint_tells_parts_apart() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_run_record_survives_json() -> None:
    record = RunRecord("001-x", "finished", "2026-01-01", "f", {"a": 1}, 0, "d", "runs/001-x", {"m": 0.5})
    assert RunRecord.from_json(record.to_json()) == record


def finding(**changes: object) -> Finding:
    values = {"check": "labels", "kind": "wrong label", "path": "a.jpg", "attribute": "gender", "score": 0.9}
    values |= {"given": "male", "suggested": "female", "fix": "relabel", "evidence": "Nine of ten, <b>say</b>."}
    return Finding(**{**values, "related": ("b, c.jpg", 'd"e.jpg'), **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "value"), [("score", 1.2), ("score", float("nan")), ("fix", "delete")])
def test_a_finding_outside_the_schema_is_a_bug(name: str, value: object) -> None:
    with pytest.raises(ValueError, match="labels"):
        finding(**{name: value})


def test_what_a_check_found_survives_the_file(tmp_path: Path) -> None:
    checked = Checked("labels", (finding(), finding(related=())), ("a note",), "", "It misses much.", "It cries wolf.")
    (tmp_path / "labels.parquet").write_bytes(checked.to_bytes())
    assert Checked.read(tmp_path / "labels.parquet") == checked
    nothing = Checked("quality", skipped="There is no photo.")
    (tmp_path / "quality.parquet").write_bytes(nothing.to_bytes())
    assert Checked.read(tmp_path / "quality.parquet") == nothing
