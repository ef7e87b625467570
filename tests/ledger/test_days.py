from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from photobench.config import Layer, resolve
from photobench.errors import ConfigError, LedgerError
from photobench.ledger.days import day_of, next_reset, read_moment, reset_words
from photobench.ledger.options import LedgerOptions

SEOUL = LedgerOptions()
NINE = LedgerOptions(reset_hour=9)


@pytest.mark.parametrize(
    ("options", "moment", "day"),
    [
        (SEOUL, datetime(2026, 3, 1, 14, 59, tzinfo=UTC), date(2026, 3, 1)),  # 23:59 in Seoul
        (SEOUL, datetime(2026, 3, 1, 15, 0, tzinfo=UTC), date(2026, 3, 2)),
        (NINE, datetime(2026, 3, 1, 23, 59, tzinfo=UTC), date(2026, 3, 1)),  # 08:59 on the 2nd
        (NINE, datetime(2026, 3, 2, 0, 0, tzinfo=UTC), date(2026, 3, 2)),
        (LedgerOptions(timezone="UTC"), datetime(2026, 3, 2, 8, 0, tzinfo=ZoneInfo("Asia/Seoul")), date(2026, 3, 1)),
    ],
)
def test_a_day_begins_where_the_competition_is(options: LedgerOptions, moment: datetime, day: date) -> None:
    assert day_of(moment, options) == day


def test_the_next_day_begins_at_the_reset_hour_also_when_clocks_are_changed() -> None:
    assert next_reset(datetime(2026, 3, 1, 15, 0, tzinfo=UTC), NINE) == datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    york = LedgerOptions(timezone="America/New_York", reset_hour=1)
    evening = datetime(2026, 3, 7, 20, 0, tzinfo=ZoneInfo("America/New_York"))  # at 2:00 it becomes 3:00
    assert next_reset(evening, york).astimezone(UTC) == datetime(2026, 3, 8, 6, 0, tzinfo=UTC)
    moment = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    assert reset_words(moment, SEOUL) == "00:00 in Asia/Seoul (15:00 here), in 3 h 30 min"
    assert reset_words(moment.astimezone(ZoneInfo("Asia/Seoul")), SEOUL) == "00:00 in Asia/Seoul, in 3 h 30 min"


def test_when_something_was_sent_is_read_as_people_write_it() -> None:
    now = datetime(2026, 3, 1, 18, 0).astimezone()
    assert read_moment(None, now) == now
    assert read_moment("14:30", now).replace(tzinfo=None) == datetime(2026, 3, 1, 14, 30)
    assert read_moment("2026-02-28 09:05", now).replace(tzinfo=None) == datetime(2026, 2, 28, 9, 5)
    assert read_moment("2026-02-28T09:05+09:00", now) == datetime(2026, 2, 28, 0, 5, tzinfo=UTC)
    with pytest.raises(LedgerError, match="has not come yet"):
        read_moment("2026-03-01 18:06", now)
    with pytest.raises(LedgerError, match="is no time"):
        read_moment("yesterday", now)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"timezone": "Asia/Soul"}, "is no time zone"),
        ({"timezone": ""}, "is no time zone"),
        ({"reset_hour": 24}, "less than or equal to 23"),
        ({"per_day": 0}, "greater than or equal to 1"),
        ({"metric": "f1"}, "macro_f1"),
        ({"uploader": "kaggle"}, "needs competition"),
    ],
)
def test_options_that_cannot_be(values: dict, rule: str) -> None:
    with pytest.raises(ConfigError, match=rule):
        resolve(LedgerOptions, [Layer("photobench.toml", values)])


def test_a_password_in_the_options_is_refused_and_not_repeated(contest, cli) -> None:
    done = cli("config", "-w", contest, "--set", "ledger.url=postgresql://kim:hunter2@db/team")
    assert done.returncode == 2
    assert "PGPASSWORD" in done.stderr
    assert "hunter2" not in done.stderr
