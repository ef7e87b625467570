"""Where to compute and in which precision."""

from __future__ import annotations

import time

import torch
from torch import nn

from photobench.errors import ConfigError

PROBE_BATCH, PROBE_ROUNDS = 8, 4
BF16_MARGIN = 1.15
"""bf16 is left only where it takes clearly longer than fp32: the choice should not hang on what else the machine does."""


def choose_device(asked: str) -> str:
    """ "cpu", "cuda" or "mps". Raises ConfigError where what was asked for is not there."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if asked == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there[asked]:
        have = ", ".join(name for name, yes in there.items() if yes)
        raise ConfigError(
            [f'train.device = "{asked}", and torch finds no such device here. There is: {have}. "auto" takes the best.']
        )
    return asked


def has_bf16(device: str) -> bool:
    """The hardware multiplies bf16. Emulated, it is slower than fp32 and not worth a look."""
    if device == "cuda":
        return torch.cuda.get_device_capability() >= (8, 0)
    if device == "cpu":
        return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
    return False


def halves(device: str) -> tuple[str, ...]:
    """The precisions of two bytes that the hardware multiplies, the better one first.

    bf16 has the range of fp32. A card without it (T4, V100: those that notebooks are lent) has fp16, whose small gradients need scaling.
    """
    if has_bf16(device):
        return ("bf16", "fp16") if device == "cuda" else ("bf16",)
    return ("fp16",) if device == "cuda" and torch.cuda.get_device_capability() >= (7, 0) else ()


def faster_precision(model: nn.Module, size_px: int, device: str) -> str:
    """ "bf16" or "fp32", whichever trains this model faster here, by a few steps of each; on a card the half that it has, untried.

    Hardware support alone does not tell: depthwise convolutions (MobileNet, EfficientNet) gain less from it than those of a ResNet,
    and a torch of another version may lose by it. The model's weights are left as they were.
    """
    if device == "cuda":
        return next(iter(halves(device)), "fp32")  # tensor cores; always faster
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    random = torch.get_rng_state()
    model.to(device).to(memory_format=torch.channels_last).train()
    images = torch.zeros(PROBE_BATCH, size_px, size_px, 3, dtype=torch.uint8, device=device)
    seconds: dict[str, list[float]] = {"fp32": [], "bf16": []}
    for _ in range(1 + PROBE_ROUNDS):
        for precision, times in seconds.items():  # in turns, so that a busy moment meets both
            times.append(_step_seconds(model, images, precision))
    model.zero_grad(set_to_none=True)
    model.load_state_dict(state)
    torch.set_rng_state(random)
    fastest = {precision: min(times[1:]) for precision, times in seconds.items()}  # the first one compiles
    return "bf16" if fastest["bf16"] < BF16_MARGIN * fastest["fp32"] else "fp32"


def synchronise(device: str) -> None:
    """Wait for what the device still computes, so that what is timed has its own time."""
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def is_out_of_memory(error: BaseException) -> bool:
    """A smaller batch may fit. CPU and MPS say it in words only."""
    words = ("can't allocate memory", "not enough memory", "out of memory")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(word in str(error) for word in words)


def autocast(device: str, precision: str) -> torch.autocast:
    """The context in which the model is called. A processor is asked in fp32 where a card learned in fp16: its own takes ten times as long."""
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)
    is_slow = device == "cpu" and precision == "fp16"
    return torch.autocast(device, dtype=dtype or torch.bfloat16, enabled=dtype is not None and not is_slow)


def describe(device: str) -> str:
    """The device in words."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    num = torch.get_num_threads()
    return f"{device}, {num} thread{'s' if num > 1 else ''}" if device == "cpu" else device


def _step_seconds(model: nn.Module, images: torch.Tensor, precision: str) -> float:
    started = time.perf_counter()
    with autocast(images.device.type, precision):
        logits = model(images)
    torch.stack([head.float().square().mean() for head in logits]).sum().backward()
    return time.perf_counter() - started
