"""A process in which no file may grow beyond LIMIT_BYTES, as on a disk with little room."""

from __future__ import annotations

import os
import resource


def begin() -> None:
    limit = int(os.environ["LIMIT_BYTES"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
