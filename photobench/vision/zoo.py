"""timm, the zoo of backbones. The only module that imports it.

timm imports torchvision where it is there, for a feature extractor that is not used here, and torchvision imports torch's compiler:
4.5 of the 7 seconds that `import timm` takes. timm has its own way to do without torchvision, so it is hidden from it at that moment.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    """`import name` fails inside, unless it was imported before."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


with _hidden("torchvision"):
    import timm
    import timm.layers

__all__ = ["timm"]
