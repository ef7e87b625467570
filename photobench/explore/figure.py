"""A figure: what it shows, what that means, and the numbers behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from photobench.explore.canvas import Drawing


@dataclass(frozen=True)
class Figure:
    """One finding about the data: what it is called, what it says, how it looks, and the numbers behind it.

    `unusual` are sentences about what a person should know before training; most data sets have few of them. There is no
    `drawing` where the words say everything (all photos have the same size, say).
    """

    key: str
    title: str
    words: str
    data: pd.DataFrame = field(repr=False)
    drawing: Drawing | None = field(default=None, repr=False)
    unusual: tuple[str, ...] = ()

    @cached_property
    def svg(self) -> str:
        """A complete SVG document with a transparent background, or nothing.

        Its greys follow the CSS variables `--figure-ink`, `--figure-strong`, `--figure-rule` and `--figure-paper` of the
        page that it is put into, and are legible on light and dark without them.
        """
        return self.drawing.svg() if self.drawing else ""

    def _repr_html_(self) -> str:
        return f"<h4>{escape(self.title)}</h4><p>{escape(self.words)}</p>{self.svg}"
