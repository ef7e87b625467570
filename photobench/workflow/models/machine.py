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
    is_whole = num_cores() == os.cpu_count()  # who has some of the cores does not know what runs on these
    load = os.getloadavg()[0] if is_whole and hasattr(os, "getloadavg") else None
    return Machine(describe(device), num_cores(), load)


def about_machine(device: str) -> list[str]:
    """Said before a training on a processor whose cores others want."""
    return crowded(machine_with(device), torch.get_num_threads()) if device == "cpu" else []
