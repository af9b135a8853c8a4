"""Charts that need no script: bars and lines as plain numbers for an SVG, with the days that nobody watched as gaps."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

_MOST_BARS: Final = 62
_WEEK: Final = 7


class Bar(Struct, frozen=True, kw_only=True):
    """A span of days and what was counted in it."""

    first: date
    last: date
    count: int
    whole: int | None = None  # what it is a share of
    x: float = 0.0  # percent of the chart's width
    width: float = 0.0
    height: float = 0.0  # percent of the chart's height
    is_watched: bool = True  # else no night of the archive covers these days

    @property
    def share(self) -> float | None:
        """Return its part of the whole; None where there is none."""
        return self.count / self.whole if self.whole else None


class Chart(Struct, frozen=True, kw_only=True):
    """Bars over a span of days."""

    bars: tuple[Bar, ...]
    step: str  # day | week | month | year
    highest: float

    @property
    def first(self) -> date:
        """Return the first day."""
        return self.bars[0].first

    @property
    def last(self) -> date:
        """Return the last day."""
        return self.bars[-1].last


def chart_of(
    days: Mapping[date, int],
    wholes: Mapping[date, int] | None = None,
    watched: Iterable[date] | None = None,
    span: Iterable[date] | None = None,
) -> Chart | None:
    """Return the bars of a count by day, in steps of days to years; None where nothing was counted.

    With `wholes` a bar's height is its share of them. With `watched`, spans without any of these days are gaps.
    `span` holds days that are drawn in any case.
    """
    every = {*days, *(wholes or ()), *(span or ())}
    if not every:
        return None
    first, last = min(every), max(every)
    step = _step(first, last)
    spans = list(_spans(first, last, step))
    seen = None if watched is None else set(watched)
    bars = [_bar(span, days, wholes, seen) for span in spans]
    heights = [bar.share or 0.0 if wholes is not None else float(bar.count) for bar in bars]
    highest = max(heights) or 1.0
    return Chart(bars=tuple(_placed(bars, heights, highest)), step=step, highest=highest)


def _step(first: date, last: date) -> str:
    length = (last - first).days + 1
    limits = {"day": _MOST_BARS, "week": _MOST_BARS * _WEEK, "month": _MOST_BARS * 30}
    return next((step for step, most in limits.items() if length <= most), "year")


def _spans(first: date, last: date, step: str) -> Iterable[tuple[date, date]]:
    at = _begin(first, step)
    while at <= last:
        after = _next(at, step)
        yield at, after - timedelta(days=1)
        at = after


def _begin(day: date, step: str) -> date:
    if step == "week":
        return day - timedelta(days=day.weekday())
    if step == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if step == "year" else day


def _next(day: date, step: str) -> date:
    if step == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    if step == "year":
        return day.replace(year=day.year + 1, month=1, day=1)
    return day + timedelta(days=_WEEK if step == "week" else 1)


def _bar(
    span: tuple[date, date], days: Mapping[date, int], wholes: Mapping[date, int] | None, watched: set[date] | None
) -> Bar:
    inside = [span[0] + timedelta(days=at) for at in range((span[1] - span[0]).days + 1)]
    return Bar(
        first=span[0],
        last=span[1],
        count=sum(days.get(day, 0) for day in inside),
        whole=None if wholes is None else sum(wholes.get(day, 0) for day in inside),
        is_watched=watched is None or not watched.isdisjoint(inside),
    )


def _placed(bars: Sequence[Bar], heights: Sequence[float], highest: float) -> Iterable[Bar]:
    width = 100 / len(bars)
    for at, (bar, height) in enumerate(zip(bars, heights, strict=True)):
        yield Bar(
            first=bar.first,
            last=bar.last,
            count=bar.count,
            whole=bar.whole,
            is_watched=bar.is_watched,
            x=round(at * width, 3),
            width=round(width, 3),
            height=round(height / highest * 100, 2),
        )
