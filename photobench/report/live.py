"""A page of a training that refreshes itself while it runs: `live.html`, and `live.js`, which the page reads again and again.

A page opened from disk may not fetch files, but it may load a script: the data is a script of one call. No server, no port.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

from markupsafe import Markup

from photobench.learning import ExamplePredictions, Standing
from photobench.records import ClassSpace, RunRecord
from photobench.report import figures, told
from photobench.report.inputs import Thumbnail
from photobench.report.numbers import METRIC_NAMES, MISSING
from photobench.report.page import environment, resource
from photobench.words import duration

DATA_FILE = "live.js"


@dataclass(frozen=True)
class Card:
    label: str
    value: str
    note: str


@dataclass(frozen=True)
class LiveView:
    """What the page shows; it draws nothing itself but the time since the last update."""

    status: str  # as in RunRecord
    updated_ms: int  # since 1970, so that the page can tell how long ago that was
    quiet_s: float  # without an update for this long, something is wrong
    headline: str
    share: float  # of the whole training
    cards: list[Card]
    charts: list[figures.Chart] = field(default_factory=list)
    examples: list[told.AfterEpoch] = field(default_factory=list)


def page(record: RunRecord, space: ClassSpace, examples: ExamplePredictions | None, thumbnail: Thumbnail) -> str:
    """The page, which stays as it is. Photos are in it; everything that changes is read from DATA_FILE."""
    return (
        environment()
        .get_template("live.html.j2")
        .render(
            name=record.name,
            photos=told.photos(examples, space, thumbnail) if examples else [],
            to_be_said=told.Said("", "", True),
            data_file=DATA_FILE,
            style=Markup(resource("style.css")),
            script=Markup(resource("live.script.js")),
        )
    )


def data(view: LiveView) -> str:
    """The script that the page loads."""
    return f"photobenchLive({json.dumps(asdict(view), allow_nan=False)})\n"


def headline(standing: Standing, status: str) -> str:
    """One sentence: how far, and the best so far."""
    most = f"{'' if standing.keeps_last else 'at most '}{standing.epochs}"
    if status == "finished":
        text = f"Finished after {standing.epoch} of {most} epochs"
    else:
        number = min(standing.epoch + 1, standing.epochs)
        text = f"{'In' if status == 'running' else 'Stopped in'} epoch {number} of {most}"
    if standing.best is None:
        return f"{text}; the last one is kept." if standing.keeps_last else f"{text}."
    name = METRIC_NAMES.get(standing.metric, standing.metric)
    return f"{text}: the best {name} is {standing.best:.4f}, of epoch {standing.best_epoch}."


def cards(standing: Standing, status: str) -> list[Card]:
    """Best metric where the best epoch is kept, last metric, loss, speed, time left."""
    name = METRIC_NAMES.get(standing.metric, standing.metric)
    last = standing.history[-1] if standing.history else {}
    scores = [("best", standing.best, standing.best_epoch), ("last", last.get(standing.metric), standing.epoch)]
    if standing.keeps_last:
        del scores[0]
    found = [
        Card(f"{which} {name}", _figure(value, 4), f"epoch {number}" if standing.history else "after the first epoch")
        for which, value, number in scores
    ]
    within = "so far in this epoch" if standing.share else "of the last epoch"
    found += [
        Card("training loss", _figure(standing.loss, 3), within),
        Card("speed", MISSING if standing.images_per_s is None else f"{standing.images_per_s:,.0f}", "images/s"),
    ]
    left = MISSING if standing.left_s is None else duration(standing.left_s)
    return (
        [*found, Card("time left", left, "about" if standing.keeps_last else "at most")]
        if status == "running"
        else found
    )


def charts(record: RunRecord, standing: Standing) -> list[figures.Chart]:
    """The curves of the report, of the epochs so far."""
    so_far = replace(record, history=standing.history, metrics={"best_epoch": float(standing.best_epoch)})
    return figures.curve_charts(so_far)


def _figure(value: float | None, digits: int) -> str:
    return MISSING if value is None else f"{value:.{digits}f}"
