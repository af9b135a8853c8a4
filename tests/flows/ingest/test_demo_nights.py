"""Three nights over the demo site, worked by the bare functions: the totals that its README promises."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import asdict
from sqlalchemy import Engine

from config.topics import load_topics
from flows.cli.runs.demo import QUERY
from flows.demo.server import DemoSite
from flows.steps.classify import Classifier
from flows.upkeep.relabel import RelabelRequest, judge_all
from models.queries.ledger.checks import audit
from models.queries.searching.search import SearchRequest, search
from models.reports import FeedStatus, RunReport, RunStatus
from models.storage.database import read_transaction
from tests.databases import on_both
from tests.flows.demo.readme import LIVE, OUTLETS, TOTALS
from tests.nights import Nights, contents, counts, row_of, rows, stored_files


def _figures(report: RunReport) -> dict[str, str]:
    states = Counter(row.status for row in report.feeds)
    pages, totals = report.pages, {name.replace("_", " "): str(count) for name, count in asdict(report.totals).items()}
    return {
        **{name: totals[name] for name in ("seen", "new", "updated", "unchanged", "duplicate", "off topic")},
        "feeds failed, gone": f"{states[FeedStatus.FAILED]}, {states[FeedStatus.GONE]}",
        "pages due": str(pages.due),
        "pages completed": str(pages.completed),
        "pages refused, gone": f"{pages.refused}, {pages.gone}",
    }


def _promised(run: int) -> dict[str, str]:
    return {name: figures[run - 1] for name, figures in TOTALS.items() if figures[0][0].isdigit()}


def _changed_labels(engine: Engine) -> tuple[int, int]:
    """Judge all stories again; return how many there are, and how many topics came or left."""
    churn = judge_all(engine, Classifier(load_topics(second_reader=False)), RelabelRequest())
    return churn.stories, churn.came.total() + churn.left.total()


@on_both
async def test_three_nights_give_what_the_readme_promises(
    demo_nights: Nights, demo_site: DemoSite, engine: Engine
) -> None:
    """Every total is exact; the second night adds what is new and one revision, the third not a row of news.

    Nor does it change a label to judge all stories again.
    """
    first = await demo_nights.run()
    assert _figures(first) == _promised(1)
    assert first.status is RunStatus.COMPLETED_WITH_ERRORS
    assert (first.totals.failed, first.pages.left, first.pages.failed) == (0, 0, 0)

    demo_site.night = 2
    demo_site.requests.clear()
    demo_nights.clock.advance(hours=1)
    second = await demo_nights.run()
    assert _figures(second) == _promised(2)
    unchanged = {row.feed for row in second.feeds if row.status is FeedStatus.UNCHANGED}
    asked = Counter((one.path, one.status) for one in demo_site.requests)
    assert {feed for feed in LIVE if asked[OUTLETS[feed].feed.path, 304] == 1} == unchanged
    assert sum(count for (_, status), count in asked.items() if status == 304) == len(unchanged)
    assert Counter(row["reason"] for row in rows(engine, "story_versions"))["revised"] == 1

    demo_site.night = 3
    before = counts(engine)
    third = await demo_nights.run()
    assert _figures(third) == _promised(3)
    after = counts(engine)
    grown = {name for name in after if after[name] != before[name]}
    assert grown == {"runs", "feed_runs", "fetches"}

    with read_transaction(engine) as connection:
        checked = audit(connection)
        hits = search(connection, SearchRequest(query=QUERY))
    assert (checked.runs, checked.rows, checked.stories, checked.findings) == (3, 39, 57, ())
    assert hits[0].title.startswith("Coastal adaptation that grows")
    assert hits[0].feeds == ("meridian-climate", "evening-quay")
    assert after["search_queue"] == 0
    assert (_changed_labels(engine), counts(engine)) == ((63, 0), after)


async def test_a_night_shows_its_failures(demo_nights: Nights, engine: Engine) -> None:
    """A feed that is down is asked five times at most, one that is gone once; each says why in the ledger."""
    report = await demo_nights.run("polder-bulletin", "old-mill-gazette")
    down, gone = row_of(report, "polder-bulletin"), row_of(report, "old-mill-gazette")
    assert (down.status, down.attempts, down.error) == (FeedStatus.FAILED, 5, "TryLater")
    assert down.reason == "the server answered 503 Service Unavailable"
    assert (gone.status, gone.attempts, gone.http_status) == (FeedStatus.GONE, 1, 410)
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    states = {row["id"]: row["state"] for row in rows(engine, "feeds")}
    assert states["old-mill-gazette"] == "gone"


async def test_a_rehearsal_keeps_nothing(demo_nights: Nights, demo_site: DemoSite, engine: Engine) -> None:
    """A dry run reports what a run would, in a new archive and in a filled one; not a row and not a file is left."""
    some = ("meridian-climate", "tidewater-ledger")
    empty = counts(engine)
    report = await demo_nights.run(*some, is_rehearsal=True)
    assert (report.totals.seen, report.totals.new, report.pages.completed) == (12, 12, 5)
    assert (counts(engine), stored_files(demo_nights.home)) == (empty, {})

    await demo_nights.run(*some)
    before, files = counts(engine), stored_files(demo_nights.home)
    demo_site.night = 2
    report = await demo_nights.run(*some, is_rehearsal=True)
    assert (report.totals.seen, report.totals.new, report.totals.updated) == (13, 2, 1)
    assert (counts(engine), stored_files(demo_nights.home)) == (before, files)


async def test_the_order_of_feeds_changes_nothing(
    demo_nights: Nights, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    """Where the last feed is read first, stories that others show too come to the same."""
    other = demo_nights.elsewhere(tmp_path / "other", new_database())
    await demo_nights.run()
    await other.run("evening-quay")
    await other.run()
    expected, found = contents(demo_nights.database_url), contents(other.database_url)
    for name in expected:
        assert found[name] == expected[name], name
