"""timm, the zoo of backbones: which there are, what they want, and one built by name. The only module that imports it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import timm
import timm.optim
import torch
from torch import nn

from photobench.errors import ConfigError, nearest, unknown

FUSED = (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW)
"""Optimisers of torch's that update all parameters in one kernel, on every device."""

SECOND_ORDER = {"adahessian"}
ON_A_CARD = {"bnb": "bitsandbytes", "fused": "apex"}
"""Optimisers that begin like this are timm's doors to another library."""


def names(pattern: str = "") -> list[str]:
    """The backbones whose name holds `pattern`, without the tags of their weights."""
    return timm.list_models(f"*{pattern}*") if pattern else timm.list_models()


def pretrained_names() -> set[str]:
    """The backbones for which timm's hub has weights."""
    return {name.split(".")[0] for name in timm.list_pretrained()}


def has_pretrained(name: str) -> bool:
    return timm.is_model_pretrained(name)


def check(name: str) -> None:
    """Raises ConfigError with the nearest names where timm has no such model."""
    if timm.is_model(name):
        return
    near = nearest(name, timm.list_models(), limit=4)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    raise ConfigError([f'timm has no model "{name}".{hint} Search with: photobench list backbones {name[:4]}'])


def optimizer_names(pattern: str = "") -> list[str]:
    """The optimisers whose name holds `pattern`, of those that can work here."""
    return [str(name) for name in timm.optim.list_optimizers(f"*{pattern}*") if not _lacking(str(name))]


def _lacking(name: str) -> str:
    """What an optimiser of timm's needs and does not get; empty where it can work."""
    if name in SECOND_ORDER:
        return "it needs second derivatives, which a step here does not compute"
    library = next((library for prefix, library in ON_A_CARD.items() if name.startswith(prefix)), None)
    if library and not (find_spec(library) and torch.cuda.is_available()):
        return f"it needs a CUDA device and the library {library}"
    return ""


def create_optimizer(
    name: str, groups: list[dict[str, Any]], lr: float, may_fuse: bool = True
) -> torch.optim.Optimizer:
    """One of timm's optimisers, over groups that have their own weight decay; one kernel for all weights, where it has one and may.

    Raises:
        ConfigError: there is none of that name, with the nearest; or it needs what is not there.
    """
    known = optimizer_names()
    if name not in known and name in timm.optim.list_optimizers():
        raise ConfigError(
            [f'The optimizer "{name}" cannot work here: {_lacking(name)}. See: photobench list optimizers']
        )
    if name not in known:
        raise ConfigError([unknown("optimizer", name, known, "photobench list optimizers")])
    can_fuse = timm.optim.get_optimizer_info(name).opt_class in FUSED
    fused: dict[str, Any] = {"fused": True} if can_fuse and may_fuse else {}
    return timm.optim.create_optimizer_v2(groups, opt=name, lr=lr, weight_decay=0.0, **fused)


def layer_groups(
    backbone: nn.Module, weight_decay: float, layer_decay: float
) -> list[tuple[list[nn.Parameter], float, float]]:
    """Parameters, weight decay, and share of the learning rate: 1 for the last layer, and `layer_decay` less for each below it."""
    groups = timm.optim.param_groups_layer_decay(backbone, weight_decay=weight_decay, layer_decay=layer_decay)
    return [(group["params"], group["weight_decay"], group["lr_scale"]) for group in groups]


def facts(name: str) -> Any:
    """What timm knows of a model's weights: mean, std, hf_hub_id, fixed_input_size. None where it knows nothing."""
    return timm.get_pretrained_cfg(name)


def takes_any_size(name: str, args: dict[str, Any]) -> bool:
    """Photos of another side than the model was made with. A ViT has its own in its position embedding, unless told otherwise."""
    known = facts(name)
    is_fixed = "img_size" in args or (known is not None and known.fixed_input_size)
    return bool(args.get("dynamic_img_size")) or not is_fixed


def create(name: str, args: dict[str, Any], **more: Any) -> nn.Module:
    """A backbone without a classifier: photos (B, 3, H, W) → features (B, F).

    Raises:
        ConfigError: an argument that the backbone does not take.
    """
    try:
        return timm.create_model(name, num_classes=0, **args, **more)
    except (TypeError, AssertionError) as error:
        raise ConfigError([f"model.args = {args} do not suit {name}: {error}."]) from error


def outline(name: str, args: dict[str, Any]) -> nn.Module:
    """A backbone without the memory of its weights: to look at its layers.

    Raises:
        ConfigError: as `create`.
    """
    with torch.device("meta"):
        return create(name, args)
