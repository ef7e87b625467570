"""What happens when photos, labels or the project change between two verbs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import photobench as pb
from photobench.errors import ConfigError, SubmissionError
from photobench.workflow import open_bench, run_manifest, split_predictions
from tests.conftest import draw_folder, draw_photo, project_toml


def test_a_run_keeps_its_evaluation_when_photos_go(workspace: Path, photos: Path) -> None:
    run = pb.open(workspace).train()
    before = run.evaluate()["valid"].to_json()
    bench = open_bench(workspace)
    valid = run_manifest(bench, run.record).frame.query("split == 'valid'")["path"].tolist()
    (photos / valid[0]).unlink()
    assert run.evaluate()["valid"].to_json() == before
    run.report()


def test_what_changed_since_is_left_out_where_it_must_be_asked_again(workspace: Path, photos: Path) -> None:
    run = pb.open(workspace).train()
    bench = open_bench(workspace)
    valid = run_manifest(bench, run.record).frame.query("split == 'valid'")["path"].tolist()
    (photos / valid[0]).unlink()
    draw_photo(photos / valid[1], (1, 2, 3), 77)
    (run.folder / "predictions-valid.parquet").unlink()
    shutil.rmtree(workspace / "packs")
    predictions = split_predictions(bench, run.record, "valid")
    reasons = dict(zip(predictions.paths, predictions.reasons, strict=True))
    assert [reasons[path] for path in valid[:2]] == ["gone or changed since the training"] * 2
    assert all(not reasons[path] for path in valid[2:])


def test_new_photos_to_predict_need_no_training(tmp_path: Path) -> None:
    root = tmp_path / "set"
    draw_folder(root / "train")
    draw_photo(root / "test" / "a.jpg", (200, 40, 40), 1)
    bench = pb.init(root, tmp_path / "bench")
    tiny = {"backbone": "test_resnet", "weights": "none", "size_px": 32, "epochs": 1, "bootstraps": 20}
    run = bench.train(**tiny)
    assert len(run.predict()) == 1
    draw_photo(root / "test" / "b.jpg", (40, 200, 40), 2)
    assert len(run.predict()) == 2
    assert bench.train(**tiny).name == run.name


def test_a_project_may_move(tmp_path: Path) -> None:
    home = tmp_path / "home"
    draw_folder(home / "photos")
    bench = pb.init(home / "photos", home / "bench")
    tiny = {"backbone": "test_resnet", "weights": "none", "size_px": 32, "epochs": 1, "bootstraps": 20}
    run = bench.train(**tiny)
    shutil.move(home, tmp_path / "elsewhere")
    moved = pb.open(tmp_path / "elsewhere" / "bench")
    assert moved.train(**tiny).name == run.name


def test_a_label_can_be_left_out(photos: Path, tmp_path: Path) -> None:
    draw_photo(photos / "grey" / "person99_0.jpg", (128, 128, 128), 5)
    (tmp_path / "w").mkdir()
    text = project_toml(photos).replace(
        "values = ['red', 'green', 'blue']", "values = ['red', 'green', 'blue']\nleft_out = ['grey']"
    )
    (tmp_path / "w" / "photobench.toml").write_text(text)
    manifest = pb.open(tmp_path / "w").manifest()
    assert manifest.broken()["path"].tolist() == ["grey/person99_0.jpg"]


def test_classes_in_another_order_are_not_handed_in(tmp_path: Path) -> None:
    root = tmp_path / "set"
    draw_folder(root / "train")
    draw_photo(root / "test" / "a.jpg", (200, 40, 40), 1)
    pd.DataFrame({"id": ["a.jpg"], "label": [0]}).to_csv(root / "sample_submission.csv", index=False)
    bench = pb.init(root, tmp_path / "bench")
    run = bench.train(backbone="test_resnet", weights="none", size_px=32, epochs=1, bootstraps=20)
    assert run.submit().exists()
    file = tmp_path / "bench" / "photobench.toml"
    text = file.read_text()
    start = text.index("values = [")
    end = text.index("]", start)
    labels = text[start + len("values = [") : end].split(",")
    file.write_text(text[: start + len("values = [")] + ",".join(reversed(labels)) + text[end:])
    with pytest.raises(SubmissionError, match="or their order"):
        pb.open(tmp_path / "bench").get_run().submit()


def test_two_attributes_of_one_name_are_refused(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    text = project_toml(photos).replace("[model]", "[[attributes]]\nname = 'label'\nvalues = ['a', 'b']\n\n[model]")
    (tmp_path / "w" / "photobench.toml").write_text(text)
    with pytest.raises(ConfigError, match="two of them are called label"):
        pb.open(tmp_path / "w")


def test_a_workspace_among_the_photos_is_refused(photos: Path) -> None:
    (photos / "bench").mkdir()
    (photos / "bench" / "photobench.toml").write_text(project_toml(photos))
    with pytest.raises(ConfigError, match="would lie among the photos"):
        pb.open(photos / "bench")
