"""The layers that have another way on a CPU in bf16: the same numbers, and gradients of the precision that is meant."""

import copy

import pytest
import torch

from photobench.vision import zoo
from photobench.vision.cpu import MAX_TOKENS, suit_cpu
from photobench.vision.device import autocast


def _pair(name: str, **args):
    torch.manual_seed(0)
    plain = zoo.create(name, args)
    suited = copy.deepcopy(plain)
    suit_cpu(suited)
    return plain.train(), suited.train()


def _learn(backbone: torch.nn.Module, size_px: int, precision: str) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    images = torch.randn(4, 3, size_px, size_px, generator=torch.Generator().manual_seed(1))
    with autocast("cpu", precision):
        features = backbone(images)
    features.float().square().mean().backward()
    return features.detach(), {name: p.grad for name, p in backbone.named_parameters()}


MODELS = [("mobilenetv2_035", {}), ("vit_tiny_patch16_224", {"img_size": 64})]


@pytest.mark.parametrize(("name", "args"), MODELS)
def test_nothing_changes_in_fp32(name, args):
    plain, suited = _pair(name, **args)
    assert list(plain.state_dict()) == list(suited.state_dict())
    (features, gradients), (now, now_gradients) = _learn(plain, 64, "fp32"), _learn(suited, 64, "fp32")
    assert torch.equal(features, now)
    assert all(torch.equal(gradients[key], now_gradients[key]) for key in gradients)


@pytest.mark.parametrize(("name", "args"), MODELS)
def test_in_bf16_it_is_no_further_from_fp32_than_before(name, args):
    plain, suited = _pair(name, **args)
    true, _ = _learn(copy.deepcopy(plain), 64, "fp32")
    before, now = _learn(plain, 64, "bf16")[0], _learn(suited, 64, "bf16")[0]
    assert (now - true).norm() <= 1.2 * (before - true).norm()


def test_strided_and_large_depthwise_convolutions_learn_in_fp32_and_hand_on_bf16():
    seen = {}

    class Spy(torch.nn.Conv2d):
        def forward(self, images):
            result = super().forward(images)
            seen[self.stride[0], self.kernel_size[0], self.groups] = (images.dtype, result.dtype)
            return result

    stack = torch.nn.Sequential(
        Spy(3, 8, 3, padding=1),
        Spy(8, 8, 3, 2, 1, groups=8),
        Spy(8, 8, 5, 1, 2, groups=8),
        Spy(8, 8, 3, 1, 1, groups=8),
    )
    suit_cpu(stack)
    images = torch.randn(2, 3, 16, 16)
    with autocast("cpu", "bf16"):
        assert stack(images).dtype == torch.bfloat16
    full, half = torch.float32, torch.bfloat16
    assert seen == {(1, 3, 1): (full, half), (2, 3, 8): (full, full), (1, 5, 8): (full, full), (1, 3, 8): (half, half)}
    with torch.inference_mode(), autocast("cpu", "bf16"):
        stack(images)
    assert seen[2, 3, 8] == (half, half)  # without a gradient, bf16 is the faster way


@pytest.mark.parametrize(
    ("tokens", "precision", "fused"), [(50, "bf16", False), (50, "fp32", True), (300, "bf16", True)]
)
def test_attention_is_written_out_in_bf16_for_photos_of_few_tokens(tokens, precision, fused):
    assert 50 <= MAX_TOKENS < 300
    backbone = zoo.create("vit_tiny_patch16_224", {"img_size": 64})
    suit_cpu(backbone)
    attention = backbone.blocks[0].attn
    with torch.no_grad(), autocast("cpu", precision):
        attention(torch.randn(1, tokens, attention.qkv.in_features))
    assert attention.fused_attn is fused


def test_a_copy_computes_with_its_own_weights():
    _, suited = _pair("mobilenetv2_035")
    other = copy.deepcopy(suited)
    for parameter in other.parameters():
        torch.nn.init.zeros_(parameter)
    assert not _learn(other, 32, "bf16")[0].any()
    assert _learn(suited, 32, "bf16")[0].any()
