"""Which sums a count over some days reads: those of whole months, and those of days at ragged ends."""

from datetime import MAXYEAR, MINYEAR, date, timedelta

from msgspec import Struct
from sqlalchemy import Column, ColumnElement

_DAY = timedelta(days=1)


class Span(Struct, frozen=True):
    """Days in a row, or months in a row; None is without a bound."""

    since: date | None
    until: date | None  # included: the last day, or a day of the last month
    is_months: bool = False

    def within(self, column: Column[date]) -> list[ColumnElement[bool]]:
        """Tell whether a day, or the first day of a month, lies in it."""
        limits = [] if self.since is None else [column >= self.since]
        return limits + ([] if self.until is None else [column <= self.until])


def in_months(since: date | None, until: date | None) -> tuple[Span, ...]:
    """Part days into the whole months among them and the days before and behind those."""
    if {MINYEAR, MAXYEAR} & {day.year for day in (since, until) if day is not None}:
        return (Span(since, until),)  # the months beside may be none
    first = since if since is None or since.day == 1 else _next_month(since)
    end = None if until is None else (until + _DAY).replace(day=1)
    if first is not None and end is not None and first >= end:
        return (Span(since, until),)
    parts = [Span(first, None if end is None else end - _DAY, is_months=True)]
    if first is not None and since != first:
        parts.append(Span(since, first - _DAY))
    if end is not None and until is not None and end <= until:
        parts.append(Span(end, until))
    return tuple(parts)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
