"""The map of the photo is found in any network."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from photobench.data.pack import PackSpec
from photobench.errors import ModelError
from photobench.explain.maps import Explainer
from photobench.explain.places import find_place
from photobench.records import Attribute, ClassSpace
from photobench.vision.model import Classifier, ModelSpec, build_classifier

SPACE = ClassSpace((Attribute("a", ("x", "y", "z")), Attribute("b", ("p", "q"))))


def classifier(backbone: str, size_px: int, head: str = "attributes", **args: object) -> Classifier:
    """With random weights."""
    torch.manual_seed(0)
    pack = PackSpec(size_px, "crop")
    return build_classifier(
        ModelSpec(backbone, args, head, 0.0, size_px, 1.0, (0.5,) * 3, (0.5,) * 3, pack, SPACE)
    ).eval()


@pytest.mark.parametrize(
    ("backbone", "size_px", "args", "name", "layout", "cells"),
    [
        ("resnet18", 224, {}, "layer4", "map", 7),
        ("resnet18", 96, {}, "layer3", "map", 6),
        ("mobilenetv2_100", 128, {}, "blocks.4", "map", 8),
        ("efficientnet_b0", 128, {}, "blocks.4", "map", 8),
        ("convnext_atto", 128, {}, "stages.2", "map", 8),
        ("test_resnet", 32, {}, "layer1", "map", 8),
        ("test_vit", 64, {"img_size": 64}, "blocks.4", "tokens", 4),
        (
            "swin_tiny_patch4_window7_224",
            224,
            {"depths": (1, 1, 1, 1), "embed_dim": 24},
            "norm",
            "map, channels last",
            7,
        ),
    ],
)
def test_the_last_map_that_is_fine_enough_is_found(
    backbone: str, size_px: int, args: dict[str, object], name: str, layout: str, cells: int
) -> None:
    explainer = Explainer(classifier(backbone, size_px, **args))
    place = explainer.place
    assert (place.name, place.layout, place.cells) == (name, layout, cells)
    photos = np.random.default_rng(0).integers(0, 256, (2, size_px, size_px, 3), dtype=np.uint8)
    maps = explainer.maps(photos, 0, np.array([0, 2]))
    assert maps.shape == (2, cells, cells)
    assert (maps >= 0).all()
    assert all(total == pytest.approx(1, abs=1e-5) or total == 0 for total in maps.sum(axis=(1, 2)))


def test_a_network_without_a_map_says_so() -> None:
    model = classifier("test_resnet", 32)
    model.backbone = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 32 * 32, model.heads[0].in_features))
    with pytest.raises(ModelError, match="no layer whose output is a map"):
        find_place(model)
