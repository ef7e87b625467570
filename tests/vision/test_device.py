from __future__ import annotations

import pytest
import torch

from photobench.data.pack import PackSpec
from photobench.errors import ConfigError
from photobench.records import Attribute, ClassSpace
from photobench.vision.device import autocast, choose_device, faster_precision, halves, has_bf16
from photobench.vision.model import build_classifier, make_spec
from photobench.vision.options import ModelOptions


def test_a_device_that_is_not_there_names_what_is() -> None:
    assert choose_device("cpu") == "cpu"
    if not torch.backends.mps.is_available():
        with pytest.raises(ConfigError, match=r'train\.device = "mps".* There is: .*cpu'):
            choose_device("mps")


def test_measuring_the_precision_leaves_the_model_and_the_dice_alone() -> None:
    options = ModelOptions(backbone="test_resnet", weights="none", size_px=32)
    spec = make_spec(options, PackSpec(37, "crop"), ClassSpace((Attribute("a", ("x", "y")),)))
    model = build_classifier(spec)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    dice = torch.get_rng_state()
    assert faster_precision(model, 32, "cpu") in ("bf16", "fp32")
    assert torch.equal(dice, torch.get_rng_state())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_hardware_bf16_is_a_yes_or_a_no() -> None:
    assert has_bf16("cpu") in (True, False)
    assert has_bf16("mps") is False


@pytest.mark.parametrize(
    ("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float32)]
)
def test_a_processor_is_asked_in_fp32_where_a_card_learned_in_fp16(precision: str, dtype: torch.dtype) -> None:
    with autocast("cpu", precision):
        assert torch.nn.functional.linear(torch.ones(1, 4), torch.ones(2, 4)).dtype is dtype


def test_halves_of_a_processor() -> None:
    assert halves("cpu") == (("bf16",) if has_bf16("cpu") else ())
    assert halves("mps") == ()
