"""Dates: every spelling is read as the moment that was meant, or kept as it is written."""

from tests.site.behaviours import answer
from tests.site.nights.case import NEW_THEN_SAME, NightCase, Story, case, feed, named

_SPELLINGS = (
    ("RFC 822", "Mon, 11 Nov 2024 09:30:00 GMT", "2024-11-11T09:30:00+00:00"),
    ("RFC 822 with an offset", "Mon, 11 Nov 2024 09:30:00 +0200", "2024-11-11T07:30:00+00:00"),
    ("RFC 822 with two digits of the year", "11 Nov 24 09:30 EST", "2024-11-11T14:30:00+00:00"),
    ("RFC 822 with an American zone", "Mon, 11 Nov 2024 09:30:00 PDT", "2024-11-11T16:30:00+00:00"),
    ("RFC 822 with a military zone", "Mon, 11 Nov 2024 9:30:00 Z", "2024-11-11T09:30:00+00:00"),
    ("RFC 822 with the wrong weekday", "Fri, 11 Nov 2024 09:30:00 GMT", "2024-11-11T09:30:00+00:00"),
    ("W3C", "2024-11-11T09:30:00Z", "2024-11-11T09:30:00+00:00"),
    ("W3C with fractions", "2024-11-11T09:30:00.123+01:00", "2024-11-11T08:30:00.123000+00:00"),
    ("W3C with a blank and no zone", "2024-11-11 09:30:00", "2024-11-11T09:30:00+00:00"),
    ("W3C day", "2024-11-11", "2024-11-11T00:00:00+00:00"),
    ("ISO without marks", "20241111T093000Z", "2024-11-11T09:30:00+00:00"),
    ("epoch", "1731317400", "2024-11-11T09:30:00+00:00"),
    ("epoch in milliseconds", "1731317400000", "2024-11-11T09:30:00+00:00"),
    ("French", "lun., 11 nov. 2024 09:30:00 +0100", "2024-11-11T08:30:00+00:00"),
    ("Spanish", "11 de noviembre de 2024 09:30", "2024-11-11T09:30:00+00:00"),
    ("German", "Mi, 11 Dez 2024 09:30:00 +0100", "2024-12-11T08:30:00+00:00"),
    ("Portuguese", "11 fev 2024 09:30 GMT", "2024-02-11T09:30:00+00:00"),
    ("Russian", "11 ноября 2024 09:30 MSK", "2024-11-11T06:30:00+00:00"),
    ("Chinese", "2024年11月11日 09:30", "2024-11-11T09:30:00+00:00"),
    ("American in words", "November 11, 2024 9:30 pm", "2024-11-11T21:30:00+00:00"),
    ("American in numbers", "11/25/2024 09:30", "2024-11-25T09:30:00+00:00"),
    ("dots", "11.12.2024 09:30", "2024-12-11T09:30:00+00:00"),
    ("date command", "Mon Nov 11 09:30:00 EST 2024", "2024-11-11T14:30:00+00:00"),
    ("short clock and GMT+9", "Mon, 11 Nov 2024 4:35:5 GMT+9", "2024-11-10T19:35:05+00:00"),
    ("future", "Thu, 01 Jan 2099 00:00:00 GMT", "2099-01-01T00:00:00+00:00"),
    ("1899", "Sun, 31 Dec 1899 00:00:00 GMT", "unknown"),
    ("year 1", "0001-01-01T00:00:00Z", "unknown"),
    ("no such day", "Mon, 31 Feb 2024 09:30:00 GMT", "unknown"),
    ("hopeless", "just now", "unknown"),
)


def _spelt(name: str, written: str, meant: str) -> NightCase:
    return case(
        name,
        lambda me: answer(200, feed(me, title="A flood", pubDate=written)),
        *NEW_THEN_SAME,
        stories=(Story(title="A flood", published=meant, published_raw=written),),
    )


DATES = named("dates", (_spelt(*row) for row in _SPELLINGS))
