"""What a pile of labelled photos looks like before any training: figures, each with words about this data.

    from photobench.explore import figures
    for figure in figures(manifest):
        print(figure.title, figure.words, sep="\\n")

Reading a table or its words costs nothing; seaborn is imported when the first figure is drawn.
"""

from __future__ import annotations

from photobench.explore.counted import counted
from photobench.explore.figure import Figure
from photobench.explore.looks import Seen, looks
from photobench.explore.projection import PhotoMap
from photobench.explore.settings import NOTHING_SET, Settings
from photobench.records import Manifest

__all__ = ["Figure", "PhotoMap", "Seen", "Settings", "figures"]


def figures(manifest: Manifest, seen: Seen | None = None, settings: Settings = NOTHING_SET) -> list[Figure]:
    """The figures that there is data for, in reading order: what the manifest says, and what was seen of the photos.

    `settings`: what the project has set already, for advice.
    """
    return [*counted(manifest, settings), *(looks(manifest, seen, settings) if seen is not None else ())]
