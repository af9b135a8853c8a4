"""The sums behind `counts` stay what a recount gives, whatever is written, on both databases."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import delete, select, update

from models.archive.labels import Choice, NewLabels, label_by_hand, show_or_hide, switch, write_labels
from models.archive.ledger.counts import recount
from models.archive.ledger.runs import FeedOutcome, record_feed
from models.archive.merges import merge_stories
from models.archive.withdrawals import withdraw_story
from models.identity import Merger
from models.queries.filters import StoryFilter, count_stories
from models.queries.ledger.counts import CountBy, CountRequest, CountRow, Coverage, count_rows, language_tags
from models.queries.ledger.miscounts import differing_sums
from models.reports import GAP, FeedReport, FeedStatus
from models.stages import Relevance
from models.storage.database import create_database_engine, write_transaction
from models.tables.counts import FeedDay, FeedSet, FeedSum, StoryCount, StoryMonth
from models.tables.keys import table_of
from models.tables.stories import Story
from tests.builders import NOON, Archive, Piece

MAY = NOON - timedelta(days=60)


def pieces() -> tuple[Piece, ...]:
    """Return four entries: of two months, of two topics and of one, one not about climate."""
    return (
        Piece(topics=("science", "policy")),
        Piece(title="Wind", text="The wind turns.", url="https://one.example/wind", topics=("energy",), language="de"),
        Piece(title="Old", text="An old one.", url="https://one.example/old", published_at=MAY),
        Piece(title="Ball", text="A goal.", url="https://one.example/ball", is_relevant=False),
    )


@pytest.fixture
def busy(archive: Archive) -> Archive:
    """Give an archive in which two feeds share a story."""
    one, two = archive.feed("one", relevance=Relevance.GATE), archive.feed("two")
    archive.night(one, *pieces())
    archive.night(two, pieces()[0], Piece(title="Heat", text="It is hot.", url="https://two.example/heat"))
    return archive


def counted(archive: Archive, **wanted: object) -> dict[tuple[str, str | None], tuple[int, int]]:
    """Return stories and published by key and topic."""
    rows = count_rows(archive.connection, CountRequest(**wanted))  # type: ignore[arg-type]
    return {(row.key, row.topic): (row.stories, row.published) for row in rows}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, {("", None): (4, 5)}),
        ({"by": CountBy.MONTH}, {("2026-05", None): (1, 1), ("2026-07", None): (3, 4)}),
        ({"by": CountBy.DAY, "since": date(2026, 7, 1)}, {("2026-07-14", None): (3, 4)}),
        ({"by": CountBy.WEEK, "until": date(2026, 7, 1)}, {("2026-05-11", None): (1, 1)}),
        ({"by": CountBy.TOPIC}, {("science", None): (3, 5), ("energy", None): (1, 5), ("policy", None): (1, 5)}),
        ({"by": CountBy.FEED}, {("one", None): (3, 4), ("two", None): (2, 2)}),
        ({"by": CountBy.FEED, "feeds": ("two",)}, {("two", None): (2, 2)}),
        ({"by": CountBy.FEED, "topics": ("policy",)}, {("one", "policy"): (1, 4), ("two", "policy"): (1, 2)}),
        ({"by": CountBy.LANGUAGE}, {("en", None): (3, 4), ("de", None): (1, 1)}),
        ({"feeds": ("one", "two")}, {("", None): (4, 5)}),
        ({"feeds": ("one",), "languages": ("de",)}, {("", None): (1, 1)}),
        ({"topics": ("policy", "science")}, {("", "policy"): (1, 5), ("", "science"): (3, 5)}),
        ({"topics": ("energy",), "languages": ("fr",)}, {("", "energy"): (0, 0)}),
    ],
)
def test_stories_are_counted_once_with_what_was_published(busy: Archive, wanted: dict[str, object], expected: object):
    """A story of two feeds or topics is in each of their rows, and once in any choice of feeds."""
    assert counted(busy, **wanted) == expected


def test_a_language_is_counted_with_its_regions(busy: Archive):
    """As a search finds it; a region alone counts alone, and capitals say nothing."""
    (one,) = busy.specs[:1]
    url = "https://one.example/mar"
    busy.night(one, Piece(title="Mar", text="O mar sobe.", url=url, language="pt-BR", is_relevant=False))
    busy.night(one, Piece(title="Lume", text="O lume arde.", url="https://one.example/lume", language="pt"))
    assert language_tags(busy.connection) == ["de", "en", "pt", "pt-BR"]
    for languages, count in ((("pt",), (1, 2)), (("PT-br",), (0, 1)), (("pt", "pt-BR"), (1, 2)), (("p",), (0, 0))):
        assert counted(busy, languages=languages) == {("", None): count}


def test_countries_are_those_of_feeds_yaml_now(busy: Archive):
    """A story that two feeds of one country show counts once there."""
    feeds = [replace(spec, country="DE") for spec in busy.specs]
    assert counted(busy, by=CountBy.COUNTRY) == {("", None): (4, 5)}
    busy.specs = feeds
    busy.feed("three")
    assert counted(busy, by=CountBy.COUNTRY)["DE", None] == (4, 5)


def test_counts_are_those_of_the_query(busy: Archive):
    """What an export with the same choice would have."""
    for feeds in ((), ("one",), ("two",), ("one", "two")):
        for topic in (None, "science", "policy"):
            topics = (topic,) if topic else ()
            (row,) = count_rows(busy.connection, CountRequest(feeds=feeds, topics=topics))
            assert row.stories == count_stories(busy.connection, StoryFilter(feeds=feeds, topics=topics))


def changed(archive: Archive) -> None:
    """Let a feed show a story under another topic."""
    spec = archive.specs[0]
    archive.now += timedelta(days=1)
    archive.night(spec, replace(pieces()[0], text="Altered, and now about energy alone.", topics=("energy",)))


def vouched(archive: Archive) -> None:
    """Let a feed that vouches show what was turned away."""
    archive.night(archive.specs[1], pieces()[3])


def merged(archive: Archive) -> None:
    """Make two stories part of the first."""
    merge_stories(archive.connection, Merger(into=1, story_ids=(2, 5)), archive.now)


def withdrawn(archive: Archive) -> None:
    """Take the first story down."""
    withdraw_story(archive.connection, 1, "asked for", archive.now)


def by_hand(archive: Archive) -> None:
    """Label a story by hand."""
    label_by_hand(archive.connection, 2, ["science", "policy"], "v1", archive.now)


def hidden(archive: Archive) -> None:
    """Hide a story."""
    show_or_hide(archive.connection, 2, None, archive.now, is_shown=False)


def relabelled(archive: Archive) -> None:
    """Give the stories of one topic another one."""
    found = Piece(topics=("energy",)).classified().classification
    versions = archive.connection.execute(select(Story.id, Story.version_id)).tuples().all()
    labels = [
        NewLabels(story_id=one, version_id=version, classification=replace(found, classifier_version="new"))
        for one, version in versions
        if version is not None
    ]
    write_labels(archive.connection, labels, archive.now)
    switch(archive.connection, Choice(topic="science"), "new", archive.begin("reclassify"), archive.now)


@pytest.mark.parametrize("change", [changed, vouched, merged, withdrawn, by_hand, hidden, relabelled])
def test_whatever_changes_a_story_changes_the_sums(busy: Archive, change: object):
    """They differ from what they were, and not from a recount."""
    before = counted(busy, by=CountBy.FEED), counted(busy, by=CountBy.TOPIC), counted(busy, by=CountBy.DAY)
    change(busy)  # type: ignore[operator]
    after = counted(busy, by=CountBy.FEED), counted(busy, by=CountBy.TOPIC), counted(busy, by=CountBy.DAY)
    assert before != after
    assert differing_sums(busy.connection) == []


def test_a_wrong_sum_is_found_and_mended(busy: Archive):
    """One that is too great, one that is not there, one of a feed's day, a set without its feeds."""
    connection = busy.connection
    counts, days = table_of(StoryCount), table_of(FeedDay)
    connection.execute(update(counts).where(counts.c.topic == "policy").values(stories=7))
    connection.execute(delete(counts).where(counts.c.topic == "energy"))
    connection.execute(update(days).values(asked=3))
    connection.execute(delete(table_of(FeedSet)))
    found = differing_sums(connection)
    assert len(found) == 8
    assert found[0].endswith("nothing is kept, but there are 1 of 0")
    assert "feed one on 2026-07-14: 3 asked, 1 answered, 0 gaps, 0 resting is kept, but it was 1 asked" in found[-3]
    recount(connection)
    assert differing_sums(connection) == []


def test_a_wrong_sum_of_a_month_is_found_and_mended(busy: Archive):
    """Of every feed's stories, of a set's over all time, and of feeds, and one of all feeds on a day."""
    outcome(busy, FeedStatus.OK, attempts=1)
    connection = busy.connection
    is_wrong = (StoryMonth.feeds == "*", StoryMonth.topic == "policy", StoryMonth.stories > 0)
    connection.execute(update(table_of(StoryMonth)).where(*is_wrong).values(stories=7))
    connection.execute(update(table_of(FeedSet)).values(published=4))
    connection.execute(delete(table_of(FeedSum)).where(FeedSum.feeds == "one"))
    connection.execute(update(table_of(FeedSum)).where(FeedSum.feeds == "*").values(gaps=2))
    stories, every, month, of_set = differing_sums(connection)
    assert of_set.endswith("which are one two: 1 of 4 are kept, but there are 1 of 1")
    assert stories.endswith(
        "topic policy, the month from 2026-07-01, language en: 7 of 0 are kept, but there are 1 of 0"
    )
    assert every.startswith(
        "every feed on 2026-07-14: 2 asked, 2 answered, 2 gaps, 0 resting is kept, but it was 2 asked"
    )
    assert month.startswith("feed one in the month from 2026-07-01: nothing is kept, but it was 1 asked")
    recount(connection)
    assert differing_sums(connection) == []


DAYS = [date(2026, 1, 30) + timedelta(days=day) for day in range(62)]  # into April


# What else becomes of a feed on a day: nothing, an answer, two with a gap each, none and then one, and a rest.
HAPPENINGS: tuple[tuple[tuple[FeedStatus, dict[str, Any]], ...], ...] = (
    (),
    ((FeedStatus.OK, {"attempts": 1}),),
    ((FeedStatus.OK, {"attempts": 1, "warnings": (f"{GAP}: no entry of yesterday",)}),) * 2,
    ((FeedStatus.FAILED, {"attempts": 3, "reason": "no answer"}), (FeedStatus.UNCHANGED, {"attempts": 1})),
    ((FeedStatus.SKIPPED, {"reason": "dormant: left alone until tomorrow"}),),
)


@pytest.fixture(scope="module")
def long(new_database: Callable[[], str]) -> Iterator[Archive]:
    """Give an archive of two feeds that showed a story on each of 62 days; every third is of both, and much happens.

    It is made once, and only read.
    """
    engine = create_database_engine(new_database())
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        one, two = archive.feed("one"), archive.feed("two")
        for at, day in enumerate(DAYS):
            archive.now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            piece = Piece(title=f"Day {at}", text=f"It is day {at}.", url=f"https://one.example/{at}")
            archive.night(one, piece)
            if at % 3 == 0:
                archive.night(two, piece)
            for status, facts in HAPPENINGS[at % len(HAPPENINGS)]:
                outcome(archive, status, **facts)
        yield archive
    engine.dispose()


@pytest.fixture(scope="module")
def rows_of(long: Archive) -> Callable[[CountRequest], tuple[CountRow, ...]]:
    """Give a way to count in it, which asks the same only once: of one day each span has the same to ask."""
    return cache(lambda wanted: tuple(count_rows(long.connection, wanted)))


@pytest.mark.parametrize(
    ("since", "until"),
    [
        pytest.param(None, None, id="all time"),
        pytest.param(date(2026, 2, 1), date(2026, 3, 31), id="whole months"),
        pytest.param(date(2026, 1, 31), date(2026, 4, 1), id="a day more at each end"),
        pytest.param(date(2026, 2, 2), date(2026, 3, 30), id="a day less at each end"),
        pytest.param(date(2026, 2, 3), date(2026, 2, 20), id="within a month"),
        pytest.param(date(2026, 2, 28), None, id="from a month's last day on"),
        pytest.param(None, date(2026, 3, 1), id="until a month's first day"),
        pytest.param(date.min, date.max, id="all days that there are"),
    ],
)
def test_months_and_the_days_beside_them_add_up(
    rows_of: Callable[[CountRequest], tuple[CountRow, ...]], since: date | None, until: date | None
):
    """Each count by feed over a span is what its days say one by one, and so is how the feeds were watched."""
    within = [day for day in DAYS if (since or day) <= day <= (until or day)]
    for by in (CountBy.FEED, CountBy.COUNTRY, CountBy.MONTH, None):
        for feeds in ((), ("one",), ("one", "two")):
            wanted = CountRequest(by=by, feeds=feeds, since=since, until=until)
            found = {row.key: row for row in rows_of(wanted)}
            days = [row for day in within for row in rows_of(replace(wanted, since=day, until=day))]
            assert found.keys() == {row.key for row in days}
            for key, row in found.items():
                own = [one for one in days if one.key == key]
                assert row.stories == sum(one.stories for one in own) > 0
                assert row.published == sum(one.published for one in own)
                for name in ("asked", "answered", "resting", "gaps"):
                    assert getattr(row.coverage, name) == sum(getattr(one.coverage, name) for one in own)


def outcome(archive: Archive, status: FeedStatus, **facts: object) -> None:
    """Let a feed have this outcome in a run of its own."""
    report = FeedReport(feed="one", status=status, **facts)  # type: ignore[arg-type]
    record_feed(archive.connection, archive.begin(), FeedOutcome(report=report), archive.now)


def test_coverage_stands_beside_the_count(archive: Archive):
    """A feed counts once a day as asked and as answered; rest and gaps are told, and days of silence have a row."""
    archive.feed("one")
    outcome(archive, FeedStatus.OK, attempts=1, warnings=(f"{GAP}: no entry of yesterday",))
    outcome(archive, FeedStatus.UNCHANGED, attempts=1)
    archive.now += timedelta(days=1)
    outcome(archive, FeedStatus.FAILED, attempts=3, reason="no answer")
    archive.now += timedelta(days=1)
    outcome(archive, FeedStatus.SKIPPED, reason="dormant: left alone until tomorrow")
    rows = count_rows(archive.connection, CountRequest(by=CountBy.DAY))
    assert [(row.key, row.coverage) for row in rows] == [
        ("2026-07-14", Coverage(asked=1, answered=1, gaps=1)),
        ("2026-07-15", Coverage(asked=1)),
        ("2026-07-16", Coverage(resting=1)),
    ]
    (total,) = count_rows(archive.connection, CountRequest())
    assert total == CountRow(
        key="", topic=None, stories=0, published=0, coverage=Coverage(asked=2, answered=1, resting=1, gaps=1)
    )
    assert (total.share, differing_sums(archive.connection)) == (None, [])


def test_a_second_pass_counts_once(archive: Archive):
    """A failure that it replaces is a failure no more."""
    archive.feed("one")
    run_id = archive.begin()
    for status in (FeedStatus.FAILED, FeedStatus.OK):
        report = FeedReport(feed="one", status=status, attempts=1)
        record_feed(archive.connection, run_id, FeedOutcome(report=report), archive.now)
        archive.now += timedelta(hours=13)
    assert differing_sums(archive.connection) == []
    (total,) = count_rows(archive.connection, CountRequest())
    assert (total.coverage.asked, total.coverage.answered) == (1, 1)
