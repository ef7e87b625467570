"""The machine that a training finds, as the doctor sees it."""

from __future__ import annotations

import os

import torch

from photobench.doctor.facts import Machine
from photobench.doctor.verdict import crowded
from photobench.parallel import num_cores
from photobench.vision.device import describe


def machine_with(device: str) -> Machine:
    """This one, its load as it is now."""
    return Machine(describe(device), num_cores(), os.getloadavg()[0] if hasattr(os, "getloadavg") else None)


def about_machine(device: str) -> list[str]:
    """Said before a training on a processor whose cores others want."""
    return crowded(machine_with(device), torch.get_num_threads()) if device == "cpu" else []
