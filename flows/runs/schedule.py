"""When nights are due, and which late starts are not worth making. Pure: schedule, clock and ledger are given."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from models.errors import ConfigError

# In the hour that an autumn's clocks show twice, the schedule's reader mistakes which is which: it begins outside it.
_BEYOND_THE_HOUR: Final = timedelta(hours=3)


def next_time(cron: str, zone: ZoneInfo, after: datetime) -> datetime:
    """Return the first moment of a schedule after another moment. Raise ConfigError where the schedule is none."""
    return _next(cron, after.astimezone(zone), is_backward=False)


def last_time(cron: str, zone: ZoneInfo, before: datetime) -> datetime:
    """Return the last moment of a schedule before another moment. Raise ConfigError where the schedule is none."""
    return _next(cron, before.astimezone(zone), is_backward=True)


def why_not_start(due_at: datetime, next_due_at: datetime, last_night_at: datetime | None, now: datetime) -> str | None:
    """Return why a scheduled start is skipped, however late; None where it is to be made.

    last_night_at is when the latest whole night that succeeded began.
    """
    if now.timestamp() >= next_due_at.timestamp():  # of two moments in one zone, only the clocks would be compared
        return f"its next time, {_shown(next_due_at)}, has passed already"
    if last_night_at is not None and last_night_at.timestamp() >= due_at.timestamp():
        return f"a whole night begun at {_shown(last_night_at)}, after its time, has succeeded"
    return None


def why_not_start_of(
    cron: str, zone: ZoneInfo, due_at: datetime, last_night_at: datetime | None, now: datetime
) -> str | None:
    """Return why a start that a schedule asked for at a moment is skipped; None where it is to be made."""
    return why_not_start(due_at, next_time(cron, zone, due_at), last_night_at, now)


def _next(cron: str, moment: datetime, *, is_backward: bool) -> datetime:
    aside = _BEYOND_THE_HOUR if is_backward else -_BEYOND_THE_HOUR
    start, at = (moment.astimezone(UTC) + aside).astimezone(moment.tzinfo), moment.timestamp()
    try:
        for found in CronSim(cron, start, reverse=is_backward):
            if found.timestamp() != at and (found.timestamp() < at) is is_backward:
                return found
    except CronSimError as error:
        raise ConfigError(f"CLIMATE_ARCHIVE_NIGHTLY_CRON: {cron!r} is not a schedule: {error}.") from None
    raise ConfigError(f"CLIMATE_ARCHIVE_NIGHTLY_CRON: {cron!r} names a day that never comes.")


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
