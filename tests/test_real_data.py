"""Real photos and real weights, where they are beside the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import photobench as pb
from photobench.data.pack import PackSpec
from photobench.vision import zoo
from photobench.vision.preprocess import Normalise, fixed_view
from photobench.vision.weights import load_backbone_file
from tests.conftest import SHARED_DATA, needs_shared

WEIGHTS = SHARED_DATA / "weights"


@pytest.mark.slow
@needs_shared("imagenet_200")
@needs_shared("weights")
def test_pretrained_weights_are_as_good_as_their_card_says() -> None:
    """Our reading, resizing, view and normalisation against 200 labelled photos: 91 % top-1 is this file's own figure."""
    table = pd.read_csv(SHARED_DATA / "imagenet_200" / "labels.csv")
    model = zoo.timm.create_model("mobilenetv2_100", pad_type="same").eval()
    load_backbone_file(model, WEIGHTS / "mobilenetv2_100_tf.pth", keep_classifier=True)
    normalise, spec = Normalise((0.5,) * 3, (0.5,) * 3), PackSpec(256, "crop")
    right = 0
    with torch.inference_mode():
        for start in range(0, len(table), 25):
            rows = table.iloc[start : start + 25]
            stored = np.stack([spec.pixels(SHARED_DATA / "imagenet_200" / path)[0] for path in rows["file"]])
            logits = model(normalise(torch.from_numpy(fixed_view(stored, 224, 0.875))))
            right += int((logits.argmax(dim=1).numpy() == rows["imagenet1k_index"].to_numpy()).sum())
    assert right / len(table) >= 0.90


SMALL = {"backbone": "test_resnet", "weights": "none", "size_px": 32, "epochs": 1, "bootstraps": 20}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "labels", "num_classes", "splits"),
    [
        ("flowers5", None, 5, {"train", "valid", "test"}),
        ("orl_people", "labels.csv", None, {"train", "valid"}),
    ],
)
@needs_shared("flowers5")
def test_the_journey_on_a_real_set(
    tmp_path: Path, name: str, labels: str | None, num_classes: int | None, splits: set[str]
) -> None:
    photos = SHARED_DATA / name
    bench = pb.init(photos, tmp_path / "w", labels=photos / labels if labels else None)
    run = bench.run(**SMALL)
    manifest = bench.manifest()
    assert set(manifest.frame["split"]) == splits
    if num_classes:
        assert manifest.space.num_classes == num_classes
    if manifest.has_groups:
        assert manifest.frame.groupby("group")["split"].nunique().max() == 1
    assert run.report().stat().st_size > 50_000


@pytest.mark.slow
@needs_shared("weights")
def test_fine_tuning_from_a_weights_file(tmp_path: Path) -> None:
    bench = pb.init(SHARED_DATA / "flowers5", tmp_path / "w")
    run = bench.train(
        backbone="mobilenetv2_035",
        weights=str(WEIGHTS / "mobilenetv2_035_backbone.pth"),
        args={"pad_type": "same", "bn_eps": 1e-3},
        mean=[0.5] * 3,
        std=[0.5] * 3,
        epochs=4,
        size_px=96,
    )
    assert (
        run.metrics["accuracy"] > 0.5
    )  # of 84 photos of 5 classes; from nothing, four epochs end at 0.2, which is chance
