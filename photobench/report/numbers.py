"""Numbers as a person wants to read them: only as many digits as the interval lets mean something."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METRIC_NAMES = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
    "auc": "AUC",
}
PERCENTS = {"accuracy", "precision", "recall", "macro_precision", "macro_recall"}
MISSING = "–"
FINE_WIDTH = 0.01
"""An interval narrower than this deserves one digit more."""


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, as text and as places on a scale from 0 to 100; texts are `–` where unknown."""

    text: str
    interval: str
    value: float | None
    low: float | None
    high: float | None

    @property
    def known(self) -> bool:
        return self.value is not None

    @property
    def style(self) -> str:
        """CSS variables for the small interval bar."""
        places = {"value": self.value, "low": self.low, "high": self.high}
        return ";".join(f"--{k}:{100 * min(max(v, 0.0), 1.0):.1f}" for k, v in places.items() if v is not None)


def estimate(metric: str, data: Mapping[str, Any] | None) -> Estimate:
    """From `{"value", "low", "high"}`, any of them None."""
    value, low, high = (_finite((data or {}).get(key)) for key in ("value", "low", "high"))
    if value is None:
        return Estimate(MISSING, "", None, None, None)
    fine = low is not None and high is not None and 0 < high - low < FINE_WIDTH
    interval = ""
    if low is not None and high is not None:
        first, last = number(metric, low, fine), number(metric, high, fine)
        interval = f"{first.removesuffix(chr(160) + '%')} to {last}"
    return Estimate(number(metric, value, fine), interval, value, low, high)


def number(metric: str, value: float, fine: bool = False) -> str:
    """`"84 %"` for shares, `"0.71"` for F1 and AUC; one digit more when `fine`."""
    if metric in PERCENTS:
        return f"{100 * value:.{1 if fine else 0}f}\u00a0%"
    return f"{value:.{3 if fine else 2}f}"


def probability(value: float) -> str:
    """A probability in percent that never claims to be 0 or 100 when it is not."""
    if not math.isfinite(value):
        return MISSING
    if 0 < value < 0.005:
        return "< 1\u00a0%"
    if 0.995 < value < 1:
        return "> 99\u00a0%"
    return f"{100 * value:.0f}\u00a0%"


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(float(value)) else None
