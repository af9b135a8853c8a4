"""When nights are due, and which late starts are not worth making. Pure: schedule, clock and ledger are given."""

from datetime import datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from models.errors import ConfigError


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
    if now >= next_due_at:
        return f"its next time, {_shown(next_due_at)}, has passed already"
    if last_night_at is not None and last_night_at >= due_at:
        return f"a whole night begun at {_shown(last_night_at)}, after its time, has succeeded"
    return None


def why_not_start_of(
    cron: str, zone: ZoneInfo, due_at: datetime, last_night_at: datetime | None, now: datetime
) -> str | None:
    """Return why a start that a schedule asked for at a moment is skipped; None where it is to be made."""
    return why_not_start(due_at, next_time(cron, zone, due_at), last_night_at, now)


def _next(cron: str, moment: datetime, *, is_backward: bool) -> datetime:
    try:
        return next(CronSim(cron, moment, reverse=is_backward))
    except CronSimError as error:
        raise ConfigError(f"CLIMATE_ARCHIVE_NIGHTLY_CRON: {cron!r} is not a schedule: {error}.") from None
    except StopIteration:
        raise ConfigError(f"CLIMATE_ARCHIVE_NIGHTLY_CRON: {cron!r} names a day that never comes.") from None


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
