"""Dates as feeds write them, read as aware UTC or not at all: an unknown date is better than a wrong one."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice

from msgspec import Struct

from flows.steps._parsing.date_words import folded, month_begun, month_number
from flows.steps._parsing.origin import Origin
from flows.steps._parsing.zones import named_zone, zone_minutes
from flows.steps.text.markup import without_markup

# News before the first and after the last year is a placeholder, a counter or a mistake.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_LENGTH = 120  # a date is short; a text that is not one must not be searched

_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<![\d:.+-])(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?)?(?!\d)")
_DAY_OF_YEAR = re.compile(r"(?<!\d)(\d{4})-(\d{3})(?!\d)")
_WEEK = re.compile(r"(?<!\d)(\d{4})-?w(\d{2})(?:-?(\d))?(?!\d)")
_YEAR_MONTH = re.compile(r"^(\d{4})[-/](\d{1,2})$")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d:])")
# Marks above and below letters, which many scripts write their vowels with, are part of a word.
_WORD = r"[^\W\d_][^\s\d.,:;/()+_-]*(?:_[^\s.,:;/]+)?"
_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|º|°|\.)?[\s,-]*(?:del?\s+|di\s+|of\s+|d['’])?({_WORD})\.?"
)
_MONTH_DAY = re.compile(rf"({_WORD})\.?[\s-]*(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:/])")
_NEXT_YEAR = re.compile(r"^[\s,-]*(?:del?\s+)?(\d{4}|'?\d{2})(?![\d:])")
_ANY_YEAR = re.compile(r"(?<![\d:+-])(\d{4})(?![\d:])")

_TIME = re.compile(
    r"(?:(?P<before>上午|下午|午前|午後|오전|오후)\s*)?(?<![\d.])(?P<hour>\d{1,2})\s*(?:[:h時时点點]|시)\s*(?P<minute>\d{1,2})?"
    r"(?:\s*[:분分]\s*(?P<second>\d{1,2}))?(?:[.,](?P<fraction>\d{1,9}))?[秒초分분]?"
    r"(?:\s*(?P<after>[ap])\.?m\b\.?)?"
)
_HOUR_ONLY = re.compile(r"(?<!\d)(?P<hour>\d{1,2})\s*(?P<after>[ap])\.?m\b\.?")
# As it is written in Finland or Italy, and by Oracle. A day looks alike: one stands before it.
_DOTTED_TIME = re.compile(
    r"(?<![\d.])(?P<hour>[01]?\d|2[0-4])\.(?P<minute>[0-5]\d)(?:\.(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?![\d.:/-])(?:\s*(?P<after>[ap])\.?m\b\.?)?"
)
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+\-−])(\d{1,2})(?::?(\d{2})(?::00)?)?(?![\d:-])")
# Where a plus went through an address, it is a space.
_LOST_PLUS = re.compile(r"\s+(0\d|1[0-4]):?(00|15|30|45)")
_WEEKDAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Where a program writes its element for a date in the place of one, the moment is in its attribute.
_MACHINE_READABLE = re.compile(r"""<[^<>]*?\b(?:datetime|content)\s*=\s*["']([^"'<>]*\d[^"'<>]*)""", re.IGNORECASE)
# Names of months in two words or with dots within, made one word.
_JOINED = (
    (re.compile(r"\b(تشرين|كانون) (ال)"), r"\1_\2"),
    (re.compile(r"\bth(?:ang|g)\.? ?(\d)"), r"thang_\1"),
    (re.compile(r"(?<=[ก-ฮ])\.(?=[ก-ฮ])"), ""),
)
_BUDDHIST_ERA = 543  # years before ours, as Thai dates are written
_ZONE_LETTERS = re.compile(r"(?<![^\W\d_])([a-z]{1,5})(?![^\W\d_])")


class ParsedDate(Struct, frozen=True):
    """What a date string says: `at` is aware UTC, None where it cannot be known."""

    at: datetime | None
    is_zone_assumed: bool = False  # it named no zone and was read as UTC, or one that means several


_UNKNOWN = ParsedDate(None)
_NOWHERE = Origin()


def read_date(raw: str, origin: Origin = _NOWHERE) -> ParsedDate:
    """Read a date in any of the forms that feeds are known to use; origin decides what is ambiguous. Never raises."""
    text = " ".join(folded(_without_markup(raw[: 4 * _MAX_LENGTH])).split())
    if "th" in text or not text.isascii():
        for form, joined in _JOINED:
            text = form.sub(joined, text)
    if not text or len(text) > _MAX_LENGTH:
        return _UNKNOWN
    try:
        reading = (
            _read_epoch(text) if re.fullmatch(r"\d{9,10}(\.\d+)?|\d{12,13}", text) else _read_written(text, origin)
        )
    except (ValueError, OverflowError):  # no such day, no such hour, or before the calendar begins
        return _UNKNOWN
    at = reading.at
    return reading if at and _FIRST_YEAR <= at.year <= _LAST_YEAR and at != _EPOCH else _UNKNOWN


def _without_markup(raw: str) -> str:
    if "<" not in raw:
        return raw
    moment = _MACHINE_READABLE.search(raw)
    return moment[1] if moment else without_markup(raw)


def _read_epoch(text: str) -> ParsedDate:
    seconds = float(text)
    return ParsedDate(_EPOCH + timedelta(seconds=seconds if seconds < 1e11 else seconds / 1000))


def _read_written(text: str, origin: Origin) -> ParsedDate:
    compact = _COMPACT.search(text)
    if compact and (compact[4] or len(text) == 8):
        day = datetime(int(compact[1]), int(compact[2]), int(compact[3]), tzinfo=UTC)
        time = timedelta(hours=int(compact[4] or 0), minutes=int(compact[5] or 0), seconds=int(compact[6] or 0))
        return _in_utc(day + time, text[compact.end() :], origin)
    clock = _TIME.search(text) or _dotted_time(text, origin) or _HOUR_ONLY.search(text)
    # The clock is cut out, so that neither its digits nor its zone are taken for a year.
    outside = f"{text[: clock.start()]} {text[clock.end() :]}" if clock else text
    found = _day_in(outside, origin)
    if found is None:
        return _UNKNOWN
    return _in_utc(
        found + (_time_of_day(clock) if clock else timedelta()), text[clock.end() :] if clock else "", origin
    )


def _dotted_time(text: str, origin: Origin) -> re.Match[str] | None:
    times = islice(_DOTTED_TIME.finditer(text), 5)
    return next((time for time in times if _day_in(text[: time.start()], origin)), None)


@lru_cache(maxsize=1000)  # many entries are of one day
def _day_in(text: str, origin: Origin) -> datetime | None:
    """Find the day in what stands around the clock."""
    found = _year_first(text) or _week(text) or _named_month(text, origin)
    return found or _day_of_year(text) or _year_last(text, origin) or _year_month(text)


def _in_utc(local: datetime, rest: str, origin: Origin) -> ParsedDate:
    minutes_east, is_assumed = _zone(rest, origin)
    if is_assumed and (place := named_zone(rest)):
        return ParsedDate(local.replace(tzinfo=place).astimezone(UTC))
    return ParsedDate(local - timedelta(minutes=minutes_east), is_zone_assumed=is_assumed)


def _time_of_day(clock: re.Match[str]) -> timedelta:
    parts = clock.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = parts.get("after") or parts.get("before") or ""
    if half in {"p", "下午", "午後", "오후"} and hour < 12:
        hour += 12
    elif half in {"a", "上午", "午前", "오전"} and hour == 12:
        hour = 0
    if hour > 24 or minute > 59 or second > 60:
        raise ValueError("no such time of day")
    # A leap second is the last that a datetime can hold.
    microseconds = int((parts.get("fraction") or "0").ljust(6, "0")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=microseconds)


@lru_cache(maxsize=1000)
def _zone(rest: str, origin: Origin) -> tuple[int, bool]:
    """Find the zone in what follows the clock, in minutes east of UTC; the second tells whether it is assumed."""
    if offset := _OFFSET.search(rest):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes <= 14 * 60 and int(offset[3] or 0) < 60:
            return (minutes if offset[1] == "+" else -minutes), False
    if lost := _LOST_PLUS.fullmatch(rest):
        return int(lost[1]) * 60 + int(lost[2]), True
    country = origin.place
    known = (zone_minutes(letters, country) for letters in _ZONE_LETTERS.findall(rest))
    return next((zone for zone in known if zone is not None), (0, True))


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def _full_year(digits: str) -> int:
    """Read two digits as RFC 2822 does: 00 to 49 are of this century. Thailand counts from the Buddha."""
    year = int(digits.lstrip("'"))
    if len(digits) == 4:
        return year - _BUDDHIST_ERA if 2400 < year < 2700 else year
    return year + (2000 if year < 50 else 1900)


def _year_first(text: str) -> datetime | None:
    match = _YEAR_FIRST.search(text)
    return _day(_full_year(match[1]), int(match[2]), int(match[3])) if match else None


def _week(text: str) -> datetime | None:
    match = _WEEK.search(text)
    return (
        datetime.fromisocalendar(int(match[1]), int(match[2]), int(match[3] or 1)).replace(tzinfo=UTC)
        if match
        else None
    )


def _day_of_year(text: str) -> datetime | None:
    match = _DAY_OF_YEAR.search(text)
    return _day(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1) if match else None


def _year_month(text: str) -> datetime | None:
    match = _YEAR_MONTH.search(text)
    return _day(int(match[1]), int(match[2]), 1) if match else None


def _named_month(text: str, origin: Origin) -> datetime | None:
    """Read `11 de noviembre de 2024`, `Nov. 11, 2024`, `Mon Nov 11 EST 2024` and their kin."""
    for pattern, day_at, month_at in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for match in pattern.finditer(text):
            word = match[month_at].strip("-'’")
            month = month_number(word, origin.languages)
            if not month and pattern is _DAY_MONTH:  # in the other place stands the day of the week
                month = month_begun(word, origin.languages)
            year = _NEXT_YEAR.search(text[match.end() :]) or _ANY_YEAR.search(text)
            if month and year:
                return _day(_full_year(year[1]), month, int(match[day_at]))
    return None


def _year_last(text: str, origin: Origin) -> datetime | None:
    """Read `11.12.2024` as day first; with other marks what one order alone allows.

    Where both do, its weekday decides, else its origin.
    """
    match = _YEAR_LAST.search(text)
    if not match:
        return None
    first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
    if match[2] == "." or first > 12 or first == second:
        return _day(year, second, first)
    if second > 12:
        return _day(year, first, second)
    day_first, month_first = _day(year, second, first), _day(year, first, second)
    if weekday := _WEEKDAY.search(text):
        is_meant = [_WEEKDAYS[day.weekday()] == weekday[1] for day in (day_first, month_first)]
        if is_meant[0] != is_meant[1]:
            return day_first if is_meant[0] else month_first
    if origin.is_day_first is None:
        return None
    return day_first if origin.is_day_first else month_first
