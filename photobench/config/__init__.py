"""Options and where they come from: default < recipe < project file < command line.

Each stage owns its options, a frozen `Options` model beside its code; this package only loads, merges, checks and writes them.
It knows no option by name.
"""

from photobench.config.layers import Part, merge, parse_set, read_toml, resolve
from photobench.config.mistakes import rule
from photobench.config.options import Field, Layer, Options, fields, flat, given_by
from photobench.config.writing import changed, dump, shown, to_toml

__all__ = [
    "Field",
    "Layer",
    "Options",
    "Part",
    "changed",
    "dump",
    "fields",
    "flat",
    "given_by",
    "merge",
    "parse_set",
    "read_toml",
    "resolve",
    "rule",
    "shown",
    "to_toml",
]
