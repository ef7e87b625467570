"""What a pile of photos is, without being told: layout, labels, groups, splits, the sample submission."""

from photobench.sources.guess.look import guess

__all__ = ["guess"]
