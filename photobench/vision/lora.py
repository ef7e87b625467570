"""LoRA: what is learned is a small addition to the attention of a ViT, of low rank; the weights themselves stay.

Hu et al.: LoRA: Low-Rank Adaptation of Large Language Models. ICLR 2022. With PyTorch's own parametrisations: the addition is
made whenever a weight is used, and merged into it in the end, so that the saved model is a plain one.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils import parametrize

LAYERS = ("qkv", "q", "k", "v", "proj")
"""Of timm's attention."""


class Addition(nn.Module):
    """W → W + up · down × scale, with up (out, rank) from zero: in the beginning it adds nothing."""

    def __init__(self, weight: Tensor, rank: int):
        super().__init__()
        self.down = nn.Parameter(weight.new_empty(rank, weight.shape[1]))
        self.up = nn.Parameter(weight.new_zeros(weight.shape[0], rank))
        nn.init.kaiming_uniform_(self.down, a=5**0.5)
        self.scale = 2.0  # alpha / rank, with the usual alpha of twice the rank

    def forward(self, weight: Tensor) -> Tensor:
        return weight + self.up @ self.down * self.scale


def suits(backbone: nn.Module) -> bool:
    """It has attention layers to add to."""
    return bool(_attention(backbone))


def attach(backbone: nn.Module, rank: int) -> None:
    """Freeze a backbone that it suits, and let additions to its attention be learned."""
    backbone.requires_grad_(False)
    for layer in _attention(backbone):
        parametrize.register_parametrization(layer, "weight", Addition(layer.weight, rank))


def merge(backbone: nn.Module) -> None:
    """Make the additions part of the weights: the backbone is as timm made it again."""
    for module in backbone.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight", leave_parametrized=True)


def _attention(backbone: nn.Module) -> list[nn.Linear]:
    return [
        layer
        for name, layer in backbone.named_modules()
        if isinstance(layer, nn.Linear) and name.split(".")[-1] in LAYERS and "attn" in name
    ]
