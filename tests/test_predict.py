from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import photobench as pb
from photobench.data.packing import build_pack
from photobench.errors import ModelError, PhotobenchError
from photobench.predict import load_model, predict_files, predict_rows
from photobench.workflow import prepare
from photobench.workflow.bench import open_bench
from tests.conftest import Cli, draw_photo


@pytest.fixture
def trained(workspace: Path):
    return pb.open(workspace).train(epochs=1)


def odd_photos(root: Path) -> list[Path]:
    """Photos that go through every part of the way: turned by EXIF, tiny, huge and thin, grey, palette, CMYK."""
    exif = Image.Exif()
    exif[0x0112] = 6
    base = Image.open(draw_photo(root / "base.jpg", (200, 40, 40), 1, (90, 60)))
    base.save(root / "turned.jpg", exif=exif)
    base.resize((5, 3)).save(root / "tiny.png")
    base.resize((1500, 20)).save(root / "thin.jpg")
    base.convert("L").save(root / "grey.png")
    base.convert("P").save(root / "palette.gif")
    base.convert("CMYK").save(root / "cmyk.jpg")
    base.resize((900, 600)).save(root / "large.jpg")
    return sorted(root.iterdir())


@pytest.mark.parametrize("fit", ["crop", "squash", "pad"])
def test_a_photo_from_its_file_equals_the_photo_in_the_pack(workspace: Path, photos: Path, fit: str) -> None:
    """The parity that the design rests on: the same pixels, so the same prediction."""
    odd_photos(photos / "red")
    bench = pb.open(workspace, **{"pack.fit": fit}, group_pattern="")
    run = bench.train(epochs=1)
    model = load_model(run.folder)
    prepared = prepare(open_bench(workspace, [{"pack": {"fit": fit}, "source": {"group_pattern": ""}}]))
    paths = [prepared.manifest.root / p for p in prepared.manifest.frame["path"]]
    for row, path in enumerate(paths):
        assert np.array_equal(model.spec.pack.pixels(path)[0], prepared.pack.pixels[row]), path
    from_files = predict_files(model, paths).joint_NK
    from_pack = predict_rows(model, prepared.pack, np.arange(len(paths)))
    assert np.array_equal(from_files, from_pack)


def test_batches_do_not_matter(trained) -> None:
    model = load_model(trained.folder)
    bench = open_bench(trained.folder.parents[1])
    pack = build_pack(prepare(bench).manifest, model.spec.pack, bench.workspace.packs)
    rows = np.arange(len(pack))
    assert np.allclose(predict_rows(model, pack, rows, 64), predict_rows(model, pack, rows, 5), atol=2e-2)


def test_predictions_have_the_promised_columns(trained, photos: Path) -> None:
    (photos / "red" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    frame = trained.predict(photos / "red")
    assert frame.columns.tolist() == [
        "path",
        "label",
        "class",
        "confidence",
        "label=red",
        "label=green",
        "label=blue",
        "reason",
    ]
    assert len(frame) == 19
    broken = frame[frame["path"].str.endswith("broken.jpg")].iloc[0]
    assert broken["reason"]
    assert pd.isna(broken["label"])
    assert pd.isna(broken["class"])
    good = frame[frame["reason"] == ""]
    sums = good[["label=red", "label=green", "label=blue"]].sum(axis=1)
    assert np.allclose(sums, 1, atol=1e-3)
    assert (good["confidence"] == good[["label=red", "label=green", "label=blue"]].max(axis=1)).all()


def test_a_table_of_paths_and_single_files(trained, photos: Path, tmp_path: Path, cli: Cli) -> None:
    table = photos / "some.csv"
    pd.DataFrame({"path": ["red/person00_0.jpg", "blue/person20_1.jpg"], "x": 1}).to_csv(table, index=False)
    out = tmp_path / "new folder" / "out.parquet"
    done = cli("predict", table, photos / "green" / "person10_0.jpg", "-w", trained.folder.parents[1], "--out", out)
    assert done.returncode == 0, done.stderr
    assert [Path(p).name for p in pd.read_parquet(out)["path"]] == [
        "person00_0.jpg",
        "person20_1.jpg",
        "person10_0.jpg",
    ]


def test_csv_on_standard_output_is_only_csv(trained, photos: Path, cli: Cli) -> None:
    done = cli("predict", photos / "red", "-w", trained.folder.parents[1])
    assert done.returncode == 0
    assert len(done.stdout.strip().splitlines()) == 19
    assert done.stdout.startswith("path,label,class,confidence,")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.jpg"], "There is no photo, folder or table nowhere.jpg"),
        (["{photos}", "--out", "x.xlsx"], "name a .csv or a .parquet file"),
        (["{photos}", "--run", "007"], 'no run "007"'),
        ([], "no evaluation set to predict"),
    ],
)
def test_what_cannot_be_predicted_is_said(trained, photos: Path, cli: Cli, arguments: list[str], message: str) -> None:
    done = cli("predict", *[a.format(photos=photos) for a in arguments], "-w", trained.folder.parents[1])
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_model_is_said(trained) -> None:
    path = trained.folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match="holds no whole model"):
        load_model(trained.folder)


def test_a_model_of_other_weights_is_said(trained) -> None:
    path = trained.folder / "model.json"
    spec = json.loads(path.read_text())
    spec["backbone"] = "test_vit"
    spec["args"] = {"img_size": 32}
    path.write_text(json.dumps(spec))
    with pytest.raises(ModelError, match="do not fit"):
        load_model(trained.folder)


def test_the_model_is_saved_without_pickle(trained) -> None:
    assert (trained.folder / "model.safetensors").read_bytes()[8:9] == b"{"
    assert not list(trained.folder.glob("*.p[kt]*"))


def test_probabilities_are_those_of_the_heads() -> None:
    from photobench.data.pack import PackSpec
    from photobench.records import Attribute, ClassSpace
    from photobench.vision.model import ModelSpec, build_classifier

    space = ClassSpace((Attribute("a", ("x", "y")), Attribute("b", ("u", "v", "w"))))
    spec = ModelSpec(
        "test_resnet", {}, "attributes", 0.0, 32, 0.875, (0.5,) * 3, (0.5,) * 3, PackSpec(37, "crop"), space
    )
    model = build_classifier(spec)
    logits = [torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 2.0, 3.0]])]
    joint = model.joint_probs(logits).reshape(2, 3)
    assert torch.allclose(joint, torch.outer(logits[0].softmax(1)[0], logits[1].softmax(1)[0]))
    assert isinstance(PhotobenchError("x"), Exception)
