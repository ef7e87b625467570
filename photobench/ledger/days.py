"""The days of a competition: when one begins, and when something was sent."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from photobench.errors import LedgerError
from photobench.ledger.options import LedgerOptions
from photobench.words import duration

SLACK = timedelta(minutes=5)
"""Clocks of several machines may differ by so much."""


def day_of(moment: datetime, options: LedgerOptions) -> date:
    """The competition's day that a moment with a time zone is in."""
    there = moment.astimezone(ZoneInfo(options.timezone))
    return (there.replace(tzinfo=None) - timedelta(hours=options.reset_hour)).date()


def next_reset(moment: datetime, options: LedgerOptions) -> datetime:
    """When the day after that begins, in the competition's time."""
    following = day_of(moment, options) + timedelta(days=1)
    return datetime.combine(following, time(options.reset_hour), ZoneInfo(options.timezone))


def reset_words(moment: datetime, options: LedgerOptions) -> str:
    """`"00:00 in Asia/Seoul (16:00 here), in 3 h 12 min"`."""
    reset = next_reset(moment, options)
    here = reset.astimezone(moment.tzinfo)
    same = here.utcoffset() == reset.utcoffset()
    left = duration((here - moment).total_seconds())
    return f"{reset:%H:%M} in {options.timezone}{'' if same else f' ({here:%H:%M} here)'}, in {left}"


def read_moment(text: str | datetime | None, now: datetime) -> datetime:
    """When something was sent: `2026-03-01 14:30`, `14:30` for today, with an offset or in the time of this machine; now for None.

    Raises:
        LedgerError: it is no time, or has not come yet.
    """
    if text is None:
        return now
    moment = text if isinstance(text, datetime) else _parse(text.strip(), now)
    moment = moment if moment.tzinfo else moment.astimezone()
    if moment > now + SLACK:
        raise LedgerError(
            f"--at {text}: that has not come yet; it is {now:%Y-%m-%d %H:%M}. Say when the file was sent."
        )
    return moment


def _parse(text: str, now: datetime) -> datetime:
    for read in (datetime.fromisoformat, lambda t: datetime.combine(now.date(), time.fromisoformat(t))):
        try:
            return read(text)
        except ValueError:
            continue
    raise LedgerError(f'--at "{text}" is no time. Write it as 14:30, or as "2026-03-01 14:30".')
