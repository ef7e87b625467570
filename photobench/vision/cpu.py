"""What oneDNN and torch do slowly in bf16 on a CPU, done another way there. In fp32 and on other devices nothing changes.

Measured on an AVX-512 CPU with torch 2.15: the gradient of a depthwise convolution takes 7 to 18 times as long in bf16 as in fp32
where it has a stride, and 2 to 3 times where its kernel is 5 × 5, which made the whole of an EfficientNet or a MobileNet slower in
bf16; and fused attention takes 3.5 times (two threads: 1.7 times) as long as two matrix products with a softmax between them.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch
from torch import nn

MAX_TOKENS = 256
"""Attention over more is left fused: written out, it keeps a matrix of tokens × tokens for each photo and head."""


def suit_cpu(backbone: nn.Module) -> None:
    """Give the layers concerned their other way. Weights and their names stay as they are."""
    for module in backbone.modules():
        if isinstance(module, nn.Conv2d) and _has_slow_gradient(module):
            module.forward = MethodType(_learn_in_fp32, module)  # type: ignore[method-assign]
        elif hasattr(module, "fused_attn"):
            module.register_forward_pre_hook(_choose_attention)


def _has_slow_gradient(conv: nn.Conv2d) -> bool:
    depthwise = conv.groups == conv.in_channels > 1
    return depthwise and (max(conv.stride) > 1 or max(conv.kernel_size) > 3)


def _learn_in_fp32(conv: nn.Conv2d, images: torch.Tensor) -> torch.Tensor:
    """`forward` of the convolution: in fp32 where a gradient will be asked for, its result as it would have been stored."""
    forward = type(conv).forward
    if images.device.type != "cpu" or not images.requires_grad:
        return forward(conv, images)
    with torch.autocast("cpu", enabled=False):
        return forward(conv, images.float()).to(images.dtype)


def _choose_attention(attention: nn.Module, inputs: tuple[Any, ...]) -> None:
    tokens_BNC = inputs[0]
    written_out = tokens_BNC.device.type == "cpu" and torch.is_autocast_enabled("cpu")
    is_small = tokens_BNC.ndim == 3 and tokens_BNC.shape[1] <= MAX_TOKENS
    attention.fused_attn = not (written_out and is_small)  # type: ignore[assignment]
