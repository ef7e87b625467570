"""Pretrained weights for a backbone: from timm's hub, or from a file of the user. Nothing is loaded in silence."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import torch
from huggingface_hub import constants, try_to_load_from_cache
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from photobench.errors import ModelError
from photobench.vision import zoo
from photobench.words import examples

REACH_TIMEOUT_S = 5.0
OTHER_FORMATS = {".onnx": "an ONNX", ".h5": "a Keras", ".hdf5": "a Keras", ".keras": "a Keras", ".pb": "a TensorFlow",
                 ".tflite": "a TensorFlow Lite", ".engine": "a TensorRT", ".mlmodel": "a Core ML"}  # fmt: skip
"""Weights that torch cannot read, by their ending."""


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a .safetensors file or of a .pth state dict, never running code from it.

    Raises:
        ModelError: the file is missing, or holds anything but tensors.
    """
    _check_file(path)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, OSError, RuntimeError, ValueError, EOFError, KeyError, AttributeError) as error:
        raise ModelError(f"{path} is not a weights file: {_first_line(error)}") from error
    except Exception as error:  # pickle.UnpicklingError, and what a damaged archive may raise
        what = (
            "holds more than plain tensors"
            if "unsupported global" in str(error).lower()
            else "is damaged, or is no weights file"
        )
        raise ModelError(
            f"{path} {what}, and is not loaded: code in a weights file is never run. "
            "Save a state dict instead: torch.save(model.state_dict(), FILE)"
        ) from error
    for wrapper in ("state_dict", "model", "model_state"):
        if isinstance(state, dict) and isinstance(state.get(wrapper), dict):
            state = state[wrapper]
    if not isinstance(state, dict) or not all(isinstance(t, torch.Tensor) for t in state.values()):
        raise ModelError(
            f"{path} does not hold a state dict (names of tensors and the tensors). Save model.state_dict() instead."
        )
    return {name.removeprefix("module."): tensor for name, tensor in state.items()}


def load_backbone_file(backbone: nn.Module, path: Path, keep_classifier: bool = False) -> None:
    """Load a file into a backbone; its classifier, of other classes, is left out unless asked for.

    Raises:
        ModelError: naming the tensors that are missing, left over, or of another shape.
    """
    state = read_state(path)
    adapt = getattr(sys.modules[type(backbone).__module__], "checkpoint_filter_fn", None)
    if adapt is not None:
        state = adapt(state, backbone)
    if not keep_classifier:
        heads = getattr(backbone, "pretrained_cfg", {}).get("classifier") or ()
        heads = (heads,) if isinstance(heads, str) else tuple(heads)
        state = {name: tensor for name, tensor in state.items() if not name.startswith(tuple(f"{h}." for h in heads))}
    own = backbone.state_dict()
    problems = _misfits(own, state)
    if problems:
        raise ModelError(
            f"The weights {path.name} do not fit {_name(backbone)}: {'; '.join(problems)}. Is it the file of this model.backbone and model.args?"
        )
    backbone.load_state_dict(state, strict=True)


def _name(backbone: nn.Module) -> str:
    """As the user calls it, who knows nothing of its class."""
    return getattr(backbone, "pretrained_cfg", {}).get("architecture") or type(backbone).__name__


def hub_file(name: str) -> Path | None:
    """The cached weights of a timm model, if they were downloaded before."""
    cfg = zoo.facts(name)
    for filename in ("model.safetensors", "pytorch_model.bin"):
        found = try_to_load_from_cache(cfg.hf_hub_id, filename) if cfg and cfg.hf_hub_id else None
        if isinstance(found, str):
            return Path(found)
    return None


def check_weights(name: str, weights: str, root: Path) -> None:
    """Whether the weights can be had, found out before any work is done.

    Raises:
        ModelError: timm has none for this model, the hub cannot be reached, or the file is not there.
    """
    if weights == "none":
        return
    if weights != "pretrained":
        _check_file(weights_path(weights, root))
    elif not zoo.has_pretrained(name):
        raise ModelError(
            f'timm has no pretrained weights for {name}. Set model.weights to a file or to "none", or choose another backbone.'
        )
    elif hub_file(name) is None:
        check_hub(name)


def weights_path(weights: str, root: Path) -> Path:
    return (root / Path(weights).expanduser()).resolve()


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise ModelError(
            f"There is no weights file {path}. Set model.weights to a .safetensors or .pth file, to pretrained, or to none."
        )
    if path.suffix.lower() in OTHER_FORMATS:
        raise ModelError(
            f"{path} is {OTHER_FORMATS[path.suffix.lower()]} file: set model.weights to a .safetensors or .pth file of this model.backbone."
        )


def check_hub(name: str) -> None:
    """Find out in seconds what the hub's client would find out in two minutes of retries.

    Raises:
        ModelError: the hub cannot be reached, with what to do offline.
    """
    if any(
        os.environ.get(f"{scheme}_proxy") or os.environ.get(f"{scheme.upper()}_PROXY") for scheme in ("https", "all")
    ):
        return  # the client goes through the proxy, a direct connection says nothing
    address = urlsplit(constants.ENDPOINT)
    try:
        if constants.HF_HUB_OFFLINE:
            raise OSError("HF_HUB_OFFLINE is set")
        with socket.create_connection((address.hostname, address.port or 443), timeout=REACH_TIMEOUT_S):
            return
    except OSError as error:
        raise hub_error(name, error) from error


def hub_error(name: str, error: BaseException) -> ModelError:
    """What to do where the hub cannot be reached."""
    return ModelError(
        f"The pretrained weights of {name} cannot be downloaded from timm's hub ({_first_line(error)}). "
        f'Offline: set model.weights = "FILE" to a .safetensors or .pth file of {name}, copy the hub cache of a machine that has them '
        f'({constants.HF_HUB_CACHE}), or train from nothing with model.weights = "none".'
    )


def _misfits(own: dict[str, torch.Tensor], given: dict[str, torch.Tensor]) -> list[str]:
    shapes = [
        f"{n} is {tuple(given[n].shape)}, not {tuple(own[n].shape)}"
        for n in own
        if n in given and given[n].shape != own[n].shape
    ]
    lists = {
        "missing": [n for n in own if n not in given],
        "left over": [n for n in given if n not in own],
        "of another shape": shapes,
    }
    return [f"{len(names)} tensors {what} ({examples(names)})" for what, names in lists.items() if names]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
