from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from photobench.data.pack import PackSpec
from photobench.errors import ConfigError, ModelError
from photobench.predict import load_model, predict_stored, save_model
from photobench.records import Attribute, ClassSpace
from photobench.vision import zoo
from photobench.vision.model import build_classifier, check_args, make_spec
from photobench.vision.options import ModelOptions
from photobench.vision.preprocess import Normalise, fixed_view

SPACE = ClassSpace((Attribute("a", ("x", "y")), Attribute("b", ("u", "v", "w"))))


def spec_of(backbone: str, size_px: int = 32, **options):
    chosen = ModelOptions(backbone=backbone, weights=options.pop("weights", "none"), size_px=size_px, **options)
    return make_spec(chosen, PackSpec(round(size_px / 0.875), "crop"), SPACE)


@pytest.mark.slow
@pytest.mark.parametrize(
    "backbone",
    [
        "resnet18",
        "efficientnet_b4",
        "vit_tiny_patch16_224",
        "mobilenetv3_small_050",
        "convnext_atto",
        "swin_tiny_patch4_window7_224",
    ],
)
@pytest.mark.parametrize("head", ["attributes", "joint"])
def test_the_fields_models_train_a_step_and_come_back_from_disk(backbone: str, head: str, tmp_path: Path) -> None:
    model = build_classifier(spec_of(backbone, 64 if "swin" not in backbone else 224, head=head)).train()
    images = torch.randint(0, 255, (2, model.spec.size_px, model.spec.size_px, 3), dtype=torch.uint8)
    logits = model(images)
    assert [tuple(h.shape) for h in logits] == ([(2, 2), (2, 3)] if head == "attributes" else [(2, 6)])
    sum(h.square().mean() for h in logits).backward()  # type: ignore[union-attr]
    save_model(model, tmp_path)
    again = load_model(tmp_path, "cpu")
    stored = np.random.default_rng(0).integers(
        0, 255, (3, model.spec.pack.size_px, model.spec.pack.size_px, 3), dtype=np.uint8
    )
    probs = predict_stored(again, stored)
    assert np.allclose(probs.sum(axis=1), 1, atol=1e-4)
    assert np.array_equal(probs, predict_stored(model.to(memory_format=torch.channels_last).eval(), stored))


def test_normalisation_is_the_textbooks() -> None:
    images = torch.randint(0, 255, (2, 5, 7, 3), dtype=torch.uint8)
    mean, std = torch.tensor([0.4, 0.5, 0.6]), torch.tensor([0.2, 0.3, 0.1])
    expected = ((images / 255 - mean) / std).permute(0, 3, 1, 2)
    assert torch.allclose(Normalise((0.4, 0.5, 0.6), (0.2, 0.3, 0.1))(images), expected, atol=1e-5)


def test_the_view_is_the_centre_without_resampling_where_sizes_agree() -> None:
    stored = np.random.default_rng(0).integers(0, 255, (2, 64, 64, 3), dtype=np.uint8)
    assert np.array_equal(fixed_view(stored, 56, 0.875), stored[:, 4:60, 4:60])
    assert fixed_view(stored, 30, 1.0).shape == (2, 30, 30, 3)


def test_mean_and_std_come_from_the_config_or_the_weights() -> None:
    assert spec_of("test_vit", weights="x.pth").mean == (0.5, 0.5, 0.5)
    assert spec_of("test_resnet").mean == pytest.approx((0.485, 0.456, 0.406))
    assert spec_of("test_resnet", mean=(0.1, 0.2, 0.3)).mean == (0.1, 0.2, 0.3)


def test_weights_from_a_file_leave_the_classifier_out(tmp_path: Path) -> None:
    donor = zoo.timm.create_model("test_resnet", num_classes=1000)
    torch.save(donor.state_dict(), tmp_path / "w.pth")
    save_file(donor.state_dict(), tmp_path / "w.safetensors")
    torch.save({"state_dict": {f"module.{k}": v for k, v in donor.state_dict().items()}}, tmp_path / "wrapped.pth")
    for name in ("w.pth", "w.safetensors", "wrapped.pth"):
        model = build_classifier(spec_of("test_resnet"), name, tmp_path)
        assert all(torch.equal(t, donor.state_dict()[n]) for n, t in model.backbone.state_dict().items())


def test_weights_that_do_not_fit_name_the_tensors(tmp_path: Path) -> None:
    torch.save(zoo.timm.create_model("test_vit", num_classes=0).state_dict(), tmp_path / "vit.pth")
    with pytest.raises(ModelError) as caught:
        build_classifier(spec_of("test_resnet"), "vit.pth", tmp_path)
    text = str(caught.value)
    assert "vit.pth do not fit test_resnet" in text
    assert "tensors missing (conv1" in text
    assert "tensors left over" in text
    state = zoo.timm.create_model("test_resnet", num_classes=0).state_dict()
    name = next(n for n in state if n.endswith("weight"))
    state[name] = torch.zeros(1, 2)
    torch.save(state, tmp_path / "shape.pth")
    with pytest.raises(ModelError, match=rf"1 tensors of another shape \({name} is \(1, 2\), not"):
        build_classifier(spec_of("test_resnet"), "shape.pth", tmp_path)


class Evil:
    def __reduce__(self):
        return os.system, ("touch owned",)


def test_a_weights_file_never_runs_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"x": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(ModelError, match="holds more than plain tensors"):
        build_classifier(spec_of("test_resnet"), "evil.pth", tmp_path)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut"])
@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_a_damaged_weights_file_is_a_sentence(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        build_classifier(spec_of("test_resnet"), name, tmp_path)


def test_a_missing_weights_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no weights file .*gone\.pth"):
        build_classifier(spec_of("test_resnet"), "gone.pth", tmp_path)


def test_an_unknown_backbone_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r'timm has no model "resnt18"\. Nearest: .*resnet18'):
        zoo.check("resnt18")


def test_a_hub_that_cannot_be_reached_says_what_to_do_at_once(tmp_path: Path) -> None:
    """In a process of its own with an empty cache and a hub address where nobody listens."""
    code = (
        "from photobench.vision.model import build_classifier; from tests.vision.test_model import spec_of\n"
        "from photobench.errors import ModelError\n"
        "import time; started = time.monotonic()\n"
        "try: build_classifier(spec_of('resnet18', weights='pretrained'), 'pretrained')\n"
        "except ModelError as error: print(time.monotonic() - started < 15, error)"
    )
    env = {**os.environ, "HF_HOME": str(tmp_path), "HF_ENDPOINT": "http://127.0.0.1:9"}
    env = {k: v for k, v in env.items() if not k.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.startswith("True The pretrained weights of resnet18 cannot be downloaded"), done.stderr
    for remedy in ('model.weights = "FILE"', str(tmp_path), 'model.weights = "none"'):
        assert remedy in done.stdout


def test_no_damaged_file_repeats_what_torch_says_of_it(tmp_path: Path) -> None:
    """Torch advises to load it with weights_only=False, which runs whatever code is in it."""
    (tmp_path / "w.onnx").write_bytes(b"\x08\x07 an ONNX graph")
    (tmp_path / "w.pth").write_bytes(b"\x80\x02}q\x00(X\x01")
    torch.save({"x": Evil()}, tmp_path / "evil.pth")
    for name, what in {"w.onnx": "is an ONNX file", "w.pth": "w.pth is", "evil.pth": "holds more than plain"}.items():
        with pytest.raises(ModelError, match=what) as caught:
            build_classifier(spec_of("test_resnet"), name, tmp_path)
        assert "weights_only" not in str(caught.value)


def test_arguments_are_refused_as_they_were_given() -> None:
    """The size that a ViT is made with is added by us, and no part of what the person wrote."""
    with pytest.raises(ConfigError, match=r"model\.args = \{'nonsense': 1\} do not suit test_vit"):
        check_args(ModelOptions(backbone="test_vit", args={"nonsense": 1}))
    with pytest.raises(ConfigError, match=r"nest_tiny cannot see photos of 100 px .*: change model\.size_px\."):
        check_args(ModelOptions(backbone="nest_tiny", size_px=100))
