"""Schedules: what the settings take, Prefect fires at the very moments that our own reader names."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from prefect.server.schemas.schedules import CronSchedule

from config._cron import check_cron
from flows.runs.schedule import next_time

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
COUNT = 40

TAKEN = (
    *("15 4 * * *", "*/7 * * * *", "5-50/15 3 * * *", "0 0,12 1,15 * *", "00 04 * * *", "5/15 4 * * *"),
    *("0 4 L * *", "0 4 L,15 * *", "0 4 */2 * *", "0 4 31 * *", "0 4 29 2 *", "0 4 1-7 * *", "0 4 1/2 * *"),
    *(
        "0 4 * JAN-MAR *",
        "0 4 * jan,Jul *",
        "0 4 * 1/3 *",
        "0 4 * * 7",
        "0 4 * * 0,7",
        "0 4 * * 5-7",
        "0 4 * * SUN-TUE",
    ),
    *("0 4 * * mon-fri/2", "0 4 * * */2", "0 4 * * MON#2", "0 4 * * 1#2,3#3", "0 4 * * 0-6/2"),
)
REFUSED = (
    *("0 4 LW * *", "0 4 1W * *", "0 4 * * 5L", "0 4 * * L5", "0 4 * * L", "0 4 * * FRI-SUN", "0 22-2 * * *"),
    *("0 4 */2 * 1", "0 4 1 * 1", "0 4 */2 * */2", "0 4 * * 1/2", "0 4 * * MON/2", "0 4 * * 1-1", "0-0 4 * * *"),
    *("@daily", "0 4 ? * *", "R 4 * * *", "H 4 * * *", "0 4 * * 1#2,3", "0 4 *,1 * *", "0 4 * * MON,*"),
)


@pytest.mark.parametrize("cron", TAKEN)
async def test_what_is_taken_is_read_alike_by_prefect(cron: str) -> None:
    """Both name the same moments, in whichever way a month or a week begins."""
    check_cron(cron)
    fired = [
        moment for moment in await CronSchedule(cron=cron, timezone="UTC").get_dates(COUNT, BEGIN) if moment > BEGIN
    ]
    named, last = [], BEGIN
    for _ in fired:
        last = next_time(cron, ZoneInfo("UTC"), last)
        named.append(last)
    assert len(fired) >= COUNT - 1
    assert named == fired


@pytest.mark.parametrize("cron", REFUSED)
def test_what_the_two_read_otherwise_is_refused(cron: str) -> None:
    """At the settings, in a sentence, and not in the night that never comes."""
    with pytest.raises(ValueError, match=r"schedule|Prefect"):
        check_cron(cron)
