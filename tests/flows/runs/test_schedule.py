"""When nights are due, and which starts come too late."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.runs.schedule import last_time, next_time, why_not_start
from models.errors import ConfigError

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTLY = "15 4 * * *"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "before", "after"),
    [
        ("2026-07-14T12:00", "2026-07-14T02:15", "2026-07-15T02:15"),
        ("2026-07-14T02:15", "2026-07-13T02:15", "2026-07-15T02:15"),
        ("2026-03-28T12:00", "2026-03-28T03:15", "2026-03-29T02:15"),
    ],
    ids=["in summer time", "on the very moment", "over the clock change"],
)
def test_a_schedule_is_read_in_its_time_zone(moment: str, before: str, after: str) -> None:
    """The times before and after a moment are those of the wall clock there."""
    assert last_time(NIGHTLY, BERLIN, _at(moment)) == _at(before)
    assert next_time(NIGHTLY, BERLIN, _at(moment)) == _at(after)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
@pytest.mark.parametrize("cron", ["30 2 * * *", "15 2 * * 0", "30 1 * * *", "*/20 * * * *"])
def test_the_times_before_and_after_a_moment_are_neighbours(cron: str, zone: str) -> None:
    """Whichever way they are looked for, also in the hour that the clocks of an autumn show twice."""
    place = ZoneInfo(zone)
    for change in ("2026-10-25T00:00", "2026-11-01T05:00", "2026-04-04T14:00", "2026-03-29T00:00"):
        moments = [_at(change) + n * timedelta(minutes=5) for n in range(40)]
        for moment in moments:
            before, after = last_time(cron, place, moment), next_time(cron, place, moment)
            assert before.timestamp() < moment.timestamp() < after.timestamp()
            assert next_time(cron, place, before).timestamp() in {after.timestamp(), moment.timestamp()}


def test_clocks_that_show_an_hour_twice_are_told_apart() -> None:
    """A quarter past two of the second time is after half past two of the first."""
    due, now = _at("2026-10-25T00:30").astimezone(BERLIN), _at("2026-10-25T01:15").astimezone(BERLIN)
    assert last_time("30 2 * * *", BERLIN, now).timestamp() == due.timestamp()
    reason = why_not_start(_at("2026-10-24T00:30"), due, None, now)
    assert reason == "its next time, 2026-10-25 02:30 CEST, has passed already"


@pytest.mark.parametrize("cron", ["61 4 * * *", "0 0 31 2 *"], ids=["an impossible minute", "a day that never comes"])
def test_a_schedule_that_is_none_is_refused(cron: str) -> None:
    """The error names the setting."""
    with pytest.raises(ConfigError, match="CLIMATE_ARCHIVE_NIGHTLY_CRON"):
        next_time(cron, BERLIN, _at("2026-07-14T12:00"))


@pytest.mark.parametrize(
    ("now", "last", "reason"),
    [
        ("2026-07-14T04:16", None, None),
        ("2026-07-15T04:14", None, None),
        ("2026-07-15T04:15", None, "its next time, 2026-07-15 04:15 UTC, has passed already"),
        ("2026-07-14T09:00", "2026-07-14T04:14", None),
        (
            "2026-07-14T09:00",
            "2026-07-14T08:00",
            "a whole night begun at 2026-07-14 08:00 UTC, after its time, has succeeded",
        ),
    ],
    ids=["in time", "a day late, none since", "its next time is here", "only an older night", "a newer night"],
)
def test_a_start_is_made_however_late_unless_it_is_not_needed(now: str, last: str | None, reason: str | None) -> None:
    """Only the next time of the schedule or a newer night takes a start's place."""
    due, next_due = _at("2026-07-14T04:15"), _at("2026-07-15T04:15")
    assert why_not_start(due, next_due, _at(last) if last else None, _at(now)) == reason
