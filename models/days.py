"""Days and moments as people and programs write them: read, held to the years of an archive, and turned into spans.

Whatever reads a day reads it here: a year that no calendar goes on from would end a request or a command in a bug.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, TypeVar

_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2200
_DAY_LENGTH: Final = len("2026-07-14")
_When = TypeVar("_When", bound=date)


def read_day(text: str) -> date:
    """Read a day. Raise ValueError with one clear sentence."""
    return _read(text, date.fromisoformat, "a day such as 2026-07-14")


def read_moment(text: str) -> datetime:
    """Read a moment, with or without a zone. Raise ValueError with one clear sentence."""
    return _read(text, datetime.fromisoformat, "a moment such as 2026-07-14T04:15")


def read_day_or_moment(text: str) -> date | datetime:
    """Read what is either. Raise ValueError with one clear sentence."""
    read: Callable[[str], date | datetime] = date.fromisoformat if len(text) == _DAY_LENGTH else datetime.fromisoformat
    return _read(text, read, "a day such as 2026-07-14 or a moment such as 2026-07-14T04:15")


def held(when: _When) -> _When:
    """Return a day or moment that a program has read. Raise ValueError where its year is not an archive's."""
    if not _FIRST_YEAR <= when.year <= _LAST_YEAR:
        raise ValueError(f"{when.isoformat()} is not within the years {_FIRST_YEAR} to {_LAST_YEAR}.")
    return when


def day_begin(day: date | datetime | None, zone: tzinfo) -> datetime | None:
    """Return the moment at which a day begins in a time zone; a moment without a zone is one of that zone."""
    if day is None:
        return None
    if not isinstance(day, datetime):
        return datetime.combine(day, time.min, zone)
    return day if day.tzinfo else day.replace(tzinfo=zone)


def day_end(day: date | datetime | None, zone: tzinfo) -> datetime | None:
    """Return the first moment that is too late: a day is wanted whole."""
    if day is None or isinstance(day, datetime):
        return day_begin(day, zone)
    return day_begin(day + timedelta(days=1), zone)


def require_span(since: date | datetime | None, until: date | datetime | None, zone: tzinfo) -> None:
    """Raise ValueError, with one clear sentence, where no moment lies between two days or moments."""
    begin, end = day_begin(since, zone), day_end(until, zone)
    if begin is not None and end is not None and begin >= end:
        raise ValueError(f"Nothing can lie between since {since} and until {until}: is one meant for the other?")


def _read(text: str, read: Callable[[str], _When], what: str) -> _When:
    try:
        when = read(text)
    except ValueError:
        raise ValueError(f"{text!r} is not {what}.") from None
    return held(when)
