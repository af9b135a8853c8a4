"""Dates in the forms that feeds use, and those that no one can read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.steps._parsing.dates import ParsedDate, read_date
from flows.steps._parsing.origin import Origin

DECEMBER = "2024-12-11 12:00:00"
NOON = "2024-11-11 12:00:00"

ZONED = [
    ("RFC 822", "Mon, 11 Nov 2024 12:00:00 GMT", NOON),
    ("RFC 822 with an offset", "Mon, 11 Nov 2024 07:00:00 -0500", NOON),
    ("RFC 822 with a two-digit year", "Mon, 11 Nov 24 12:00:00 GMT", NOON),
    ("a two-digit year of the last century", "Thu, 11 Nov 99 12:00:00 GMT", "1999-11-11 12:00:00"),
    ("American letters", "Mon, 11 Nov 2024 07:00:00 EST", NOON),
    ("European letters", "Mon, 11 Nov 2024 13:00:00 MEZ", NOON),
    ("European summer letters", "Thu, 13 Jun 2024 14:00:00 MEST", "2024-06-13 12:00:00"),
    ("Canadian letters in French", "11 nov. 2024 07:00 HNE", NOON),
    ("a comment after the offset", "Mon, 11 Nov 2024 07:00:00 -0500 (EST)", NOON),
    ("a wrong weekday", "Fri, 11 Nov 2024 12:00:00 +0000", NOON),
    ("no seconds", "11 Nov 2024 12:00 UTC", NOON),
    ("single digits", "Mon, 1 Jul 2024 4:35:5 GMT+9", "2024-06-30 19:35:05"),
    ("JavaScript's way", "Mon Nov 11 2024 07:00:00 GMT-0500 (Eastern Standard Time)", NOON),
    ("asctime with a zone before the year", "Mon Nov 11 12:00:00 UTC 2024", NOON),
    ("W3C", "2024-11-11T12:00:00Z", NOON),
    ("W3C with a fraction", "2024-11-11T12:00:00.250Z", NOON + ".250000"),
    ("W3C with a comma fraction", "2024-11-11T13:00:00,5+01:00", NOON + ".500000"),
    ("W3C without seconds", "2024-11-11T12:00+00:00", NOON),
    ("W3C with hours alone in the offset", "2024-11-11T13:00:00+01", NOON),
    ("W3C with spaces", "2024-11-11 13:00:00 +0100", NOON),
    ("W3C with a typographic minus", "2024-11-11T07:00:00−05:00", NOON),
    ("a year of the Buddha first", "2567-11-11 19:00:00 +0700", NOON),
    ("compact", "20241111T120000Z", NOON),
    ("a leap second", "2016-12-31T23:59:60Z", "2016-12-31 23:59:59"),
    ("midnight at the end of the day", "2024-11-10T24:00:00Z", "2024-11-11 00:00:00"),
    ("epoch seconds", "1731326400", NOON),
    ("epoch milliseconds", "1731326400000", NOON),
    ("day first in French", "lun., 11 nov. 2024 13:00:00 +0100", NOON),
    ("French with an accent", "Dim 11 août 2024 14:00:00 CEST", "2024-08-11 12:00:00"),
    ("Spanish", "lunes, 11 de noviembre de 2024 12:00 GMT", NOON),
    ("German", "Montag, 11. November 2024 13:00:00 +0100", NOON),
    ("German with an umlaut", "11. März 2024, 13:00 MEZ", "2024-03-11 12:00:00"),
    ("Portuguese", "seg, 11 nov 2024 09:00:00 -0300", NOON),
    ("Italian, shortened", "dom, 11 ott 2024 12:00:00 GMT", "2024-10-11 12:00:00"),
    ("English, weekday and comma before the month", "Mon, Nov 11 2024 12:00:00 +0000", NOON),
    ("a month in four letters", "Wed, 11 Sept 2024 15:00:00 +0300", "2024-09-11 12:00:00"),
    ("Catalan", "11 d'abril de 2024 14:00 CEST", "2024-04-11 12:00:00"),
    ("Finnish", "11. marraskuuta 2024 14:00 EET", NOON),
    ("Hungarian, year first", "2024. november 11. 13:00 CET", NOON),
    ("Lithuanian, year first", "2024 m. lapkričio 11 d. 14:00 EET", NOON),
    ("Serbian", "11. novembar 2024. 13:00 CET", NOON),
    ("Czech", "11. prosince 2024 13:00 CET", "2024-12-11 12:00:00"),
    ("Greek", "11 Νοεμβρίου 2024 14:00 EET", NOON),
    ("Bulgarian", "11 ноември 2024 14:00 EET", NOON),
    ("Hebrew", "11 בנובמבר 2024 14:00 +0200", NOON),
    ("Arabic", "11 نوفمبر 2024 12:00 GMT", NOON),
    ("Arabic of the Levant", "11 تشرين الثاني 2024 12:00 GMT", NOON),
    ("Hindi", "11 नवंबर 2024 17:30 +0530", NOON),
    ("Bengali, in its own digits", "১১ নভেম্বর ২০২৪ ১২:০০ GMT", NOON),
    ("Vietnamese", "11 tháng 11 2024 19:00 ICT", NOON),
    ("Thai, of its own era", "11 พ.ย. 2567 19:00 ICT", NOON),
    ("Russian", "11 ноября 2024 15:00 MSK", NOON),
    ("English, month first", "November 11, 2024 7:00 am EST", NOON),
    ("an afternoon", "Nov 11, 2024 1:00 p.m. CET", NOON),
    ("midnight in halves of the day", "Nov 11, 2024 12:05 AM UTC", "2024-11-11 00:05:00"),
    ("no colon in the hour", "Nov. 11, 2024, 12pm GMT", NOON),
    ("an offset with seconds", "Mon, 11 Nov 2024 07:00:00 -05:00:00", NOON),
    ("dots in the hour", "Mon, 11 Nov 2024 13.00.00 +0100", NOON),
    ("dots in the day and the hour", "11.11.2024 klo 14.00 EET", NOON),
    ("a place's zone in winter", "2024-11-11 07:00:00 America/New_York", NOON),
    ("a place's zone in summer", "Thu, 13 Jun 2024 14:00:00 Europe/Paris", "2024-06-13 12:00:00"),
    ("a place's zone in brackets", "2024-11-11T09:00:00[America/Argentina/Buenos_Aires]", NOON),
    ("a place's zone behind its offset", "2024-11-11T13:00:00+01:00[Europe/Paris]", NOON),
    (
        "an element in the place of a date",
        '<span><time datetime="2024-11-11T13:00:00+01:00" title="Monday, November 11, 2024 - 13:00" class="datetime">'
        "Mon, 11/11/2024 - 13:00</time></span>",
        NOON,
    ),
    ("an element with its moment for machines", '<span content="2024-11-11T12:00:00Z">Monday noon</span>', NOON),
    ("an element around a date", '<span class="date-display-single">Mon, 11 Nov 2024 12:00 GMT</span>', NOON),
    ("an offset that is none, letters that are", "11 Nov 2024 07:00:00 +99:00 EST", NOON),
]

ZONELESS = [
    ("W3C", "2024-11-11T12:00:00", NOON),
    ("RFC 822", "Mon, 11 Nov 2024 12:00:00", NOON),
    ("a zone nobody knows", "Mon, 11 Nov 2024 12:00:00 XYZ", NOON),
    ("a day alone", "2024-11-11", "2024-11-11 00:00:00"),
    ("a day with slashes", "2024/11/11", "2024-11-11 00:00:00"),
    ("a compact day", "20241111", "2024-11-11 00:00:00"),
    ("a compact moment", "20241111120000", NOON),
    ("a month alone", "2024-11", "2024-11-01 00:00:00"),
    ("a day of the year", "2024-316", "2024-11-11 00:00:00"),
    ("a week", "2024-W46-1", "2024-11-11 00:00:00"),
    ("Chinese", "2024年11月11日", "2024-11-11 00:00:00"),
    ("Chinese with a time", "2024年11月11日 12:00", NOON),
    ("Chinese with a spelt time", "2024年11月11日 下午1时05分", "2024-11-11 13:05:00"),
    ("Japanese with a spelt time", "2024年11月11日 12時00分", NOON),
    ("Japanese in full-width digits", "２０２４年１１月１１日", "2024-11-11 00:00:00"),
    ("Korean", "2024년 11월 11일 오후 1시 5분", "2024-11-11 13:05:00"),
    ("German with dots", "11.12.2024 12:00", "2024-12-11 12:00:00"),
    ("a day that must come first", "25/12/2024 12:00", "2024-12-25 12:00:00"),
    ("a day that must come second", "12/25/2024 12:00", "2024-12-25 12:00:00"),
    ("an ordinal", "November 11th, 2024", "2024-11-11 00:00:00"),
    ("French first of the month", "1er novembre 2024 à 12h00", "2024-11-01 12:00:00"),
    ("hyphens", "11-Nov-2024 12:00:00", NOON),
    ("dots in the hour of Oracle", "11-NOV-24 01.00.00.000000 PM", "2024-11-11 13:00:00"),
    ("dots in a day of two-digit years", "11.12.24", "2024-12-11 00:00:00"),
    ("dots in a day and nothing behind", "11.12.2024", "2024-12-11 00:00:00"),
    ("a plus that became a space", "2024-11-11T13:00:00 01:00", NOON),
    ("a place that nobody knows", "2024-11-11 12:00:00 Mars/Olympus", NOON),
    ("a weekday that tells day from month", "Wed, 12/11/2024 - 12:00", DECEMBER),
    ("a weekday that tells month from day", "Tuesday, 12/11/2024 - 12:00", NOON.replace("-11-11", "-11-12")),
    ("hyphens and two digits", "11-Nov-24", "2024-11-11 00:00:00"),
]

# What the feed's country and language make of letters and words that mean several things.
BY_ORIGIN = [
    ("CST in China", "Mon Nov 11 20:00:00 CST 2024", Origin(country="CN"), NOON, False),
    ("CST of a feed in Chinese", "Mon Nov 11 20:00:00 CST 2024", Origin(language="zh"), NOON, False),
    ("CST of a document in Chinese", "Mon Nov 11 20:00:00 CST 2024", Origin(document_language="zh-TW"), NOON, False),
    ("CST of nobody", "Mon, 11 Nov 2024 06:00:00 CST", Origin(), NOON, False),
    ("CST in Cuba", "Mon, 11 Nov 2024 07:00:00 CST", Origin(country="CU"), NOON, False),
    ("EST in Australia", "Mon, 11 Nov 2024 22:00:00 EST", Origin(language="en", country="AU"), NOON, False),
    ("EST in Australian English", "Mon, 11 Nov 2024 22:00:00 EST", Origin(language="en-AU"), NOON, False),
    ("EST in America", "Mon, 11 Nov 2024 07:00:00 EST", Origin(country="US"), NOON, False),
    ("IST in Israel", "Mon, 11 Nov 2024 14:00:00 IST", Origin(language="he", country="IL"), NOON, False),
    ("IST in India", "Mon, 11 Nov 2024 17:30:00 IST", Origin(country="IN"), NOON, False),
    ("IST in Ireland", "Tue, 11 Jun 2024 13:00:00 IST", Origin(country="IE"), "2024-06-11 12:00:00", False),
    ("IST of nobody is India's, perhaps", "Mon, 11 Nov 2024 17:30:00 IST", Origin(), NOON, True),
    ("IST of the Union too", "Mon, 11 Nov 2024 17:30:00 IST", Origin(country="EU"), NOON, True),
    ("BST in Bangladesh", "Mon, 11 Nov 2024 18:00:00 BST", Origin(country="BD"), NOON, False),
    ("BST in Britain", "Tue, 11 Jun 2024 13:00:00 BST", Origin(country="GB"), "2024-06-11 12:00:00", False),
    ("BST of nobody is Britain's, perhaps", "Tue, 11 Jun 2024 13:00:00 BST", Origin(), "2024-06-11 12:00:00", True),
    ("AST in Arabia", "Mon, 11 Nov 2024 15:00:00 AST", Origin(country="SA"), NOON, False),
    ("PST in the Philippines", "Mon, 11 Nov 2024 20:00:00 PST", Origin(country="PH"), NOON, False),
    ("PST in Pakistan", "Mon, 11 Nov 2024 17:00:00 PST", Origin(country="PK"), NOON, False),
    ("GST in the Emirates", "Mon, 11 Nov 2024 16:00:00 GST", Origin(country="AE"), NOON, False),
    ("Eastern time without a season", "Mon, 11 Nov 2024 07:00 ET", Origin(), NOON, True),
    ("an offset goes before letters", "Mon, 11 Nov 2024 12:00:00 +0000 (CST)", Origin(country="CN"), NOON, False),
    ("lis in Croatian", "11. lis 2024. 13:00 CET", Origin(language="hr"), "2024-10-11 12:00:00", False),
    ("lis in Croatia", "11. lis 2024. 13:00 CET", Origin(country="HR"), "2024-10-11 12:00:00", False),
    ("lis in Polish", "11 lis 2024 13:00 CET", Origin(language="pl-PL"), NOON, False),
    ("listopadu in Czech", "11. listopadu 2024 13:00 CET", Origin(language="cs"), NOON, False),
    ("listopada in Croatian", "11. listopada 2024. 13:00 CET", Origin(language="hr"), "2024-10-11 12:00:00", False),
    ("cut in Finnish", "Ke, 30 Lok 2013 12:00 +0000", Origin(language="fi"), "2013-10-30 12:00:00", False),
    ("cut in Estonian", "T, 14 Vee 2023 12:00 +0000", Origin(language="et"), "2023-02-14 12:00:00", False),
    ("cut in Kazakh", "14 қыр 2023 12:00 +0000", Origin(language="kk"), "2023-09-14 12:00:00", False),
    ("lip in Croatian", "11. lip 2024. 14:00 CEST", Origin(language="hr"), "2024-06-11 12:00:00", False),
    ("lip in Polish", "11 lip 2024 14:00 CEST", Origin(language="pl"), "2024-07-11 12:00:00", False),
    ("srp in Croatian", "11. srp 2024. 14:00 CEST", Origin(language="hr"), "2024-07-11 12:00:00", False),
    ("srp in Czech", "11. srp 2024 14:00 CEST", Origin(language="cs"), "2024-08-11 12:00:00", False),
    ("a document in Polish", "11 lis 2024 13:00 CET", Origin(document_language="pl"), NOON, False),
    ("day first in French", "11/12/2024 12:00 GMT", Origin(language="fr"), "2024-12-11 12:00:00", False),
    ("a day first in Britain", "11-12-2024 12:00 GMT", Origin(language="en-GB"), "2024-12-11 12:00:00", False),
    ("day first in Brazil", "11/12/2024 12:00 GMT", Origin(language="pt", document_language="en"), DECEMBER, False),
    ("month first in America", "12/11/2024 12:00 GMT", Origin(language="es", country="US"), DECEMBER, False),
    ("American English", "12/11/2024 12:00 GMT", Origin(document_language="en-US"), DECEMBER, False),
    ("a weekday before the country", "Wed, 12/11/2024 12:00 GMT", Origin(country="GB"), DECEMBER, False),
    ("a weekday of neither", "Sun, 11/12/2024 12:00 GMT", Origin(country="GB"), DECEMBER, False),
    ("a word of another language", "11 nov 2024 13:00 CET", Origin(language="hr", country="HR"), NOON, False),
]  # fmt: skip

UNREADABLE = [
    ("a month that is two, in no language", "11. lis 2024. 13:00 CET"),
    ("a weekday like a month before figures", "mar. 03/04/2024"),
    ("nothing", ""),
    ("a word", "yesterday"),
    ("a time alone", "12:00:00"),
    ("a day or a month", "03/04/2024"),
    ("no such day", "2024-02-30T00:00:00Z"),
    ("no such hour", "2024-11-11T25:00:00Z"),
    ("a placeholder of zeros", "0000-00-00 00:00:00"),
    ("a placeholder before the calendar", "-0001-11-30T00:00:00+00:00"),
    ("the epoch itself", "1970-01-01T00:00:00Z"),
    ("year one", "Mon, 01 Jan 0001 00:00:00 +0000"),
    ("a far future", "9999-12-31T23:59:59Z"),
    (
        "a text that mentions a date",
        "On 11 November 2024 the ministers met again, and once more nothing was decided " * 3,
    ),
    ("a number that is no date", "12345"),
    ("a long number", "99999999999999999999"),
]


@pytest.mark.parametrize("origin", [Origin(), Origin(language="en"), Origin(country="CA"), Origin(language="zh")])
def test_a_day_or_a_month_stays_unknown_where_its_origin_writes_both(origin):
    """A language or a country without one order is no clue."""
    assert read_date("03/04/2024", origin) == ParsedDate(None)


@pytest.mark.parametrize(("raw", "moment"), [row[1:] for row in ZONED], ids=[row[0] for row in ZONED])
def test_date_with_a_zone(raw, moment):
    """A date that names its zone is read exactly."""
    assert read_date(raw) == ParsedDate(datetime.fromisoformat(moment).replace(tzinfo=UTC))


@pytest.mark.parametrize(("raw", "moment"), [row[1:] for row in ZONELESS], ids=[row[0] for row in ZONELESS])
def test_date_without_a_zone(raw, moment):
    """A date that names no zone is read as UTC and marked."""
    assert read_date(raw) == ParsedDate(datetime.fromisoformat(moment).replace(tzinfo=UTC), is_zone_assumed=True)


@pytest.mark.parametrize(
    ("raw", "origin", "moment", "is_assumed"), [row[1:] for row in BY_ORIGIN], ids=[row[0] for row in BY_ORIGIN]
)
def test_date_by_its_origin(raw, origin, moment, is_assumed):
    """Letters and words of several meanings are read as the feed's country and language mean them, or marked."""
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert read_date(raw, origin) == ParsedDate(at, is_zone_assumed=is_assumed)


@pytest.mark.parametrize("raw", [row[1] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE])
def test_unreadable_date(raw):
    """What is no date is unknown, never a guess."""
    assert read_date(raw) == ParsedDate(None)


@given(st.text(alphabet=st.sampled_from("0123456789-/:.,+TZ年月日 aejmnopuvGMT'"), max_size=40))
def test_any_text_is_answered(text):
    """No text makes the reader raise, and what it reads is aware UTC."""
    reading = read_date(text)
    assert reading.at is None or reading.at.tzinfo is UTC


@given(
    st.integers(31_536_000, 4_070_908_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(["%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%dT%H:%M:%SZ"]),
)
def test_standard_forms_come_back_exactly(moment, form):
    """Any moment written in the two standard forms is read as itself."""
    assert read_date(moment.strftime(form)).at == moment
