"""Several answers to the same photos made one: ways to combine, which of them is worth it, how different the members are."""

from photobench.ensemble.choose import Tried, chosen, try_all
from photobench.ensemble.diversity import Diversity, diversity
from photobench.ensemble.known import Known, known_answers
from photobench.ensemble.methods import METHODS, Fitted, Method, combined
from photobench.ensemble.record import EnsembleRecord, Member

__all__ = [
    "METHODS",
    "Diversity",
    "EnsembleRecord",
    "Fitted",
    "Known",
    "Member",
    "Method",
    "Tried",
    "chosen",
    "combined",
    "diversity",
    "known_answers",
    "try_all",
]
