"""To whom a training tells how it goes: the one interface, and the table of those that can be chosen."""

from photobench.train.watchers.table import WATCHERS, check_watchers
from photobench.train.watchers.watcher import Beginning, Watcher

__all__ = ["WATCHERS", "Beginning", "Watcher", "check_watchers"]
