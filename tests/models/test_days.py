"""Days and moments: read within the years of an archive, and nothing that can end in a bug behind them."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.days import day_begin, day_end, read_day, read_day_or_moment, read_moment, require_span

ZONES = (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago"))  # the first and the last where a day begins


@pytest.mark.parametrize("text", ["1900-01-01", "2026-07-14", "2200-12-31"])
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_every_day_that_is_read_has_a_begin_and_an_end(text: str, zone: ZoneInfo) -> None:
    """Also the first and the last of them, in UTC too."""
    day = read_day(text)
    begin, end = day_begin(day, zone), day_end(day, zone)
    assert begin is not None
    assert end is not None
    assert begin.astimezone(UTC) < end.astimezone(UTC)
    require_span(day, day, zone)


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_day, "1899-12-31", "1899-12-31 is not within the years 1900 to 2200."),
        (read_day, "9999-12-31", "9999-12-31 is not within the years 1900 to 2200."),
        (read_day, "2026-02-30", "'2026-02-30' is not a day such as 2026-07-14."),
        (read_day, "2026-07-14T04:15", "'2026-07-14T04:15' is not a day such as 2026-07-14."),
        (read_moment, "0001-01-01T00:00+14:00", "0001-01-01T00:00:00+14:00 is not within the years 1900 to 2200."),
        (read_moment, "\0", "'\\x00' is not a moment such as 2026-07-14T04:15."),
        (read_day_or_moment, "9999-12-31", "9999-12-31 is not within the years 1900 to 2200."),
        (
            read_day_or_moment,
            "yesterday",
            "'yesterday' is not a day such as 2026-07-14 or a moment such as 2026-07-14T04:15.",
        ),
    ],
)
def test_what_is_no_day_of_an_archive_is_refused(read: Callable[[str], Any], text: str, said: str) -> None:
    """In one sentence."""
    with pytest.raises(ValueError, match=re.escape(said)):
        read(text)


def test_a_moment_without_a_zone_is_one_of_the_settings() -> None:
    """A day is wanted whole, a moment is what it is."""
    berlin = ZoneInfo("Europe/Berlin")
    moment = read_day_or_moment("2026-07-14T04:15")
    assert day_begin(moment, berlin) == day_end(moment, berlin) == datetime(2026, 7, 14, 2, 15, tzinfo=UTC)
    assert read_day_or_moment("2026-07-14") == date(2026, 7, 14)


@pytest.mark.parametrize(
    ("since", "until", "is_empty"),
    [
        ("2026-07-14", "2026-07-14", False),
        ("2026-07-15", "2026-07-14", True),
        ("2026-07-14T12:00", "2026-07-14", False),
        ("2026-07-14", "2026-07-14T00:00", True),
        ("2026-07-14T12:00", "2026-07-14T12:00", True),
    ],
)
def test_a_span_in_which_nothing_can_lie_is_refused(since: str, until: str, is_empty: bool) -> None:
    """A day reaches to its end."""
    first, last = read_day_or_moment(since), read_day_or_moment(until)
    if not is_empty:
        require_span(first, last, UTC)
        return
    with pytest.raises(ValueError, match=r"^Nothing can lie between since "):
        require_span(first, last, UTC)
