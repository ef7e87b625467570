"""Where a model fails: kinds of photos of which more are answered wrongly than chance explains, ranked by what they cost."""

from photobench.slices.conditions import looks
from photobench.slices.facts import photo_facts
from photobench.slices.find import find_slices
from photobench.slices.found import Slice, Slices

__all__ = ["Slice", "Slices", "find_slices", "looks", "photo_facts"]
