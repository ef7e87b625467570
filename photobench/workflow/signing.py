"""Decisions with a name and a date under them."""

from __future__ import annotations

import getpass
import os
from typing import Any

from photobench.records import Decision
from photobench.workspace import now


def sign(photo: str, field: str, old: Any, new: Any, why: str = "", name: str = "") -> Decision:
    """The word of whoever runs this (or of `name`), now. The reason is kept on one line."""
    return Decision(photo, field, old, new, name or who(), now(), " ".join(why.split()))


def who() -> str:
    """The user's name on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"user {os.getuid()}"
