"""What a check may find: the names that a rule of people's own may use, and how much each is worth a look.

A score is how sure a check is, and comparable within it alone: a copy that is sure does less harm than a leak that is likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Kind:
    """One thing that a check may find."""

    name: str
    line: str  # what it is, for people
    weight: float  # how much a look at it is worth where the check is sure; a wrong label is 1
    suggests: Literal["", "relabel", "group"] = ""  # what a finding of it may propose beside leaving the photo out
    of_label: bool = False  # a finding of it doubts or tells the label of one attribute, which it names
