"""How often the maps of `photobench explain` point to what decides the class, by backbone, and what a photo costs.

    python bench/explain.py [--photos 200] [--size 64] [--seeds 1] [--backbones resnet18,mobilenetv2_100,...]

Drawn photos: a coloured disc somewhere is the class, a grey disc elsewhere means nothing. A model is trained on some, and the maps of
photos that it did not learn from are measured:

    on disc     the strongest place of the map lies on the disc (by chance: the disc's share of the photo)
    gain        the share of the map's weight on the disc, over the disc's share of the photo (1 is chance)
    deletion    probability of the answer lost by covering the fifth that the map marks, and by covering a fifth elsewhere

Beside them the same by Grad-CAM of the same layer, for transformers by attention rollout and by gradient × activation, by the plain
gradient of the pixels, and by the map of a model with random weights.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from machine import print_facts

sys.path.insert(0, str(Path(__file__).parents[1]))
BACKBONES = "resnet18,mobilenetv2_100,efficientnet_b0,convnext_atto,test_resnet,test_vit,vit_tiny_patch16_224"
TRAIN = {"epochs": 15, "lr": 1e-3, "batch_size": 16, "precision": "fp32"}
TOML = """
[source]
kind = "folder"
photos = "photos"
[[attributes]]
name = "label"
values = ["red", "green", "blue"]
[augment]
preset = "none"
[model]
weights = "none"
crop = 1.0
"""


def trained(root: Path, backbone: str, size_px: int, seed: int) -> tuple[Any, Any, float]:
    """The bench, the run and its accuracy."""
    from photobench import workflow

    args = {"img_size": size_px} if "vit" in backbone else {}
    if "vit" in backbone:
        args["patch_size"] = 8
    sets = {"model": {"backbone": backbone, "size_px": size_px, "args": args}, "train": {**TRAIN, "seed": seed}}
    bench = workflow.open_bench(root, [sets])
    record = workflow.train(bench)
    return bench, record, record.metrics["accuracy"]


def held_out(bench: Any, record: Any, spots: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, list[Any]]:
    """Photos that the run did not learn from and answers rightly, their class, and where the disc is."""
    from photobench.vision.preprocess import fixed_view
    from photobench.workflow.models.asking import as_it_was, run_manifest, split_predictions, way_of

    manifest = run_manifest(bench, record)
    prepared = as_it_was(bench, manifest, way_of(bench, record))
    rows = manifest.rows("valid")
    predictions = split_predictions(bench, record, "valid")
    said = dict(zip(predictions.paths, predictions.classes(), strict=True))
    right = [row for row in rows if said[manifest.frame["path"].iloc[row]] == manifest.classes()[row]]
    size_px, crop = record.config["model"]["size_px"], record.config["model"]["crop"]
    images = fixed_view(prepared.pack.pixels[right], size_px, crop)
    paths = manifest.frame["path"].iloc[right]
    return images, manifest.classes()[right], [spots[path] for path in paths]


def pointing(maps_Bhw: np.ndarray, spots: list[Any]) -> tuple[float, float]:
    """Share of the maps whose strongest place is on the disc, and the weight on the disc over its share of the photo."""
    from photobench.explain.where import enlarged

    hits, gains = [], []
    for one, spot in zip(maps_Bhw, spots, strict=True):
        fine = enlarged(one, 128)
        y, x = np.unravel_index(fine.argmax(), fine.shape)
        mask = spot.mask(128)
        hits.append(bool(mask[y, x]) and fine.max() > 0)
        gains.append(fine[mask].sum() / max(fine.sum(), 1e-9) / max(mask.mean(), 1e-9))
    return float(np.mean(hits)), float(np.mean(gains))


def lost(explainer: Any, images: np.ndarray, classes: np.ndarray, maps: np.ndarray) -> tuple[float, float]:
    """Probability of the class lost by covering the marked fifth, and another fifth."""
    from photobench.explain.hiding import elsewhere, hidden, marked

    rng = np.random.default_rng(0)
    before = explainer.probabilities(images)[np.arange(len(classes)), classes]
    parts = [marked(one, images.shape[1]) for one in maps]
    found = []
    for hide in (parts, [elsewhere(part, rng) for part in parts]):
        after = explainer.probabilities(np.stack([hidden(*pair) for pair in zip(images, hide, strict=True)]))
        found.append(float((before - after[np.arange(len(classes)), classes]).mean()))
    return found[0], found[1]


def plain_rollout(explainer: Any, images: np.ndarray) -> np.ndarray:
    """Attention rollout (Abnar and Zuidema 2020) of a ViT: (B, h, w)."""
    import torch

    model, place, kept = explainer.model, explainer.place, []
    blocks = [m for m in model.backbone.modules() if hasattr(m, "attn_drop") and hasattr(m, "fused_attn")]
    hooks = [m.register_forward_pre_hook(lambda module, _: setattr(module, "fused_attn", False)) for m in blocks]
    hooks += [m.attn_drop.register_forward_hook(lambda _, __, output: kept.append(output)) for m in blocks]
    with torch.inference_mode():
        model(torch.from_numpy(np.ascontiguousarray(images)))
    for hook in hooks:
        hook.remove()
    total = None
    for attention in kept:
        mean = attention.mean(dim=1)
        mean = (mean + torch.eye(mean.shape[-1])) / 2
        mean = mean / mean.sum(dim=-1, keepdim=True)
        total = mean if total is None else mean @ total
    row = total[:, 0] if place.prefix else total.mean(dim=1)
    return row[:, place.prefix :].reshape(len(images), place.cells, place.cells).numpy()


def by_captum(explainer: Any, images: np.ndarray, classes: np.ndarray, averaged: bool) -> np.ndarray:
    """Grad-CAM (the gradient averaged over the photo) or gradient × activation of the layer that the maps are of, (B, h, w)."""
    import torch
    from captum.attr import LayerGradCam, LayerGradientXActivation

    from photobench.explain.maps import ValueScores

    way = (LayerGradCam if averaged else LayerGradientXActivation)(
        ValueScores(explainer.model, 0), explainer.place.layer
    )
    found = way.attribute(torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(classes))
    return explainer.place.grid(found).sum(dim=-1).clamp(min=0).detach().numpy()


def pixel_gradient(explainer: Any, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """|gradient| of the class's log-odds by each pixel, (B, H, W)."""
    import torch

    model = explainer.model
    pixels = model.normalise(torch.from_numpy(np.ascontiguousarray(images))).detach().requires_grad_()
    logits = model.heads[0](model.backbone(pixels))
    (grad,) = torch.autograd.grad(logits[torch.arange(len(classes)), torch.from_numpy(classes)].sum(), pixels)
    return grad.abs().sum(dim=1).numpy()


def rows_of(bench: Any, record: Any, spots: dict[str, Any]) -> list[tuple[str, ...]]:
    from photobench.explain.maps import Explainer
    from photobench.predict import load_model
    from photobench.vision.model import build_classifier

    explainer = Explainer(load_model(bench.workspace.root / record.folder, "cpu"))
    images, classes, where = held_out(bench, record, spots)
    untrained = Explainer(build_classifier(explainer.model.spec))
    ways: dict[str, Callable[[], np.ndarray]] = {
        f"maps ({explainer.place.name}, {explainer.place.cells}×{explainer.place.cells})": lambda: explainer.maps(
            images, 0, classes
        ),
        "pixel gradient": lambda: pixel_gradient(explainer, images, classes),
        "random weights": lambda: untrained.maps(images, 0, classes),
    }
    if explainer.place.layout == "tokens":
        ways["gradient × activation"] = lambda: by_captum(explainer, images, classes, averaged=False)
        ways["attention rollout"] = lambda: plain_rollout(explainer, images)
    else:
        ways["Grad-CAM, same layer"] = lambda: by_captum(explainer, images, classes, averaged=True)
    found = []
    for name, make in ways.items():
        started = time.perf_counter()
        maps = make()
        ms = 1000 * (time.perf_counter() - started) / len(images)
        on, gain = pointing(maps, where)
        marked, other = lost(explainer, images, classes, maps)
        found.append((name, f"{on:.2f}", f"{gain:.1f}", f"{marked:.2f} / {other:.2f}", f"{ms:.0f}", str(len(images))))
    return found


def main() -> None:
    from photobench.words import columns
    from tests.explain.drawn import RADIUS, draw_spots

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=200, help="of each of three classes")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--backbones", default=BACKBONES)
    asked = parser.parse_args()
    print_facts()
    print(f"by chance: {np.pi * RADIUS**2:.2f} on the disc, gain 1")
    for backbone in asked.backbones.split(","):
        for seed in range(asked.seeds):
            with tempfile.TemporaryDirectory() as root:
                (Path(root) / "photobench.toml").write_text(TOML)
                spots = draw_spots(Path(root) / "photos", asked.photos, asked.size)
                bench, record, accuracy = trained(Path(root), backbone, asked.size, seed)
                heads = ("", "on disc", "gain", "deletion / elsewhere", "ms a photo", "photos")
                print(
                    f"\n{backbone}, seed {seed}: accuracy {accuracy:.2f}\n{columns(rows_of(bench, record, spots), heads)}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
