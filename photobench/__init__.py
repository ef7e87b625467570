"""photobench: from a pile of labelled photos to an image classifier you can trust.

import photobench as pb

bench = pb.open("workspace")
run = bench.train(backbone="resnet18")
run.metrics
run.predict(["photo.jpg"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Bench", "PhotobenchError", "Run", "__version__", "init", "open"]

if TYPE_CHECKING:
    from photobench.api import Bench, Run, init, open
    from photobench.errors import PhotobenchError


def __getattr__(name: str) -> Any:
    """The interface is loaded at its first use, so that `photobench --help` need not wait for it."""
    if name not in __all__:
        raise AttributeError(f"module 'photobench' has no attribute '{name}'")
    from photobench import api, errors

    return getattr(errors if name == "PhotobenchError" else api, name)
